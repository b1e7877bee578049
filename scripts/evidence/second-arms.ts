/**
 * The arms of the second edition, question by question, and what the comparisons they are run in share.
 *
 * Two arms of one objective are a matched pair: they climb the same function of the solve rate, so that what parts them
 * is the wrong answers alone.
 */
import type { Arm } from "./arms.ts";

/** Updates of a rollout step, beside the eight of the regime. */
export const otherUpdates = [1, 2, 4, 16, 32] as const;
export const noises = [5, 15, 30] as const;

const threeMethods = { nft: "NFT", rft: "RFT", grpo: "GRPO" } as const;
type Method = keyof typeof threeMethods;

/** Arms of three methods in a comparison of its own for each value. */
function series<P extends string, V extends number>(
  prefix: P,
  values: readonly V[],
  said: (value: V) => string,
): Record<`${Method}.${P}-${V}`, Arm> {
  const rows = values.flatMap((value) =>
    Object.entries(threeMethods).map(([method, label]) => [
      `${method}.${prefix}-${value}`,
      { comparison: `${prefix}-${value}`, method, label: `${label}, ${said(value)}` },
    ]),
  );
  return Object.fromEntries(rows) as Record<`${Method}.${P}-${V}`, Arm>;
}

const armOf =
  (comparison: string) =>
  (method: string, label: string): Arm => ({ comparison, method, label });
const pair = armOf("matched");
const other = armOf("objectives");
const sampled = armOf("sampling");
const inPuzzle = armOf("puzzle");
const inWords = armOf("words");

export const secondArms = {
  nftQ: pair("nft", "NFT, q"),
  rftQ: pair("rft", "RFT, q"),
  int8: armOf("int8")("nft:rollout_precision=int8", "NFT, q, rollouts of eight bits"),
  nftRootQ: other("nft:normalize=grpo", "NFT, arcsin √q"),
  rftRootQ: other("rft:normalize=inverse_spread", "RFT, arcsin √q"),
  nftLogQ: other("nft:normalize=maxrl", "NFT, log q"),
  rftLogQ: other("rft:normalize=inverse_rate", "RFT, log q"),
  nftLogWrong: other("nft:normalize=none", "NFT, −log(1 − q)"),
  rftLogWrong: other("rft:normalize=inverse_wrong_rate", "RFT, −log(1 − q)"),
  grpoQ: other("grpo", "GRPO"),
  grpoPositive: other("grpo_positive", "GRPO, right answers alone"),
  drGrpoQ: other("dr_grpo", "Dr. GRPO"),
  dapoQ: other("dapo", "DAPO"),
  maxrlQ: other("maxrl", "MaxRL"),
  nsr: other("nsr", "NSR, wrong answers alone"),
  wReinforce: other("w_reinforce", "W-REINFORCE"),
  ...series("updates", otherUpdates, (count) => `${count} ${count === 1 ? "update" : "updates"}`),
  ...series("noise", noises, (percent) => `${percent} % flipped`),
  dynamic: sampled("nft:max_steps=80", "dynamic sampling"),
  chosen: sampled("nft:max_steps=80,problem_selection=solve_rate", "problems chosen by solve rate"),
  screened: sampled("nft:max_steps=80,screening_generations=4", "4 answers first"),
  all: sampled("nft:max_steps=200,filter_groups.enable=false", "all groups"),
  nftPuzzle: inPuzzle("nft", "NFT"),
  rftPuzzle: inPuzzle("rft", "RFT"),
  grpoPuzzle: inPuzzle("grpo", "GRPO"),
  nftWords: inWords("nft", "NFT"),
  rftWords: inWords("rft", "RFT"),
  grpoWords: inWords("grpo", "GRPO"),
  maxrlWords: inWords("maxrl", "MaxRL"),
} as const satisfies Record<string, Arm>;

/** What a comparison is run on: a base and its problems, by the name that `prepare` gives them. */
export type Task = "ladder" | "puzzle" | "words";

export interface SecondComparison {
  readonly task: Task;
  readonly seeds: number;
  readonly settings: readonly string[];
}

/** Searches for learning rates, each with a rate of its own for these methods; an arm has that of its algorithm. */
export const rateSearches: Readonly<Record<string, readonly string[]>> = {
  rates: ["nft", "rft", "grpo"],
  "rates-others": ["grpo_positive", "maxrl", "nsr", "w_reinforce"],
};
export const triedRates = [3e-5, 1e-4, 3e-4] as const;
const search: SecondComparison = {
  task: "ladder",
  seeds: 1,
  settings: ["max_steps=40", "eval_steps=40", "eval_num_generations=16"],
};

const comparisonsOf = (
  prefix: string,
  values: readonly number[],
  settings: (value: number) => readonly string[],
) =>
  values.map(
    (value) => [`${prefix}-${value}`, { task: "ladder", seeds: 8, settings: settings(value) }] as const,
  );

/** 16 problems in so many updates; over 16, passes over the same answers. */
const updates = (count: number): readonly string[] => [
  `mini_batch_size=${Math.max(1, 16 / count)}`,
  `num_iterations=${Math.max(1, count / 16)}`,
];

/** In the order they are run. */
export const secondComparisons: Readonly<Record<string, SecondComparison>> = {
  rates: search,
  matched: { task: "ladder", seeds: 20, settings: [] },
  int8: { task: "ladder", seeds: 10, settings: [] },
  "rates-others": search,
  objectives: { task: "ladder", seeds: 10, settings: [] },
  ...Object.fromEntries(comparisonsOf("updates", otherUpdates, updates)),
  ...Object.fromEntries(
    comparisonsOf("noise", noises, (percent) => [
      `verifier_noise.false_accept=${percent / 100}`,
      `verifier_noise.false_reject=${percent / 100}`,
    ]),
  ),
  sampling: { task: "ladder", seeds: 8, settings: ["eval_steps=20", "eval_num_generations=16"] },
  puzzle: { task: "puzzle", seeds: 8, settings: [] },
  words: { task: "words", seeds: 3, settings: [] },
};
