/**
 * Holding out: a share of one data set set aside to be measured on.
 *
 *   problems, share, seed  →  problems to learn from, problems held out
 *
 * Where a problem goes depends on the seed and its own text, so that its row's place moves nothing and two rows that
 * ask the same go together.
 */
import { createHash } from "node:crypto";
import { DataError } from "../../errors.ts";
import type { Problem } from "../types.ts";
import type { DataSet } from "./load.ts";

/**
 * @param share  of the problems, in (0, 1); at least one is held out, and one is left
 * @throws DataError where there are not two different problems
 */
export function holdOut(
  data: DataSet,
  share: number,
  seed: number,
): { readonly dataset: DataSet; readonly held: DataSet } {
  const rank = ({ prompt }: Problem) =>
    createHash("sha256")
      .update(`${seed} ${JSON.stringify(prompt)}`)
      .digest("hex");
  const ranked = data.problems.map((problem) => ({ problem, rank: rank(problem) }));
  const ranks = [...new Set(ranked.map((each) => each.rank))].sort();
  if (ranks.length < 2) {
    throw new DataError({
      where: data.name,
      expected: "two different problems or more, to hold some out",
      got: String(ranks.length),
      next: "Leave eval_fraction out, or add problems.",
    });
  }
  const count = Math.min(ranks.length - 1, Math.max(1, Math.round(share * ranks.length)));
  const border = ranks[count]!;
  const part = (isHeld: boolean) =>
    ranked.filter((each) => each.rank < border === isHeld).map(({ problem }) => problem);
  return {
    dataset: { ...data, problems: part(false) },
    held: { name: data.name, problems: part(true), notices: [], leftOut: [] },
  };
}
