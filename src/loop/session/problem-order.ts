/**
 * The order that a run asks its problems in: opened as the options say, and brought to where the run is.
 *
 *   rollouts.jsonl, up to the last checkpoint  →  what became of every problem asked  →  the order that goes on from there
 */
import { screeningOf } from "../../options/batch-sizes.ts";
import type { Options } from "../../options/options.ts";
import { readRun } from "../../run/read-run.ts";
import type { RolloutRecord } from "../../run/records.ts";
import type { Outcome, ProblemOrder } from "../problems/shuffled-sampler.ts";
import { SolveRateSampler } from "../problems/solve-rate-sampler.ts";
import type { Asked } from "./datasets.ts";

/** Share of the problems that are drawn from all, where nobody says. */
const EXPLORATION = 0.2;

/**
 * @param folder  of the run, its files cut back to its last checkpoint
 * @returns       undefined of the order that needs to know nothing: shuffled
 */
export async function openOrder(
  options: Options<"train">,
  { asked }: Asked,
  folder: string,
): Promise<ProblemOrder | undefined> {
  const { problemSelection, seed, selectionExploration = EXPLORATION } = options;
  if (problemSelection === "shuffled") return undefined;
  const ids = asked.map(({ problem }) => problem.id);
  // with screening a group goes on where its first answers differ, so that these have to
  const order = new SolveRateSampler(ids, seed, screeningOf(options), selectionExploration);
  for await (const outcome of outcomesIn(readRun(folder).rollouts())) order.hear(outcome);
  return order;
}

/** The lines of a problem asked stand together. */
async function* outcomesIn(records: AsyncIterable<RolloutRecord>): AsyncGenerator<Outcome> {
  let last: Outcome | undefined;
  for await (const { step, draw, problem, verdict } of records) {
    if (last !== undefined && last.draw !== draw) yield last;
    const { right, wrong } = last?.draw === draw ? last : { right: 0, wrong: 0 };
    const [isRight, isWrong] = [verdict === "right", verdict === "wrong"];
    last = { problem, step, draw, right: right + Number(isRight), wrong: wrong + Number(isWrong) };
  }
  if (last !== undefined) yield last;
}
