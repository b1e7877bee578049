/**
 * What a judge by name is told: after its name for the whole run, or by a row for itself.
 *
 *   choice:choices=billing|refund   number:relative=0.01   match:ignore_case,ignore_punctuation
 *
 * A row says it in its column `options`, as { "relative": 0.05 }, and is heard before the name.
 */
import { VerifierError } from "../../../errors.ts";
import type { Problem, Verifier } from "../../types.ts";

/** A judge with its settings; its name and whether it reads references are in the table of verifiers. */
export type JudgeByName = Omit<Verifier, "name" | "readsReference"> & {
  /** An answer written as this judge asks for it, whatever else is asked of it. */
  readonly inForm?: (answer: string) => string;
};

interface Values {
  readonly flag: boolean;
  /** From 0 up. */
  readonly number: number;
  /** After a name the items stand between bars: `a|b|c`. */
  readonly list: readonly string[];
  readonly text: string;
}

export type Kinds = Readonly<Record<string, keyof Values>>;
export type Settings<K extends Kinds> = { readonly [Key in keyof K]?: Values[K[Key]] };

export interface SettingsReader<K extends Kinds> {
  /** What stands after the name. */
  readonly common: Settings<K>;
  /** @throws VerifierError where a row's value is of another kind */
  readonly of: (problem: Problem) => Settings<K>;
}

/**
 * @param kinds  the settings the judge has
 * @param given  what stands after its name; empty where nothing does
 * @throws VerifierError where the judge has no such setting, or the value is of another kind
 */
export function readSettings<K extends Kinds>(judge: string, kinds: K, given: string): SettingsReader<K> {
  const names = Object.keys(kinds);
  // a comma within a value is its own: only one before a setting's name parts two settings
  const parts = given === "" ? [] : given.split(new RegExp(`,(?=(?:${names.join("|")})(?:[=,]|$))`));
  const entries = parts.map((part) => {
    const [, name = part, value = "true"] = /^(\w+)(?:=([\s\S]*))?$/.exec(part) ?? [];
    if (!Object.hasOwn(kinds, name)) throw noSetting(judge, names, part);
    return [name, settingOf(judge, name, kinds[name]!, value)];
  });
  const common = Object.fromEntries(entries) as Settings<K>;
  const of = ({ extra }: Problem): Settings<K> => {
    const row = extra?.options;
    if (typeof row !== "object" || row === null || Array.isArray(row)) return common;
    const own = Object.entries(row).filter(([name]) => Object.hasOwn(kinds, name));
    const read = own.map(([name, value]) => [name, settingOf(judge, name, kinds[name]!, value)]);
    return { ...common, ...Object.fromEntries(read) };
  };
  return { common, of };
}

function settingOf(judge: string, name: string, kind: keyof Values, value: unknown): Values[keyof Values] {
  const text = typeof value === "string" || typeof value === "number" ? String(value).trim() : undefined;
  if (kind === "flag" && /^(?:true|false)$/.test(String(value))) return String(value) === "true";
  if (kind === "number" && text !== undefined && text !== "" && Number(text) >= 0 && Number(text) < Infinity)
    return Number(text);
  if (kind === "text" && typeof value === "string" && value !== "") return value;
  if (kind === "list") {
    const items = Array.isArray(value) ? value.map(String) : (text ?? "").split("|");
    const said = items.map((item) => item.trim()).filter((item) => item !== "");
    if (said.length > 0) return said;
  }
  const kinds = { flag: "true or false", number: "a number from 0 up", list: "a|b|c", text: "a text" };
  throw new VerifierError({
    where: `verifier ${judge}`,
    expected: `${name}=${kinds[kind]}`,
    got: JSON.stringify(value) ?? String(value),
    next: "docs/verifiers.md has the settings of each verifier.",
  });
}

function noSetting(judge: string, names: readonly string[], part: string): VerifierError {
  return new VerifierError({
    where: `verifier ${judge}`,
    expected: names.length === 0 ? "no settings" : `settings among ${names.join(", ")}`,
    got: part,
    next: `Write ${judge}${names.length === 0 ? "" : `:${names[0]}=…`}, or the name alone.`,
  });
}
