/** Answers drawn at random from what the masks allow satisfy their schema, as Zod judges it; what is not kept to is refused. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { jsonSchemaGrammar } from "../../src/engine/grammar/json-schema.ts";
import { canSpellWith, type Spelling } from "../../src/engine/grammar/spelling.ts";
import { TokenMasks } from "../../src/engine/grammar/token-masks.ts";
import { uniform } from "../../src/engine/random.ts";
import { byteLetters } from "../../src/formats/tokenizer/byte-level.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import { tokenBytes } from "../../src/formats/tokenizer/token-bytes.ts";
import { makeTokenizer, type Tokenizer } from "../../src/formats/tokenizer/tokenizer.ts";
import { processorTime } from "../processor-time.ts";
import { schemas, unbounded } from "./schemas.ts";

const fixture = new URL("../fixtures/tokenizers/byte-fallback.json", import.meta.url);
/** Every byte, and some that go over the seams of JSON and of characters. */
const pieces = [
  '{"',
  '":',
  '", "',
  '"}',
  "}]",
  "[{",
  ": ",
  ',"',
  "\n  ",
  "true",
  "null",
  "12",
  "0.",
  "e",
  "é",
  "名",
  "\\u00",
  "d8",
];
const byteLevel = makeTokenizer({
  where: "byte-level",
  tokenizer: {
    ...characterTokenizer([]).files.tokenizer,
    decoder: { type: "ByteLevel" },
    model: {
      type: "BPE",
      merges: [],
      vocab: Object.fromEntries(
        [
          "<|eos|>",
          "<|unk|>",
          ...byteLetters,
          ...pieces.map((piece) => [...Buffer.from(piece)].map((byte) => byteLetters[byte]).join("")),
        ]
          .filter((token, i, all) => all.indexOf(token) === i)
          .map((token, id) => [token, id]),
      ),
    },
  },
  config: characterTokenizer([]).files.config,
});
const tokenizers: Readonly<Record<string, Tokenizer>> = {
  "of characters": characterTokenizer(["grün größe赤名前花子太郎\u2028\t"]),
  "of bytes": byteLevel,
  "of pieces and bytes": makeTokenizer({
    ...JSON.parse(readFileSync(fixture, "utf8")),
    where: "byte-fallback",
  }),
};

const EOS = (tokenizer: Tokenizer) => tokenizer.eosIds[0]!;
const has = (mask: Uint32Array, id: number) => ((mask[id >> 5]! >>> (id & 31)) & 1) === 1;

interface Vocabulary {
  readonly tokenizer: Tokenizer;
  readonly spelling: Spelling;
  readonly masks: TokenMasks;
}

function vocabularyOf(tokenizer: Tokenizer): Vocabulary {
  const spelling = tokenBytes(tokenizer);
  return { tokenizer, spelling, masks: new TokenMasks(spelling, tokenizer.vocabulary, [EOS(tokenizer)]) };
}

/** The texts of answers drawn from what is allowed, each token as likely as another, the end rather than more. */
function draw({ tokenizer, spelling, masks }: Vocabulary, schema: unknown, count: number): string[] {
  const grammar = jsonSchemaGrammar(schema, canSpellWith(spelling));
  const all = Array.from({ length: tokenizer.vocabulary }, (_, id) => id);
  const closers = new Set(all.filter((id) => /^["}\]]+$/.test(tokenizer.decode([id]))));
  return Array.from({ length: count }, (_, answer) => {
    const walk = masks.begin(grammar);
    const tokens: number[] = [];
    for (let at = 0; at < 20_000; at++) {
      const mask = walk.allowed();
      expect(mask, tokenizer.decode(tokens)).toBeDefined();
      const ids = all.filter((id) => has(mask!, id));
      // strings and lists would go on for very long
      const closing = ids.filter((id) => closers.has(id));
      const among = closing.length > 0 && uniform(1, answer, 0, 1, at) < 0.3 ? closing : ids;
      const id = among[Math.floor(uniform(1, answer, 0, 0, at) * among.length)]!;
      if (id === EOS(tokenizer)) break;
      tokens.push(id);
      walk.take(id);
    }
    return tokenizer.decode(tokens);
  });
}

describe.each(Object.entries(tokenizers))("a tokenizer %s", (_, tokenizer) => {
  const vocabulary = vocabularyOf(tokenizer);

  test.each(Object.entries({ ...schemas, ...unbounded }))("%s: every answer satisfies it", (_, schema) => {
    const valid = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    const texts = draw(vocabulary, schema, 25);
    for (const text of texts) {
      const { success, error } = valid.safeParse(JSON.parse(text));
      expect(success, `${text}\n${error}`).toBe(true);
    }
    expect(new Set(texts).size).toBeGreaterThan(1);
  });

  test("the bytes of tokens are those of the texts that it decodes", () => {
    const texts = ['{"a": [1.5e-3, "b c"]}', "  two  spaces", "aé名\n\t", "déjà vu"];
    for (const text of texts) {
      const ids = [...tokenizer.encode(`x${text}`)].slice(0);
      const { bytes, ends } = vocabulary.spelling;
      const joined = ids.map((id) => Buffer.from(bytes.subarray(id === 0 ? 0 : ends[id - 1], ends[id])));
      expect(Buffer.concat(joined).toString().trimStart()).toBe(tokenizer.decode(ids).trimStart());
    }
  });
});

const characters = vocabularyOf(characterTokenizer([]));
const canSpell = canSpellWith(characters.spelling);

/** Whether a text is an answer of a schema's grammar, from its first token to its end. */
function isAnswer(schema: unknown, text: string): boolean {
  const walk = characters.masks.begin(jsonSchemaGrammar(schema, canSpell));
  for (const id of characters.tokenizer.encode(text)) {
    const mask = walk.allowed();
    if (mask === undefined || !has(mask, id)) return false;
    walk.take(id);
  }
  const mask = walk.allowed();
  return mask !== undefined && has(mask, EOS(characters.tokenizer));
}

test("answers may be written close or with lines and blanks, members left out in order", () => {
  const schema = {
    type: "object",
    properties: {
      a: { type: "integer" },
      b: { type: "string" },
      c: { type: "array", items: { type: "number" } },
    },
    required: ["a"],
  };
  const taken = [
    '{"a":1}',
    '{"a": 1, "c": [1, 2.50, -3e-2]}',
    '{\n  "a": 1,\n  "b": "x\\n\\u00e9\\ud83d\\ude00",\n  "c": []\n}',
  ];
  for (const text of taken) expect(isAnswer(schema, text), text).toBe(true);
  const refused = [
    '{"b": "x"}',
    '{"c": [], "a": 1}',
    '{"a": 01}',
    '{"a": 1,}',
    '{"a": 1} ',
    '{"a": 1, "b": "\\ud83d"}',
    '{"a": 1, "d": 2}',
    "{}",
  ];
  for (const text of refused) expect(isAnswer(schema, text), text).toBe(false);
});

test("a constant that is an object is written as it is", () => {
  expect(isAnswer({ const: { x: [1, "a"] } }, '{"x":[1,"a"]}')).toBe(true);
  expect(isAnswer({ const: null }, "null")).toBe(true);
  expect(isAnswer({ type: "boolean", nullable: true }, "null")).toBe(true);
  expect(isAnswer({ enum: ["a"], nullable: true }, "null")).toBe(false);
  expect(isAnswer({ enum: [1, "1"], type: "string" }, "1")).toBe(false);
});

test.each([
  [{ minimum: 7, maximum: 1203 }, [7, 10, 99, 100, 999, 1203], [6, 1204, -7, 70_000]],
  [{ minimum: -105, maximum: -9 }, [-9, -10, -99, -100, -105], [-8, -106, 9, 100]],
  [{ exclusiveMinimum: -1, exclusiveMaximum: 20 }, [0, 9, 19], [-1, 20, 190]],
])("whole numbers within %j", (bounds, inside, outside) => {
  const schema = { type: "integer", ...bounds };
  for (const value of inside) expect(isAnswer(schema, String(value)), String(value)).toBe(true);
  for (const value of outside) expect(isAnswer(schema, String(value)), String(value)).toBe(false);
});

test("a member that is said is not written again by another name of it", () => {
  const schema = {
    type: "object",
    properties: { id: { type: "integer" } },
    required: ["id"],
    additionalProperties: true,
  };
  for (const text of [
    '{"id": 1, "idx": 2}',
    '{"id": 1, "i": "x"}',
    '{"id": 1, "": null}',
    '{"id": 1, "jd": {}}',
  ])
    expect(isAnswer(schema, text), text).toBe(true);
  for (const text of ['{"id": 1, "id": "x"}', '{"id": 1, "\\u0069d": "x"}'])
    expect(isAnswer(schema, text), text).toBe(false);
});

const deep = (levels: number): unknown => (levels === 0 ? true : { type: "array", items: deep(levels - 1) });
const doubled = Object.fromEntries(
  Array.from({ length: 40 }, (_, i) => {
    const next = { $ref: `#/$defs/d${i + 1}` };
    return [`d${i}`, { type: "object", properties: { a: next, b: next }, required: ["a", "b"] }];
  }),
);

test.each<[string, unknown, RegExp]>([
  [
    "an unknown keyword",
    { type: "string", pattern: "^a" },
    /#: expected keywords that are kept to, got pattern/,
  ],
  [
    "one within",
    { properties: { "a/b": { type: "array", uniqueItems: true } } },
    /#\/properties\/a~1b: .* got uniqueItems/,
  ],
  ["no schema", 5, /expected a schema/],
  ["a keyword of the wrong kind", { type: "text" }, /#\/type/],
  ["several that must all hold", { allOf: [{ type: "object" }, { type: "object" }] }, /several at once/],
  ["some that may overlap", { oneOf: [{ type: "integer" }, { type: "number" }] }, /may overlap/],
  ["a reference elsewhere", { $ref: "https://example.com/schema" }, /a place within this schema/],
  ["a reference to nothing", { $ref: "#/$defs/none" }, /a place in the schema/],
  ["what narrows a reference", { $ref: "#/$defs/a", minLength: 3, $defs: { a: {} } }, /minLength beside it/],
  ["what is never satisfied", { type: "integer", minimum: 3, maximum: 2 }, /no answer/],
  ["a reference to itself alone", { $ref: "#" }, /no answer/],
  [
    "an object within itself for ever",
    { type: "object", properties: { a: { $ref: "#" } }, required: ["a"] },
    /no answer/,
  ],
  ["a word that no token spells", { enum: ["é"] }, /no answer in this model's tokens/],
  ["a list without end", { type: "array", items: true, minItems: 10 ** 9 }, /65536 bytes/],
  ["twice as much at each level", { $ref: "#/$defs/d0", $defs: { ...doubled, d40: true } }, /65536 bytes/],
  ["many levels", deep(200), /64 levels/],
  [
    "more levels than a stack has",
    JSON.parse(`${'{"items":'.repeat(100_000)}{}${"}".repeat(100_000)}`),
    /levels/,
  ],
  ["a megabyte", { enum: Array.from({ length: 100_000 }, (_, i) => `word ${i}`) }, /letters/],
  [
    "too many parts",
    {
      type: "object",
      properties: Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [i.toString(36), true])),
    },
    /parts/,
  ],
])("refused by name: %s", (_, schema, message) => {
  const seconds = processorTime();
  expect(() => jsonSchemaGrammar(schema, canSpell)).toThrow(message);
  expect(seconds()).toBeLessThan(5);
});

test("a schema of more and more possibilities is left off in bounded time, and is no error", () => {
  const either = (i: number) => ({ type: "array", items: { $ref: "#" }, maxItems: i });
  const schema = { anyOf: Array.from({ length: 60 }, (_, i) => either(2 + i)) };
  const walk = characters.masks.begin(jsonSchemaGrammar(schema, canSpell));
  const [open] = characters.tokenizer.encode("[");
  const seconds = processorTime();
  let depth = 0;
  for (; depth < 30 && walk.allowed() !== undefined; depth++) walk.take(open!);
  expect(depth).toBeLessThan(30);
  expect(seconds()).toBeLessThan(20);
});
