/**
 * From options to what is learnt: the objective, how its losses are averaged and how rewards become advantages.
 *
 * An option that is absent takes the algorithm's own value.
 */
import type { Objective } from "../../engine/objective.ts";
import { overlongBufferLength } from "../../options/batch-sizes.ts";
import type { AnyOptions } from "../../options/options.ts";
import { learnerOf } from "../../options/read-by-algorithm.ts";
import type { ColumnOptions } from "../groups/columns.ts";
import { columnMeanings } from "../groups/columns.ts";
import { aggregated, type LossAgg } from "../objectives/aggregation.ts";
import { type GivenObjective, loadObjective } from "../objectives/load-objective.ts";
import { makeObjective, type ObjectiveOptions } from "../objectives/objectives.ts";
import { ownDefaults } from "./algorithm-options.ts";

/** @throws OptionError where the user's own does not load, or asks for a column that there is not */
export async function objectiveOf(options: AnyOptions, given?: GivenObjective): Promise<Objective> {
  if (options.objective !== undefined) {
    const own = await loadObjective(given ?? options.objective, Object.keys(columnMeanings));
    return aggregated(own, lossAggOf(options));
  }
  return makeObjective(options.algorithm, objectiveOptions(options), lossAggOf(options));
}

export function lossAggOf(options: AnyOptions): LossAgg {
  return options.lossAgg ?? ownDefaults(learnerOf(options)).lossAgg;
}

/** How rewards become advantages. */
export function columnOptions(options: AnyOptions): ColumnOptions {
  return {
    scaleRewards: options.scaleRewards ?? ownDefaults(learnerOf(options)).scaleRewards,
    rewardStd: options.rewardStd,
    overlongBuffer: options.overlongBufferEnable
      ? {
          maxLength: options.maxCompletionLength,
          length: overlongBufferLength(options),
          penaltyFactor: options.overlongBufferPenaltyFactor,
        }
      : undefined,
  };
}

function objectiveOptions(options: AnyOptions): Partial<ObjectiveOptions> {
  const { normalize, negWeight, clampNegative, clampPositive, importanceSamplingLevel } = options;
  const { epsilon, epsilonHigh, dualClip, beta, rpoAlpha, posWeight } = options;
  const all = {
    ...{ normalize, negWeight, clampNegative, clampPositive, importanceSamplingLevel },
    ...{ epsilon, epsilonHigh, dualClip, beta, rpoAlpha, posWeight },
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
