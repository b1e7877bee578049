/**
 * Options that only some algorithms read: one that the chosen algorithm does not read is refused, as it would have
 * no effect.
 *
 * `readBy` of the table says whose they are; `objective` stands for the user's own.
 */
import { OptionError } from "../errors.ts";
import { type AnyOptions, type OptionRow, type OptionValue, rowsOf, valueIn } from "./options.ts";

/** Where the words of one method of a comparison were set. */
export const METHOD_PLACE = "method";

/** What learns: the algorithm, or `objective`. */
export function learnerOf({ algorithm, objective }: Pick<AnyOptions, "algorithm" | "objective">): string {
  return objective === undefined ? algorithm : "objective";
}

/** Whether an algorithm reads an option; `learner` as `learnerOf` gives it. */
export function isRead({ readBy }: OptionRow, learner: string): boolean {
  return readBy === undefined || readBy.includes(learner);
}

/**
 * Takes out what was set for several algorithms, by a preset or for all methods of a comparison, and is not read by
 * this one.
 *
 * @returns the keys of what was taken out
 */
export function passOverUnread(
  values: Map<string, OptionValue | undefined>,
  places: Map<string, string>,
  comparing: boolean,
): string[] {
  const learner =
    values.get("objective") === undefined ? String(values.get("algorithm") ?? "nft") : "objective";
  // what has no place was set by nobody: a default that the run being resumed has kept
  const shared = (place: string | undefined) =>
    place !== undefined && (place.startsWith("preset ") || (comparing && place !== METHOD_PLACE));
  const unread = rowsOf("train").filter(
    (row) => !isRead(row, learner) && values.get(row.key) !== undefined && shared(places.get(row.key)),
  );
  for (const { key } of unread) {
    values.delete(key);
    places.delete(key);
  }
  return unread.map(({ key }) => key);
}

/** @throws OptionError for the options that the algorithm does not read, unless they are at their default */
export function unreadOptions(options: AnyOptions, places: ReadonlyMap<string, string>): OptionError[] {
  const learner = learnerOf(options);
  const name = learner === "objective" ? `${options.objective}, an objective of one's own` : learner;
  const own = rowsOf("train").filter((row) => row.readBy !== undefined && isRead(row, learner));
  return rowsOf("train").flatMap((row) => {
    const value = valueIn(row, options);
    if (isRead(row, learner) || value === undefined || value === row.default) return [];
    return [
      new OptionError({
        where: places.has(row.key) ? `${row.key} (${places.get(row.key)})` : row.key,
        expected: `an option that ${name} reads`,
        got: `${row.key}, which is read by ${listed(row.readBy!)}`,
        next: `${row.key}: ${row.help}. ${learner} reads ${listed(own.map(({ key }) => key))}.`,
      }),
    ];
  });
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
