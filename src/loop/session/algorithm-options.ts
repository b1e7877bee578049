/**
 * Options that an algorithm reads: what it takes in the end, and what where nobody says otherwise.
 */
import {
  type AnyOptions,
  camelCase,
  type OptionRow,
  type OptionValue,
  rowsOf,
  valueIn,
} from "../../options/options.ts";
import { isRead, learnerOf } from "../../options/read-by-algorithm.ts";
import { defaultsOf, type ObjectiveOptions, objectiveNames } from "../objectives/objectives.ts";

/** What an algorithm takes where nobody says otherwise; a user's own objective gets GRPO's advantages. */
export function ownDefaults(learner: string): Partial<ObjectiveOptions> & ReturnType<typeof defaultsOf> {
  return learner === "objective" ? { lossAgg: "token-mean", scaleRewards: "group" } : defaultsOf(learner);
}

/** The options that the algorithm alone reads, by key, with the values that it takes in the end. */
export function algorithmOptions(options: AnyOptions): ReadonlyMap<string, OptionValue> {
  const learner = learnerOf(options);
  const own = ownDefaults(learner) as Readonly<Record<string, OptionValue | undefined>>;
  const taken = new Map<string, OptionValue>();
  for (const row of rowsOf("train")) {
    if (row.section !== "objective" && row.readBy === undefined) continue;
    const value = valueIn(row, options) ?? own[camelCase(row.key)];
    if (isRead(row, learner) && value !== undefined) taken.set(row.key, value);
  }
  return taken;
}

/** What each algorithm that reads an option takes where it is absent, by algorithm. */
export function algorithmDefaults(row: OptionRow): ReadonlyMap<string, OptionValue> {
  const taken = new Map<string, OptionValue>();
  for (const name of objectiveNames) {
    const value = (ownDefaults(name) as Readonly<Record<string, OptionValue | undefined>>)[
      camelCase(row.key)
    ];
    if (isRead(row, name) && value !== undefined) taken.set(name, value);
  }
  return taken;
}
