/**
 * The last steps' answers → those whose verdict looks doubtful. So many are read as fit into memory beside the rest.
 */
import { endInReference, reasonsOf, shortestRight } from "../../commands/watch/doubts.ts";
import type { ReadRun } from "../../run/read-run.ts";
import type { RolloutRecord } from "../../run/records.ts";
import type { Doubts } from "./records.ts";

const [MOST_ANSWERS, MOST_LETTERS, MOST_STEPS] = [2000, 2 ** 22, 10];
/** Of each list, sent. */
const MOST_SHOWN = 40;

export async function doubtsOf(run: ReadRun): Promise<Doubts> {
  const to = await run.lastRollouts();
  const read: RolloutRecord[] = [];
  if (to === undefined) return { answers: 0, endInReference: [], shortestRight: [], errors: [] };
  let letters = 0;
  let from = to;
  const isFull = () => read.length >= MOST_ANSWERS || letters >= MOST_LETTERS;
  for (let step = to; step > Math.max(0, to - MOST_STEPS) && !isFull(); step--) {
    for await (const { tokens: _, logps: __, ...rollout } of run.rollouts(step)) {
      if (isFull()) break;
      read.push(rollout);
      letters += rollout.text.length + rollout.prompt.length;
    }
    from = step;
  }
  return {
    ...{ from, to, answers: read.length },
    endInReference: endInReference(read).slice(0, MOST_SHOWN),
    shortestRight: shortestRight(inOtherWords(read)),
    errors: reasonsOf(read, "error").slice(0, MOST_SHOWN),
  };
}

/** One of those that answer one problem in the same words. */
function inOtherWords(rollouts: readonly RolloutRecord[]): RolloutRecord[] {
  return [
    ...new Map(rollouts.map((one) => [JSON.stringify([one.problem, one.verdict, one.text]), one])).values(),
  ];
}
