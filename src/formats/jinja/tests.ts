/** Jinja2's tests: `value is name`. */
import { compared } from "./operators.ts";
import { str } from "./print.ts";
import type { Parameter } from "./signature.ts";
import { textMethods } from "./text-methods.ts";
import {
  Attributes,
  Callable,
  Dict,
  Float,
  Iterator,
  intOf,
  Markup,
  numberOf,
  Range,
  Tuple,
  Undefined,
  type Value,
  View,
} from "./values.ts";

export interface TemplateTest {
  readonly parameters: readonly Parameter[];
  readonly run: (value: Value, ...given: Value[]) => boolean;
}

const test = (run: TemplateTest["run"], ...parameters: readonly Parameter[]): TemplateTest => ({
  parameters,
  run,
});
const comparison = (operator: string) => test((a, b) => compared(operator, a, b!), "other");
const isText = (value: Value) => typeof value === "string" || value instanceof Markup;
const hasLength = (value: Value) =>
  isText(value) ||
  Array.isArray(value) ||
  value instanceof Tuple ||
  value instanceof Dict ||
  value instanceof Range ||
  value instanceof Undefined;

export const tests: Readonly<Record<string, TemplateTest>> = {
  odd: test((value) => Math.abs(intOf(value, "odd")) % 2 === 1),
  even: test((value) => intOf(value, "even") % 2 === 0),
  divisibleby: test((value, by) => intOf(value, "divisibleby") % intOf(by!, "divisibleby") === 0, "num"),
  defined: test((value) => !(value instanceof Undefined)),
  undefined: test((value) => value instanceof Undefined),
  none: test((value) => value === null),
  boolean: test((value) => typeof value === "boolean"),
  false: test((value) => value === false),
  true: test((value) => value === true),
  integer: test((value) => typeof value === "number"),
  float: test((value) => value instanceof Float),
  number: test((value) => numberOf(value) !== undefined),
  lower: test((value) => textMethods.islower!.run(str(value)) === true),
  upper: test((value) => textMethods.isupper!.run(str(value)) === true),
  string: test(isText),
  mapping: test((value) => value instanceof Dict),
  sequence: test((value) => hasLength(value)),
  iterable: test(
    (value) =>
      hasLength(value) ||
      value instanceof Iterator ||
      value instanceof View ||
      (value instanceof Attributes && value.items !== undefined),
  ),
  callable: test((value) => value instanceof Callable || value instanceof Undefined),
  sameas: test(
    (value, other) =>
      value === other || (value instanceof Float && other instanceof Float && value.value === other.value),
    "other",
  ),
  escaped: test((value) => value instanceof Markup),
  in: test((value, held) => compared("in", value, held!), "seq"),
  eq: comparison("=="),
  equalto: comparison("=="),
  "==": comparison("=="),
  ne: comparison("!="),
  "!=": comparison("!="),
  gt: comparison(">"),
  greaterthan: comparison(">"),
  ">": comparison(">"),
  ge: comparison(">="),
  ">=": comparison(">="),
  lt: comparison("<"),
  lessthan: comparison("<"),
  "<": comparison("<"),
  le: comparison("<="),
  "<=": comparison("<="),
};
