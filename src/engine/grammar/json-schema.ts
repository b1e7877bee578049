/**
 * A JSON schema → the grammar of answers that satisfy it.
 *
 * Every answer of the grammar is valid; not every valid answer is in it. Members come in the order of the schema, and
 * where it leaves unsaid whether there may be others there are none. What cannot be kept to is refused by name, and so is
 * a schema that is too large: it comes from whoever asks.
 */
import { SchemaError } from "../../errors.ts";
import { type Grammar, GrammarBuilder } from "./grammar.ts";
import { JsonGrammar } from "./json-grammar.ts";
import { integersWithin, numbersWithin } from "./number-ranges.ts";
import { check, fault, type JsonSchema, type SchemaKeywords } from "./schema-keywords.ts";
import { areApart } from "./schemas-apart.ts";
import type { CanSpell } from "./spelling.ts";

/** Of a grammar: a member that may be left out takes six. */
const MOST_NODES = 30_000;
const MOST_LETTERS = 2 ** 17;
const DEEPEST = 64;
/** A schema whose shortest answer is longer is not worth beginning. */
const MOST_LEAST_BYTES = 2 ** 16;

/** Any JSON object. */
export function jsonObjectGrammar(canSpell: CanSpell): Grammar {
  return jsonSchemaGrammar({ type: "object" }, canSpell);
}

/**
 * The grammar of a schema: JSON Schema's keywords as docs/serve.md lists them.
 *
 * @throws SchemaError naming the place and the keyword that is not kept to, or what is too large, too deep or never satisfied
 */
export function jsonSchemaGrammar(schema: unknown, canSpell: CanSpell): Grammar {
  const letters = lettersOf(schema);
  if (letters > MOST_LETTERS) throw tooLarge(`${letters} letters`, `${MOST_LETTERS} letters`);
  const { grammar, leastBytes } = new SchemaReader(schema).read(canSpell);
  if (leastBytes > MOST_LEAST_BYTES)
    throw new SchemaError({
      where: "#",
      expected: `a schema that an answer of ${MOST_LEAST_BYTES} bytes can satisfy`,
      got:
        leastBytes === Infinity
          ? "one that no answer in this model's tokens was found for"
          : `one of ${leastBytes} bytes or more`,
      next: "Let what refers to itself be optional, or an item of a list that may be empty.",
    });
  return grammar;
}

function lettersOf(schema: unknown): number {
  try {
    return JSON.stringify(schema)?.length ?? 0;
  } catch {
    // it is nested deeper than the stack
    throw tooLarge("more levels than can be counted", `${DEEPEST} levels`);
  }
}

class SchemaReader {
  readonly #root: unknown;
  readonly #build = new GrammarBuilder((nodes) => {
    if (nodes > MOST_NODES)
      throw tooLarge(`more than ${MOST_NODES} parts`, "fewer members, words and nested schemas");
  });
  readonly #json = new JsonGrammar(this.#build);
  /** By pointer: the node, which is said once the schema there is read. */
  readonly #referred = new Map<string, number>();
  readonly #unread: string[] = [];

  constructor(root: unknown) {
    this.#root = root;
  }

  read(canSpell: CanSpell) {
    const root = this.#refer("#");
    for (let pointer = this.#unread.pop(); pointer !== undefined; pointer = this.#unread.pop())
      this.#build.define(this.#referred.get(pointer)!, this.#value(find(this.#root, pointer), pointer, 0));
    return this.#build.finish(root, canSpell);
  }

  #refer(pointer: string): number {
    let node = this.#referred.get(pointer);
    if (node === undefined) {
      node = this.#build.reserve();
      this.#referred.set(pointer, node);
      this.#unread.push(pointer);
    }
    return node;
  }

  #value(given: unknown, where: string, depth: number): number {
    if (depth > DEEPEST) throw tooLarge(`more than ${DEEPEST} levels`, `${DEEPEST} levels; $ref begins anew`);
    const schema = check(given, where);
    if (typeof schema === "boolean") return schema ? this.#json.any : this.#build.choice([]);
    const own = this.#without(schema, where, depth);
    // as OpenAPI has it: beside an enum null is one of its values, or not
    const isNullable = schema.nullable === true && schema.enum === undefined && !("const" in schema);
    return isNullable ? this.#build.choice([own, this.#json.null]) : own;
  }

  #without(schema: SchemaKeywords, where: string, depth: number): number {
    const { $ref, anyOf, oneOf, allOf } = schema;
    if ($ref !== undefined) return this.#refer($ref);
    const values = "const" in schema ? [schema.const] : schema.enum;
    if (values !== undefined) {
      const types = [schema.type ?? []].flat();
      const own = values.filter((value) => types.length === 0 || types.some((type) => isOf(value, type)));
      return this.#build.words(own.map((value) => JSON.stringify(value)));
    }
    if (oneOf !== undefined && !areApart(oneOf.map((one) => this.#behind(one))))
      throw fault(`${where}/oneOf`, "schemas of which no value satisfies two", "some that may overlap");
    const among = anyOf ?? oneOf ?? allOf;
    if (among !== undefined) {
      const name = anyOf !== undefined ? "anyOf" : oneOf !== undefined ? "oneOf" : "allOf";
      return this.#build.choice(among.map((one, i) => this.#value(one, `${where}/${name}/${i}`, depth + 1)));
    }
    const types = [schema.type ?? impliedType(schema) ?? []].flat();
    if (types.length === 0) return this.#json.any;
    return this.#build.choice(types.map((type) => this.#typed(type, schema, where, depth)));
  }

  /** A schema, or the one that it refers to. */
  #behind(schema: unknown): unknown {
    const { $ref } = (schema ?? {}) as SchemaKeywords;
    return typeof $ref === "string" && $ref.startsWith("#") ? find(this.#root, $ref) : schema;
  }

  #typed(type: string, schema: SchemaKeywords, where: string, depth: number): number {
    const json = this.#json;
    if (type === "object") return this.#object(schema, where, depth);
    if (type === "array") return this.#array(schema, where, depth);
    if (type === "string") return json.string(schema.minLength ?? 0, schema.maxLength);
    if (type === "boolean") return json.boolean;
    if (type === "null") return json.null;
    const bounded = bounds.some((name) => schema[name] !== undefined);
    if (type === "integer") return bounded ? integersWithin(json, schema) : json.integer;
    return bounded ? numbersWithin(json, schema) : json.number;
  }

  #object(schema: SchemaKeywords, where: string, depth: number): number {
    const { properties = {}, required = [], additionalProperties } = schema;
    const json = this.#json;
    const names = Object.keys(properties);
    const member = (name: string, value: number) =>
      json.member(this.#build.literal(JSON.stringify(name)), value);
    const members = names.map((name) => ({
      member: member(
        name,
        this.#value(properties[name], `${where}/properties/${pointerPart(name)}`, depth + 1),
      ),
      optional: !required.includes(name),
    }));
    const isOpen = additionalProperties ?? (schema.properties === undefined && required.length === 0);
    const others =
      isOpen === false ? undefined : this.#value(isOpen, `${where}/additionalProperties`, depth + 1);
    const unlisted = [...new Set(required)].filter((name) => !Object.hasOwn(properties, name));
    const unsaid = additionalProperties === undefined ? json.any : (others ?? this.#build.choice([]));
    for (const name of unlisted) members.push({ member: member(name, unsaid), optional: false });
    if (others === undefined) return json.object(members);
    const taken = [...names, ...unlisted];
    const name = taken.length === 0 ? json.string(0) : json.stringOtherThan(taken);
    return json.object(members, json.member(name, others));
  }

  #array(schema: SchemaKeywords, where: string, depth: number): number {
    const { prefixItems = [], items = true, minItems = 0, maxItems } = schema;
    const first = prefixItems.map((item, i) => this.#value(item, `${where}/prefixItems/${i}`, depth + 1));
    // a list of items that are not said to be any has those that are said
    const isClosed = items === false || (prefixItems.length > 0 && schema.items === undefined);
    const others = isClosed ? undefined : this.#value(items, `${where}/items`, depth + 1);
    return this.#json.list(first, others, minItems, maxItems);
  }
}

const bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] as const;

/** The type whose keywords a schema has. */
function impliedType(schema: SchemaKeywords): string | undefined {
  const has = (...names: readonly (keyof SchemaKeywords)[]) =>
    names.some((name) => schema[name] !== undefined);
  if (has("properties", "required", "additionalProperties")) return "object";
  if (has("items", "prefixItems", "minItems", "maxItems")) return "array";
  if (has("minLength", "maxLength")) return "string";
  return has(...bounds) ? "number" : undefined;
}

function isOf(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return type === "integer" ? Number.isInteger(value) : typeof value === type;
}

/** What a pointer leads to within a schema. @throws SchemaError where there is nothing */
function find(root: unknown, pointer: string): JsonSchema {
  let found: unknown = root;
  for (const part of pointer
    .slice(2)
    .split("/")
    .filter((part) => part !== "")) {
    const name = pointerName(part);
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name))
      throw new SchemaError({
        where: pointer,
        expected: "a place in the schema",
        got: "none of that name",
        next: "Refer to what is under $defs, as in #/$defs/name.",
      });
    found = (found as Record<string, unknown>)[name];
  }
  return found as JsonSchema;
}

const pointerPart = (name: string) => name.replaceAll("~", "~0").replaceAll("/", "~1");

function pointerName(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return part;
  }
}

const tooLarge = (got: string, expected: string): SchemaError =>
  new SchemaError({
    where: "#",
    expected: `a schema of at most ${expected}`,
    got,
    next: "Ask for less at once.",
  });
