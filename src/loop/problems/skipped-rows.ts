/**
 * What a data set holds that a run does not use: bad rows, rows that ask again what another asked.
 *
 * Nothing is left out in silence: each is counted in a sentence, and listed one by one in a file.
 */
import { DataError } from "../../errors.ts";
import type { LeftOut } from "../types.ts";
import { printFields } from "./fields.ts";
import type { Guess } from "./guess-fields.ts";
import type { Need } from "./row.ts";

/** Bad rows named in a sentence before the rest are only counted. */
const MOST_NAMED = 5;
/** A set that begins with so many bad rows and not one good is not read to its end. */
const HOPELESS = 1000;

/** The first few, each with its place and what is wrong said once, and how many more there are. */
export function nameSome(leftOut: readonly LeftOut[], files: number): string {
  const alike = new Map<string, LeftOut[]>();
  for (const one of leftOut) {
    const own = alike.get(one.because);
    if (own === undefined) alike.set(one.because, [one]);
    else own.push(one);
  }
  const place = ({ where, what }: LeftOut) => `${files > 1 ? `${where} ` : ""}${what}`;
  let left = MOST_NAMED;
  const sentences = [...alike.values()].flatMap((own) => {
    const [first, ...others] = own.slice(0, left);
    if (first === undefined) return [];
    left -= 1 + others.length;
    const same = others.length === 0 ? "" : `; the same for ${others.map(place).join(", ")}`;
    return [`${place(first)} ${first.because}${same}`];
  });
  const more = leftOut.length - (MOST_NAMED - left);
  return `${sentences.join("; ")}${more === 0 ? "" : `${alike.size > 1 ? ";" : ""} and ${more} more`}`;
}

/** Whether to read on: some rows of a set may be bad, but not all. */
export function isHopeless(good: number, bad: number): boolean {
  return good === 0 && bad >= HOPELESS;
}

/** A set with more bad rows than good ones was read wrongly: its columns have other names. */
export function isMostlyBad(good: number, bad: number): boolean {
  return good === 0 || bad > good;
}

/** What the rows of a set that was read wrongly were read for. */
interface Misread {
  readonly need: Need;
  /** The option that says where columns are. */
  readonly option: string;
  readonly guess: Guess | undefined;
}

/** @returns the error that names the first bad rows, or says that there are no rows at all */
export function mostlyBad(
  source: string,
  bad: readonly LeftOut[],
  files: number,
  { need, option, guess }: Misread,
): DataError {
  const wanted = need === "nothing" ? "answer" : need;
  const row = `{"problem": "…", "${wanted}": "…"}`;
  if (bad.length === 0) {
    return new DataError({
      where: source,
      expected: "at least one problem",
      got: "none",
      next: `Write one row a line: ${row}.`,
    });
  }
  const flag = `--${option.replaceAll("_", "-")}`;
  return new DataError({
    where: source,
    expected: `a problem${{ answer: " with an answer", solution: " with a solution", nothing: "" }[need]} in every row, or in most`,
    got: nameSome(bad, files),
    next:
      guess === undefined
        ? `Mend or remove ${bad.length === 1 ? "that row" : "those rows"}. A row is ${row}; where the columns have other names, say which: ${flag} problem=COLUMN,${wanted}=COLUMN.`
        : `Say where it is: ${flag} ${printFields(guess.fields)} (a guess from the columns that are there).`,
  });
}
