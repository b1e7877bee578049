/**
 * What a data set holds that a run does not use: bad rows, rows that ask again what another asked.
 *
 * Nothing is left out in silence: each is counted in a sentence, and listed one by one in a file.
 */
import { DataError } from "../../errors.ts";
import type { LeftOut } from "../types.ts";
import type { Need } from "./row.ts";

/** Bad rows named in a sentence before the rest are only counted. */
const mostNamed = 5;
/** A set that begins with so many bad rows and not one good is not read to its end. */
const hopeless = 1000;

/** The first few, each with its place, and how many more there are. */
export function nameSome(leftOut: readonly LeftOut[], files: number): string {
  const named = leftOut
    .slice(0, mostNamed)
    .map(({ where, what, because }) => `${files > 1 ? `${where} ` : ""}${what} ${because}`);
  const more = leftOut.length - named.length;
  return `${named.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

/** Whether to read on: some rows of a set may be bad, but not all. */
export function isHopeless(good: number, bad: number): boolean {
  return good === 0 && bad >= hopeless;
}

/**
 * A set with more bad rows than good ones was read wrongly: its columns have other names.
 *
 * @throws DataError naming the first bad rows, or that there are no rows at all
 */
export function refuseMostlyBad(
  source: string,
  need: Need,
  good: number,
  bad: readonly LeftOut[],
  files: number,
): void {
  if (good > 0 && bad.length <= good) return;
  const row = `{"problem": "…", "${need}": "…"}`;
  if (bad.length === 0) {
    throw new DataError({
      where: source,
      expected: "at least one problem",
      got: "none",
      next: `Write one row a line: ${row}.`,
    });
  }
  throw new DataError({
    where: source,
    expected: `a problem with ${need === "answer" ? "an answer" : "a solution"} in every row, or in most`,
    got: nameSome(bad, files),
    next: `Mend or remove ${bad.length === 1 ? "that row" : "those rows"}. A row is ${row}; where the columns have other names, say which: data_fields=problem=…,${need}=….`,
  });
}
