/**
 * Jinja with fuel: a template may make so much and no more, whatever it loops over.
 *
 * The library has no bounds of its own. Every value that an expression gives is weighed here and
 * paid for, and the few functions whose result can be far larger than what they are given take
 * short arguments only, so that no single step between two weighings takes much memory.
 */
import { Interpreter } from "@huggingface/jinja";

/** Characters of one text. Longer prompts fit no model. */
const TEXT = 2 ** 20;
/** Weight of one list or mapping, with all it holds. */
const HOLDING = 2 ** 22;
/** Weight of all that is made in one rendering: characters, and `ENTRY` for each entry of a list. */
const FUEL = 2 ** 26;
const ENTRY = 16;
/** Characters, or the number, given to a function whose result grows with both of its arguments. */
const ARGUMENT = 64;
/** Numbers in a `range()`. */
const RANGE = 2 ** 16;
const growing: ReadonlySet<unknown> = new Set(["replace", "join", "indent", "tojson"]);

/** The library's declarations are lost to TypeScript's nodenext resolution; this is what is used of them. */
interface Value {
  readonly value: unknown;
}
interface Node {
  readonly type: string;
  readonly computed?: boolean;
  readonly property?: { readonly value: unknown };
  readonly filter?: {
    readonly type: string;
    readonly callee?: { readonly value: unknown };
    readonly args?: object;
  };
}
type Call = (given: readonly Value[], environment: unknown) => Value;
interface Evaluator {
  run(program: unknown): Value;
  /** @param node  undefined for a part of a slice that is left out */
  evaluate(node: Node | undefined, environment: unknown): Value;
  evaluateArguments(nodes: object, environment: unknown): [readonly Value[], ReadonlyMap<string, Value>];
}
const Unbounded = Interpreter as unknown as new (environment: unknown) => Evaluator;

/** @throws Error, from `run`, where the template makes too much */
export class BoundedInterpreter extends Unbounded {
  #left = FUEL;
  readonly #weights = new WeakMap<object, number>();
  /** Arguments, as they stand in the template, of filters whose result grows with them. */
  readonly #short = new WeakSet<object>();

  override evaluate(node: Node | undefined, environment: unknown): Value {
    if (node === undefined) return super.evaluate(node, environment);
    const { filter } = node;
    if (filter?.args !== undefined && growing.has(filter.callee?.value)) this.#short.add(filter.args);
    const result = super.evaluate(node, environment);
    const { value } = result;
    if (typeof value === "string") {
      if (value.length > TEXT) throw new Error("a text too long");
      this.#pay(value.length);
    } else if (typeof value === "function" && mayGrow(node)) {
      return shortCall(result, value as Call);
    } else if (typeof value === "object" && value !== null && this.#weigh(value) > HOLDING) {
      throw new Error("a list too long");
    }
    return result;
  }

  override evaluateArguments(nodes: object, environment: unknown) {
    const given = super.evaluateArguments(nodes, environment);
    if (this.#short.has(nodes)) checkShort([...given[0], ...given[1].values()]);
    return given;
  }

  /**
   * What printing a value takes: what a list or mapping holds counts twice at each level, more than
   * its indentation adds. A list is paid for when it is first seen; a namespace changes, and is weighed anew.
   */
  #weigh(value: unknown): number {
    if (typeof value === "string") return value.length;
    if (Array.isArray(value)) {
      const known = this.#weights.get(value);
      if (known !== undefined) return known;
      const weight = this.#sum(value as Value[]);
      this.#weights.set(value, weight);
      this.#pay(ENTRY * value.length);
      return weight;
    }
    return value instanceof Map ? this.#sum((value as Map<string, Value>).values()) : ENTRY;
  }

  #sum(held: Iterable<Value>): number {
    let sum = 0;
    for (const { value } of held) sum += ENTRY + 2 * this.#weigh(value);
    return sum;
  }

  #pay(weight: number): void {
    this.#left -= weight;
    if (this.#left < 0) throw new Error("more made than any prompt needs");
  }
}

/** True of a method that multiplies, and of one whose name is only known as it runs. */
function mayGrow({ type, computed, property }: Node): boolean {
  return type === "MemberExpression" && (computed === true || growing.has(property?.value));
}

/** The same method, which takes short arguments only: `text.replace(…)`, also under another name. */
function shortCall(method: Value, call: Call): Value {
  const Method = method.constructor as new (call: Call) => Value;
  return new Method((given, environment) => {
    checkShort(given);
    return call(given, environment);
  });
}

function checkShort(given: readonly Value[]): void {
  for (const { value } of given) {
    if (value instanceof Map) checkShort([...(value as Map<string, Value>).values()]);
    if (typeof value === "string" ? value.length > ARGUMENT : typeof value === "number" && value > ARGUMENT)
      throw new Error(`an argument of more than ${ARGUMENT} in a function that multiplies`);
  }
}

/** Python's `range`, of at most so many numbers. */
export function range(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (!(length <= RANGE)) throw new Error(`range() of more than ${RANGE} numbers`);
  return Array.from({ length }, (_, i) => start + i * step);
}
