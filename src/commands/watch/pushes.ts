/**
 * The push on one group's tokens under other objectives than the one it was learnt by.
 *
 *   a line of tokens.jsonl, the names of algorithms  →  d loss / d log-prob of each token, by the objectives' own code
 *
 * At the log-probs of its first update and in a mini-batch of the same size, each algorithm with its own defaults;
 * only answers of this group are compared, so that an objective that couples groups is not told fully.
 */
import type { Example } from "../../engine/engine.ts";
import type { Objective } from "../../engine/objective.ts";
import { traceOnce } from "../../engine/objective-program.ts";
import { surrogateOf } from "../../engine/surrogate.ts";
import { advantages } from "../../loop/groups/advantages.ts";
import { readBy } from "../../loop/groups/columns.ts";
import { lossScale } from "../../loop/objectives/aggregation.ts";
import { defaultsOf, makeObjective } from "../../loop/objectives/objectives.ts";
import type { TokenRecord } from "../../run/records.ts";

/** The divisor of `token-sum` where nobody says otherwise (`loss_scale_factor`). */
const TOKEN_SUM = 1000;

/** @returns by algorithm, of each answer of the record in its order, one number a token */
export async function pushUnder(
  record: TokenRecord,
  algorithms: readonly string[],
): Promise<Readonly<Record<string, readonly (readonly number[])[]>>> {
  const found: Record<string, readonly (readonly number[])[]> = {};
  for (const algorithm of algorithms) found[algorithm] = await pushBy(record, algorithm);
  return found;
}

async function pushBy(record: TokenRecord, algorithm: string): Promise<number[][]> {
  const { answers, batch } = record;
  const { lossAgg, scaleRewards } = defaultsOf(algorithm);
  const rewards = answers.map(({ reward }) => reward);
  const [compared] = advantages([rewards], { scaleRewards, rewardStd: "sample" });
  const right = answers.filter(({ verdict }) => verdict === "right").length;
  const objective = objectiveOf(algorithm);
  const examples = answers.map(({ tokens, logpsOld, verdict, reward }, i): Example => {
    const columns = {
      right: verdict === "right" ? 1 : 0,
      solveRate: right / answers.length,
      reward,
      advantage: compared![i]!,
      group: 0,
      length: tokens.length,
    };
    return {
      prompt: Int32Array.of(0),
      completion: Int32Array.from(tokens),
      logpsOld: Float32Array.from(logpsOld),
      columns: readBy(objective.columns, columns),
    };
  });
  const scores = answers.map(({ updates, logpsOld }) => ({
    logps: Float32Array.from(updates?.[0]?.logps ?? logpsOld),
  }));
  const scale = lossScale(lossAgg, batch, TOKEN_SUM);
  const { examples: pushed } = await surrogateOf(examples, scores, traceOnce(objective).program, scale, 1);
  return pushed.map(({ tokenColumns }) => [...tokenColumns!.weight!]);
}

const objectives = new Map<string, Objective>();

/** The same each time, so that it is compiled for the first group alone that is looked at. */
function objectiveOf(algorithm: string): Objective {
  const objective = objectives.get(algorithm) ?? makeObjective(algorithm);
  objectives.set(algorithm, objective);
  return objective;
}
