/** Which groups of a step are listed: what says most first. */
import type { GroupRow } from "../records.ts";

export const filters = {
  recorded: ({ recorded }: GroupRow) => recorded,
  mistakes: ({ right, wrong }: GroupRow) => right > 0 && wrong > 0,
  errors: ({ errors, cutOff }: GroupRow) => errors + cutOff > 0,
  all: () => true,
} as const;
export type Filter = keyof typeof filters;
export const filterNames = Object.keys(filters) as Filter[];
