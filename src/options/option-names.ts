/**
 * Names of options: as somebody wrote one in, its row out, or an error that says what was meant.
 */
import { OptionError } from "../errors.ts";
import { aliases } from "./aliases.ts";
import { type Command, camelCase, type OptionRow, optionTable } from "./options.ts";

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

/**
 * The row a name stands for in a command, and a note where it is another tool's name for it.
 *
 * @throws OptionError where there is no such option, or not in this command
 */
export function findRow(command: Command, name: string, place: string): { row: OptionRow; note?: string } {
  const key = plain(name);
  const short = rows.find((row) => row.shortIn?.[command]?.includes(key));
  if (short !== undefined) return { row: short };
  const own = rows.find((row) => row.key === key) ?? byCamel.get(name);
  const aliased = own ?? rows.find((row) => aliasesOf(row).includes(key));
  if (aliased === undefined) throw unknownOption(command, name, place);
  if (!aliased.commands.includes(command)) {
    throw new OptionError({
      where: place,
      expected: `an option of \`${command}\``,
      got: `${name}, which belongs to ${aliased.commands.map((other) => `\`${other}\``).join(" and ")}`,
      next: `Leave it out; \`errata ${command} --help\` lists what ${command} takes.`,
    });
  }
  return own === undefined
    ? { row: aliased, note: `${name} is called ${aliased.key} here` }
    : { row: aliased };
}

function unknownOption(command: Command, name: string, place: string): OptionError {
  const key = plain(name);
  let best: { name: string; distance: number } | undefined;
  for (const row of rows) {
    if (!row.commands.includes(command)) continue;
    for (const candidate of [row.key, ...(row.shortIn?.[command] ?? []), ...aliasesOf(row)]) {
      const distance = editDistance(key, candidate);
      if (best === undefined || distance < best.distance) best = { name: row.key, distance };
    }
  }
  const near = best !== undefined && best.distance <= Math.max(2, Math.floor(key.length / 3));
  return new OptionError({
    where: place,
    expected: "the name of an option",
    got: name,
    next: `${near ? `Did you mean ${best!.name}? ` : ""}\`errata ${command} --help\` lists them all.`,
  });
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
