/**
 * Columns of other names: which of them is the problem, and which the answer.
 *
 *   rows that could not be read  →  a map, as data_fields takes it
 *
 * Names that data sets commonly have are known, and taken where they leave no doubt. Of any others a guess is made
 * from what they hold, which is only told.
 */
import { Columns } from "./columns.ts";
import type { Fields } from "./fields.ts";
import { type Need, readsAs } from "./row.ts";

export interface Guess {
  /** Of what was not found. */
  readonly fields: Fields;
  /** True where each column has a known name, and no other column has one for the same field. */
  readonly isSure: boolean;
}

type Field = "problem" | "answer" | "solution";

/** Names beside the usual ones; of a name and one that begins with it and a plus, the longer is meant. */
const known: Readonly<Record<Field, readonly string[]>> = {
  problem: ["instruction+input", "instruction", "input", "query", "text", "sentence", "problem_statement"],
  // biome-ignore format: one line
  answer: ["label", "target", "output", "response", "expected_answer", "final_answer", "correct_answer", "reference_answer", "expected_output", "gold"],
  solution: ["response", "output"],
};

type Row = Readonly<Record<string, unknown>>;

/**
 * @param rows   a sample, as they stand in the file
 * @param given  what is mapped already
 * @param typed  true where every value is text as it was typed
 * @returns      undefined where nothing is missing, or there is no column for what is
 */
export function guessFields(
  rows: readonly unknown[],
  need: Need,
  given: Fields,
  typed: boolean,
): Guess | undefined {
  const sample = rows.filter(
    (row): row is Row => typeof row === "object" && row !== null && !Array.isArray(row),
  );
  const foundAs = (field: Field, fields: Fields) =>
    sample.flatMap((row) => new Columns(row, fields, typed).find(field, readsAs(field)) ?? []);
  const inMost = (found: readonly unknown[]) => 2 * found.length > sample.length;
  let fields = given;
  let isSure = true;
  const taken = new Set(Object.values(given).flatMap((path) => path.join(".").split("+")));
  for (const field of need === "nothing" ? (["problem"] as const) : (["problem", need] as const)) {
    const found = foundAs(field, given);
    for (const column of found.flatMap(({ columns }) => columns)) taken.add(column);
    if (given[field] !== undefined || inMost(found)) continue;
    const free = (name: string) => !name.split("+").some((part) => taken.has(part));
    const named = known[field].filter((name) => free(name) && inMost(foundAs(field, { [field]: [name] })));
    const meant = named.filter(
      (name) => !named.some((other) => other !== name && other.split("+").includes(name)),
    );
    const column = meant[0] ?? likely(sample, field, free);
    if (column === undefined) return undefined;
    isSure &&= meant.length === 1;
    fields = { ...fields, [field]: [column] };
    for (const part of column.split("+")) taken.add(part);
  }
  return fields === given ? undefined : { fields, isSure };
}

/**
 * Of columns whose names say nothing: the longest texts are the problem; of the others, the longest are a solution,
 * and the last is the answer, as tables are written.
 */
function likely(sample: readonly Row[], field: Field, free: (name: string) => boolean): string | undefined {
  const usual = field === "solution" ? ["answer", "ground_truth"] : [];
  const names = [...new Set(sample.flatMap((row) => Object.keys(row)))].filter(
    (name) => free(name) && !/^(id|index|idx|uuid)$/i.test(name),
  );
  const length = (name: string) =>
    sample.reduce((sum, row) => sum + (readsAs(field)(row[name]) ? String(row[name]).length : 0), 0);
  const filled = names.filter((name) => length(name) > 0);
  if (field === "answer") return filled.at(-1);
  const longest = filled.reduce<string | undefined>(
    (best, name) => (best !== undefined && length(best) >= length(name) ? best : name),
    undefined,
  );
  return usual.find((name) => filled.includes(name)) ?? longest;
}
