/**
 * `json`: the answer is JSON that says what the reference says; the order of keys does not count.
 *
 *   fields               of an object, those that are compared; left out, all, and no others may be there
 *   absolute, relative   how far numbers may be off
 *   ignore_case          of texts
 *
 * Read is the last fenced block, or else everything that is said, or the object or list in it.
 */
import type { Problem } from "../../types.ts";
import { isNear, type Tolerance } from "./number.ts";
import { noReference, plain, spoken } from "./said.ts";
import { type JudgeByName, readSettings } from "./settings.ts";

const kinds = { fields: "list", absolute: "number", relative: "number", ignore_case: "flag" } as const;

export function json(given: string): JudgeByName {
  const settings = readSettings("json", kinds, given);
  return {
    goldForms: ({ answer }: Problem) => (answer.trim() === "" ? [] : [answer]),
    judge: (problem, answer) => {
      if (problem.answer.trim() === "") return noReference;
      const gold = parsed(problem.answer);
      if (gold === undefined) return { kind: "error", because: "the reference answer is no JSON" };
      const said = jsonIn(spoken(answer));
      if (said === undefined) return { kind: "wrong", because: "there is no JSON in the answer" };
      const { fields, ...own } = settings.of(problem);
      const [expected, got] = fields
        ? [picked(gold.value, fields), picked(said.value, fields)]
        : [gold.value, said.value];
      const because = difference(expected, got, own, "");
      const extracted = JSON.stringify(said.value);
      return because === undefined
        ? { kind: "right", because: "the same JSON", extracted }
        : { kind: "wrong", because, extracted };
    },
  };
}

/** The JSON of a text, in an object so that `null` can be told from none. */
export function jsonIn(text: string): { readonly value: unknown } | undefined {
  const fenced = [...text.matchAll(/```[^\n]*\n([\s\S]*?)```/g)].at(-1)?.[1];
  const whole = fenced ?? text;
  const begin = whole.search(/[[{]/);
  const end = Math.max(whole.lastIndexOf("}"), whole.lastIndexOf("]"));
  return parsed(whole) ?? (begin >= 0 ? parsed(whole.slice(begin, end + 1)) : undefined);
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

type Rows = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Rows =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function picked(value: unknown, fields: readonly string[]): unknown {
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).filter(([key]) => fields.includes(key)))
    : value;
}

type Likeness = Tolerance & { readonly ignore_case?: boolean };

/** The first place where two values differ, in words; undefined where they do not. */
function difference(gold: unknown, got: unknown, own: Likeness, at: string): string | undefined {
  const place = at === "" ? "the value" : at;
  if (typeof gold === "number" && typeof got === "number" && isNear(gold, got, own)) return undefined;
  if (typeof gold === "string" && typeof got === "string" && plain(gold, own) === plain(got, own))
    return undefined;
  if (Array.isArray(gold) && Array.isArray(got)) {
    if (gold.length !== got.length) return `${place} has ${got.length} items, not ${gold.length}`;
    return first(gold.keys(), (i) => difference(gold[i], got[i], own, `${at}[${i}]`));
  }
  if (isObject(gold) && isObject(got)) {
    const inner = (key: string) => (at === "" ? key : `${at}.${key}`);
    const strange = Object.keys(got).find((key) => !Object.hasOwn(gold, key));
    const missing = Object.keys(gold).find((key) => !Object.hasOwn(got, key));
    if (missing !== undefined) return `${inner(missing)} is missing`;
    if (strange !== undefined) return `${inner(strange)} is not asked for`;
    return first(Object.keys(gold), (key) => difference(gold[key], got[key], own, inner(key)));
  }
  return gold === got
    ? undefined
    : `${place} is ${JSON.stringify(got).slice(0, 80)}, not ${JSON.stringify(gold).slice(0, 80)}`;
}

function first<T>(items: Iterable<T>, of: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = of(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
