/**
 * Names of options: as somebody wrote one in, its row out, or an error that says what was meant.
 */
import { OptionError } from "../errors.ts";
import { aliases } from "./aliases.ts";
import { answerTo, groups } from "./foreign-names.ts";
import { type Command, camelCase, type OptionRow, optionTable, rowsOf } from "./options.ts";

const rows: readonly OptionRow[] = optionTable;
const byCamel = new Map(rows.map((row) => [camelCase(row.key), row]));

/** What other trainers call a row. */
export function aliasesOf(row: OptionRow): readonly string[] {
  return (aliases as Readonly<Record<string, readonly string[]>>)[row.key] ?? [];
}

/** `evalOnStart`, `eval-on-start` and `eval_on_start` are one name. */
function plain(name: string): string {
  return name
    .replaceAll("-", "_")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/** A row in a command, and whether the name is another tool's. */
interface Found {
  readonly row: OptionRow;
  readonly foreign: boolean;
}

function lookUp(command: Command, name: string): Found | undefined {
  const key = plain(name);
  const own =
    rows.find((row) => row.shortIn?.[command]?.includes(key)) ??
    rows.find((row) => row.key === key) ??
    byCamel.get(name);
  if (own !== undefined) return { row: own, foreign: false };
  const aliased = rows.filter((row) => aliasesOf(row).includes(key));
  const row = aliased.find(({ commands }) => commands.includes(command)) ?? aliased[0];
  return row === undefined ? undefined : { row, foreign: true };
}

/** The name without the first of the groups that other trainers put before it; undefined where it has none. */
function withoutGroup(name: string): string | undefined {
  const dot = name.indexOf(".");
  return dot > 0 && groups.has(plain(name.slice(0, dot))) ? name.slice(dot + 1) : undefined;
}

/**
 * The row a name stands for in a command, and a note where it is another tool's name for it.
 *
 * @param place  where it was named: a word as typed, a file, or "options"
 * @throws OptionError where there is no such option, or not in this command
 */
export function findRow(command: Command, name: string, place: string): { row: OptionRow; note?: string } {
  for (let rest: string | undefined = name; rest !== undefined; rest = withoutGroup(rest)) {
    const found = lookUp(command, rest);
    if (found === undefined) {
      const answer = answerTo(plain(rest));
      if (answer !== undefined) throw unknown(command, name, place, answer);
      continue;
    }
    const { row, foreign } = found;
    if (!row.commands.includes(command))
      throw unknown(
        command,
        `${name}, which belongs to ${row.commands.map((other) => `\`${other}\``).join(" and ")}`,
        place,
        row.key === "num_train_epochs"
          ? "max_steps is the length of a run of train."
          : `Leave it out; \`errata ${command} --help\` lists what ${command} takes.`,
      );
    return foreign || rest !== name ? { row, note: `${name} is called ${row.key} here` } : { row };
  }
  const near = nearest(command, name);
  const lists = `\`errata ${command} --help\` lists them all.`;
  throw unknown(command, name, place, near === undefined ? lists : `Did you mean ${near}? ${lists}`);
}

function unknown(command: Command, name: string, place: string, next: string): OptionError {
  const typed = place.startsWith("--") || place.includes("=");
  return new OptionError({
    where: typed ? `errata ${command}` : place,
    expected: `an option of ${command}`,
    got: place.startsWith("--") ? `--${name}` : name,
    next,
  });
}

/** The option that was meant: by a letter or two, or by whole words. */
function nearest(command: Command, name: string): string | undefined {
  const last = plain(name).split(".").at(-1)!;
  const words = new Set(last.split("_"));
  let best: { readonly key: string; readonly score: number } | undefined;
  for (const row of rowsOf(command)) {
    for (const candidate of [row.key, ...(row.shortIn?.[command] ?? []), ...aliasesOf(row)]) {
      const theirs = candidate.split(/[._]/);
      const shared = theirs.filter((word) => words.has(word)).length;
      const slips = editDistance(last, candidate.split(".").at(-1)!);
      const isSlip = slips <= Math.floor(last.length / 4) && slips <= 2;
      const isPart = shared >= 2 || (shared === words.size && shared > 0);
      if (!isSlip && !isPart) continue;
      const score = isSlip ? 10 - slips : shared / theirs.length;
      if (best === undefined || score > best.score) best = { key: row.key, score };
    }
  }
  return best?.key;
}

/** Levenshtein's distance: single-letter insertions, deletions and changes. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(change, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
