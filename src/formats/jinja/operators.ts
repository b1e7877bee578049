/** Python's operators on a template's values. */
import { fail } from "./jinja-error.ts";
import { LONGEST_TEXT, str } from "./print.ts";
import { percentFormat } from "./text-format.ts";
import { limited } from "./text-methods.ts";
import {
  compare,
  contains,
  Float,
  isEqual,
  Markup,
  numberOf,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from "./values.ts";

const LONGEST_LIST = 2 ** 18;

/** What escapes a text for HTML. */
export function escaped(value: Value): Markup {
  if (value instanceof Markup) return value;
  const signs: Readonly<Record<string, string>> = {
    "&": "&amp;",
    ">": "&gt;",
    "<": "&lt;",
    "'": "&#39;",
    '"': "&#34;",
  };
  const text = str(value);
  limited(5 * text.length > LONGEST_TEXT ? text.replace(/[&<>'"]/g, "12345").length : 0);
  return new Markup(text.replace(/[&<>'"]/g, (sign) => signs[sign]!));
}

export function binary(operator: string, a: Value, b: Value): Value {
  for (const one of [a, b]) if (one instanceof Undefined) fail(`${one.what} is undefined`);
  if (operator === "+" && (a instanceof Markup || b instanceof Markup)) {
    for (const one of [a, b]) if (typeof one !== "string" && !(one instanceof Markup)) wrong(operator, a, b);
    return new Markup(escaped(a).text + escaped(b).text);
  }
  if (a instanceof Markup || b instanceof Markup)
    return fail(`${operator} of a text that was escaped is not supported`);
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined)
    return arithmetic(operator, x, y, a instanceof Float || b instanceof Float);
  if (operator === "%" && typeof a === "string") return percentFormat(a, b);
  if (operator === "+") {
    if (typeof a === "string" && typeof b === "string") {
      limited(a.length + b.length);
      return a + b;
    }
    if (Array.isArray(a) && Array.isArray(b)) return list([...(a as Value[]), ...(b as Value[])]);
    if (a instanceof Tuple && b instanceof Tuple) return new Tuple(list([...a.items, ...b.items]));
  }
  if (operator === "*") {
    const [held, times] = y === undefined ? [b, x] : [a, y];
    if (times !== undefined && !(a instanceof Float) && !(b instanceof Float))
      return repeated(held, Math.max(0, times)) ?? wrong(operator, a, b);
  }
  return wrong(operator, a, b);
}

function wrong(operator: string, a: Value, b: Value): never {
  return fail(`${typeName(a)} ${operator} ${typeName(b)} is not possible`);
}

function list(items: Value[]): Value[] {
  if (items.length > LONGEST_LIST) fail("a list too long");
  return items;
}

function repeated(held: Value, times: number): Value | undefined {
  if (typeof held === "string") {
    limited(held.length * times);
    return held.repeat(times);
  }
  const items =
    held instanceof Tuple ? held.items : Array.isArray(held) ? (held as readonly Value[]) : undefined;
  if (items === undefined) return undefined;
  if (items.length * times > LONGEST_LIST) fail("a list too long");
  const all = Array.from({ length: times }, () => items).flat(1) as Value[];
  return held instanceof Tuple ? new Tuple(all) : all;
}

function arithmetic(operator: string, x: number, y: number, isFloat: boolean): Value {
  if (["/", "//", "%"].includes(operator) && y === 0) fail("division by zero");
  const made = (value: number) => {
    if (isFloat) return new Float(value);
    return Number.isSafeInteger(value) ? value + 0 : fail("a number beyond 2^53");
  };
  switch (operator) {
    case "+":
      return made(x + y);
    case "-":
      return made(x - y);
    case "*":
      return made(x * y);
    case "/":
      return new Float(x / y);
    case "//":
      return made(Math.floor(x / y));
    case "%": {
      const rest = x % y;
      return made(rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest);
    }
    default:
      if (x < 0 && !Number.isInteger(y)) fail("a root of a number below 0");
      if (x === 0 && y < 0) fail("division by zero");
      return y < 0 ? new Float(x ** y) : made(x ** y);
  }
}

export function compared(operator: string, a: Value, b: Value): boolean {
  switch (operator) {
    case "==":
      return isEqual(a, b);
    case "!=":
      return !isEqual(a, b);
    case "in":
      return contains(b, a);
    case "not in":
      return !contains(b, a);
    case "<":
      return compare(a, b) < 0;
    case "<=":
      return compare(a, b) <= 0;
    case ">":
      return compare(a, b) > 0;
    default:
      return compare(a, b) >= 0;
  }
}

export function negated(value: Value, sign: "-" | "+"): Value {
  const number = numberOf(value);
  if (number === undefined)
    return fail(
      value instanceof Undefined ? `${value.what} is undefined` : `${sign}${typeName(value)} is not possible`,
    );
  const result = sign === "-" ? -number : number;
  return value instanceof Float ? new Float(result) : result + 0;
}
