/**
 * From options to what is learnt: the objective, how its losses are averaged and how rewards become advantages.
 *
 * An option left to the algorithm (`auto`, or 0 where 0 says so) takes the algorithm's own value.
 */
import type { Objective } from "../../engine/objective.ts";
import type { Options } from "../../options/options.ts";
import type { ColumnOptions } from "../groups/columns.ts";
import { columnMeanings } from "../groups/columns.ts";
import { aggregated, type LossAgg } from "../objectives/aggregation.ts";
import { type GivenObjective, loadObjective } from "../objectives/load-objective.ts";
import { habitsOf, makeObjective, type ObjectiveOptions } from "../objectives/objectives.ts";

/** @throws OptionError where the user's own does not load, or asks for a column that there is not */
export async function objectiveOf(options: Options, given?: GivenObjective): Promise<Objective> {
  if (options.objective !== "") {
    const own = await loadObjective(given ?? options.objective, Object.keys(columnMeanings));
    return aggregated(own, lossAggOf(options));
  }
  return makeObjective(options.algorithm, objectiveOptions(options), lossAggOf(options));
}

export function lossAggOf({ lossAgg, objective, algorithm }: Options): LossAgg {
  if (lossAgg !== "auto") return lossAgg;
  return objective === "" ? habitsOf(algorithm).lossAgg : "token-mean";
}

/** How rewards become advantages; a user's own objective gets GRPO's. */
export function columnOptions(options: Options): ColumnOptions {
  const { scaleRewards, rewardStd, objective, algorithm } = options;
  const usual = objective === "" ? habitsOf(algorithm).scaleRewards : "group";
  return {
    scaleRewards: scaleRewards === "auto" ? usual : scaleRewards,
    rewardStd,
    overlongBuffer: options.overlongBufferEnable
      ? {
          maxLength: options.maxCompletionLength,
          length: options.overlongBufferLen,
          penaltyFactor: options.overlongBufferPenaltyFactor,
        }
      : undefined,
  };
}

function objectiveOptions(options: Options): Partial<ObjectiveOptions> {
  const { normalize, importanceSamplingLevel, epsilon, epsilonHigh, beta } = options;
  return {
    ...(normalize === "auto" ? {} : { normalize }),
    ...(importanceSamplingLevel === "auto" ? {} : { importanceSamplingLevel }),
    ...(epsilon === 0 ? {} : { epsilon }),
    ...(epsilonHigh === 0 ? {} : { epsilonHigh }),
    ...(beta === 0 ? {} : { beta }),
    negWeight: options.negWeight,
    clampNegative: options.clampNegative,
    clampPositive: options.clampPositive,
    dualClip: options.dualClip,
    rpoAlpha: options.rpoAlpha,
  };
}
