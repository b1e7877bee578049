/** Options of an objective: each that is set changes what is computed, where the objective has a use for it. */
import { expect, test } from "vitest";
import { print } from "../../src/autodiff/print.ts";
import { traceObjective } from "../../src/engine/objective-program.ts";
import { objectiveOf } from "../../src/loop/session/build-objective.ts";
import type { GivenOptions, Options } from "../../src/options/options.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";

async function traced(given: GivenOptions): Promise<string> {
  const { options } = resolveOptions("train", { given, incomplete: true });
  return print(traceObjective(await objectiveOf(options)));
}

test.each<[Options["algorithm"], GivenOptions]>([
  ["nft", { normalize: "none" }],
  ["nft", { negWeight: 0.5 }],
  ["nft", { clampNegative: 0.1 }],
  ["nft", { clampPositive: 0.1 }],
  ["nft", { importanceSamplingLevel: "sequence" }],
  ["nft", { lossAgg: "seq-mean-token-mean" }],
  ["rft", { normalize: "grpo" }],
  ["naive", { negWeight: 0.5 }],
  ["grpo", { importanceSamplingLevel: "sequence" }],
  ["grpo", { epsilon: 0.1 }],
  ["grpo", { epsilonHigh: 0.3 }],
  ["grpo", { dualClip: 3 }],
  ["cispo", { epsilonHigh: 0.4 }],
  ["nft", { normalize: "maxrl" }],
  ["rft", { normalize: "inverse_rate" }],
  ["rft", { normalize: "inverse_wrong_rate" }],
  ["rft", { normalize: "inverse_spread" }],
  ["grpo_positive", { epsilonHigh: 0.3 }],
  ["maxrl", { epsilonHigh: 0.3 }],
  ["w_reinforce", { posWeight: 1 }],
  ["nsr", { epsilon: 0.1 }],
  ["dpo", { beta: 0.2 }],
  ["dpo", { rpoAlpha: 1 }],
])("%s reads %o", async (algorithm, given) => {
  expect(await traced({ algorithm, ...given })).not.toBe(await traced({ algorithm }));
});
