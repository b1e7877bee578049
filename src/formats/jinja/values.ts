/**
 * The values of a template, as Python has them.
 *
 *   None null · bool boolean · int number · float Float · str string · list array · tuple Tuple · dict Dict
 *
 * The rest are objects that only templates make: undefined, namespaces, functions, ranges, iterators.
 */
import { fail } from "./jinja-error.ts";
import { characters, lengthOf } from "./python-text.ts";

export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | Float
  | Tuple
  | Dict
  | Undefined
  | Callable
  | Namespace
  | Iterator
  | View
  | Range
  | Markup
  | Attributes;

export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export class Tuple {
  readonly items: readonly Value[];
  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** A mapping in the order of its keys; 1, 1.0 and true are one key. */
export class Dict {
  readonly #entries = new Map<string, readonly [Value, Value]>();

  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of entries) {
      const hash = hashOf(key);
      this.#entries.set(hash, [this.#entries.get(hash)?.[0] ?? key, value]);
    }
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: Value): boolean {
    return this.#entries.has(hashOf(key));
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(hashOf(key))?.[1];
  }

  entries(): readonly (readonly [Value, Value])[] {
    return [...this.#entries.values()];
  }

  keys(): Value[] {
    return this.entries().map(([key]) => key);
  }
}

/** What is not there. It prints as nothing, and whoever reads on in it is told its name. */
export class Undefined {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

/** The value, or what stands for it where there is none; None is a value. */
export function orElse(value: Value | undefined, absent: () => Value): Value {
  return value === undefined ? absent() : value;
}

export type Named = ReadonlyMap<string, Value>;

export class Callable {
  readonly name: string;
  readonly call: (given: readonly Value[], named: Named) => Value;
  /** What is read of it by name, as of a macro. */
  readonly attributes: ReadonlyMap<string, Value>;
  constructor(name: string, call: Callable["call"], attributes: ReadonlyMap<string, Value> = new Map()) {
    this.name = name;
    this.call = call;
    this.attributes = attributes;
  }
}

/** The one thing that a template can change. */
export class Namespace {
  readonly attributes = new Map<string, Value>();
}

/** Values that are read by name, as `loop`; a list of items where it can be taken apart too. */
export class Attributes {
  readonly get: (name: string) => Value | undefined;
  readonly items?: readonly Value[];
  /** Where it can be called too. */
  readonly call?: Callable["call"];
  constructor(get: Attributes["get"], items?: readonly Value[], call?: Callable["call"]) {
    this.get = get;
    if (items) this.items = items;
    if (call) this.call = call;
  }
}

/** What can be gone through once, as `map` and `select` give it. */
export class Iterator {
  #left: Value[];
  constructor(items: readonly Value[]) {
    this.#left = [...items];
  }

  /** Those that are left. */
  take(): Value[] {
    const left = this.#left;
    this.#left = [];
    return left;
  }

  /** The first that is left, taken. */
  next(): Value | undefined {
    return this.#left.shift();
  }
}

/** `dict.keys()` and its like. */
export class View {
  readonly kind: "keys" | "values" | "items";
  readonly items: readonly Value[];
  constructor(kind: View["kind"], items: readonly Value[]) {
    this.kind = kind;
    this.items = items;
  }
}

const LONGEST_RANGE = 100_000;

export class Range {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly length: number;

  constructor(start: number, stop: number, step: number) {
    if (step === 0) fail("range() with a step of 0");
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.length = Math.max(0, Math.ceil((stop - start) / step));
    if (this.length > LONGEST_RANGE) fail(`range() of more than ${LONGEST_RANGE} numbers`);
  }

  items(): number[] {
    return Array.from({ length: this.length }, (_, i) => this.start + i * this.step);
  }
}

/** Text that was escaped for HTML: whatever is added to it is escaped too. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export function typeName(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "int";
  if (typeof value === "string") return "str";
  if (Array.isArray(value)) return "list";
  if (value instanceof View) return `dict_${value.kind}`;
  const names = { Float: "float", Tuple: "tuple", Dict: "dict", Callable: "function" } as const;
  const { name } = value.constructor;
  return (names as Readonly<Record<string, string>>)[name] ?? name.toLowerCase();
}

/** The number of an int, float or bool; undefined for others. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return value instanceof Float ? value.value : undefined;
}

/** An int as Python's, or an error that says what it is for. */
export function intOf(value: Value, what: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return fail(`expected an int for ${what}, got ${typeName(value)}`);
}

export function textOf(value: Value, what: string): string {
  if (typeof value === "string") return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof Undefined) return fail(`${value.what} is undefined`);
  return fail(`expected text for ${what}, got ${typeName(value)}`);
}

export function isTrue(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false;
  if (typeof value === "string") return value !== "";
  if (value instanceof Markup) return value.text !== "";
  if (value instanceof Range || Array.isArray(value)) return value.length > 0;
  if (value instanceof Dict) return value.size > 0;
  if (value instanceof Tuple || value instanceof View) return value.items.length > 0;
  return (numberOf(value) ?? 1) !== 0;
}

/** What a loop over a value goes through. */
export function itemsOf(value: Value): readonly Value[] {
  if (typeof value === "string") return Array.from(value);
  if (Array.isArray(value)) return value as readonly Value[];
  if (value instanceof Tuple || value instanceof View) return value.items;
  if (value instanceof Dict) return value.keys();
  if (value instanceof Iterator) return value.take();
  if (value instanceof Range) return value.items();
  if (value instanceof Undefined) return [];
  if (value instanceof Markup) return Array.from(value.text);
  if (value instanceof Attributes && value.items) return value.items;
  return fail(`${typeName(value)} cannot be looped over`);
}

/** Python's `len`. */
export function sizeOf(value: Value): number {
  if (typeof value === "string") return lengthOf(value);
  if (value instanceof Dict) return value.size;
  if (value instanceof Iterator) return fail("an iterator has no length; make it a list first");
  return value instanceof Range ? value.length : itemsOf(value).length;
}

export function isEqual(a: Value, b: Value): boolean {
  if (a === b) return true;
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined || y !== undefined) return x === y;
  const [s, t] = [a instanceof Markup ? a.text : a, b instanceof Markup ? b.text : b];
  if (typeof s === "string" || typeof t === "string") return s === t;
  if (Array.isArray(a)) return Array.isArray(b) && areEqual(a as readonly Value[], b as readonly Value[]);
  if (a instanceof Tuple) return b instanceof Tuple && areEqual(a.items, b.items);
  if (a instanceof Range) return b instanceof Range && areEqual(a.items(), b.items());
  if (a instanceof Dict)
    return (
      b instanceof Dict &&
      a.size === b.size &&
      a.entries().every(([key, value]) => b.has(key) && isEqual(value, b.get(key)!))
    );
  return a instanceof Undefined && b instanceof Undefined;
}

function areEqual(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((item, i) => isEqual(item, b[i]!));
}

/** Below 0, 0 or above, as Python orders. @throws JinjaError where it does not order them */
export function compare(a: Value, b: Value): number {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x - y;
  const [s, t] = [a instanceof Markup ? a.text : a, b instanceof Markup ? b.text : b];
  if (typeof s === "string" && typeof t === "string") return compareText(s, t);
  const lists = [a, b].map((one) =>
    Array.isArray(one) ? (one as readonly Value[]) : one instanceof Tuple ? one.items : undefined,
  );
  if (lists[0] && lists[1] && Array.isArray(a) === Array.isArray(b)) {
    const [first, second] = lists as [readonly Value[], readonly Value[]];
    for (let i = 0; i < Math.min(first.length, second.length); i++)
      if (!isEqual(first[i]!, second[i]!)) return compare(first[i]!, second[i]!);
    return first.length - second.length;
  }
  for (const one of [a, b]) if (one instanceof Undefined) fail(`${one.what} is undefined`);
  return fail(`${typeName(a)} and ${typeName(b)} have no order`);
}

/** By code points, not by the halves of a pair. */
function compareText(a: string, b: string): number {
  const [x, y] = [characters(a), characters(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++)
    if (x[i] !== y[i]) return x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
  return x.length - y.length;
}

/** Python's `in`. */
export function contains(held: Value, value: Value): boolean {
  if (held instanceof Markup) return contains(held.text, value);
  if (typeof held === "string") return held.includes(textOf(value, "a search in text"));
  if (held instanceof Dict) return held.has(value);
  return itemsOf(held).some((item) => isEqual(item, value));
}

/** What equal keys have in common. */
export function hashOf(key: Value): string {
  const number = numberOf(key);
  if (number !== undefined) return `n${number}`;
  if (typeof key === "string") return `s${key}`;
  if (key instanceof Markup) return `s${key.text}`;
  if (key === null || key instanceof Undefined) return `${key}`;
  if (key instanceof Tuple) return `t${JSON.stringify(key.items.map(hashOf))}`;
  return fail(`${typeName(key)} cannot be a key`);
}

/** JSON → a value; what is undefined in JavaScript has no key. */
export function fromJson(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return Number.isInteger(value) ? value : new Float(value);
  if (typeof value !== "object") return value as boolean | string;
  if (Array.isArray(value)) return value.map(fromJson);
  return new Dict(
    Object.entries(value)
      .filter(([, held]) => held !== undefined)
      .map(([key, held]) => [key, fromJson(held)]),
  );
}
