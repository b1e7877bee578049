/**
 * Presets: whole settings of published runs by name, for `--preset NAME`; what is set beside one goes before it.
 *
 * From arXiv:2505.18116 and the scripts of NVlabs/NFT. Where paper and scripts disagree the paper is followed, and
 * `about` says so. The options name no model and no data: those are files of the user's.
 */
import { OptionError } from "../errors.ts";
import type { GivenOptions } from "./options.ts";

export interface Preset {
  readonly name: string;
  /** Which run it is, and what was decided where sources disagree. */
  readonly about: string;
  /** Which command it is for. */
  readonly command: "train" | "eval";
  /** The model that it was run on, by its name on the hub, for who asks what it takes. */
  readonly model: string;
  readonly options: GivenOptions;
}

const MODEL_7B = "Qwen/Qwen2.5-Math-7B";
const MODEL_32B = "Qwen/Qwen2.5-32B";

/** What every run of the paper shares. */
const shared: GivenOptions = {
  systemPrompt: "Please reason step by step, and put your final answer within \\boxed{}.",
  promptsPerStep: 512,
  numGenerations: 16,
  genBatchSize: 1536,
  temperature: 1,
  topP: 1,
  topK: 0,
  verifier: "dapo-boxed",
  filterGroupsEnable: true,
  filterGroupsMaxNumGenBatches: 10,
  miniBatchSize: 32,
  numIterations: 1,
  learningRate: 1e-6,
  lrSchedulerType: "constant",
  warmupSteps: 10,
  weightDecay: 0.1,
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  maxGradNorm: 1,
  evalNumGenerations: 32,
  evalTopP: 0.7,
  evalSteps: 10,
  maxSteps: 320,
  seed: 233,
};

const of7B: GivenOptions = {
  ...shared,
  maxPromptLength: 512,
  maxCompletionLength: 3584,
  evalTemperature: 1,
};
const of32B: GivenOptions = {
  ...shared,
  maxPromptLength: 2048,
  maxCompletionLength: 14336,
  evalTemperature: 0.6,
};

const nft: GivenOptions = {
  algorithm: "nft",
  normalize: "dr_grpo",
  negWeight: 1,
  clampNegative: 1,
  importanceSamplingLevel: "token",
  lossAgg: "token-sum",
  lossScaleFactor: 1000,
};
const rft: GivenOptions = {
  algorithm: "rft",
  normalize: "none",
  lossAgg: "token-sum",
  lossScaleFactor: 1000,
};
const clipHigher: GivenOptions = { epsilon: 0.2, epsilonHigh: 0.28, lossAgg: "token-mean" };
const dapo: GivenOptions = {
  algorithm: "dapo",
  ...clipHigher,
  scaleRewards: "group",
  rewardStd: "sample",
  overlongBufferEnable: true,
  overlongBufferPenaltyFactor: 1,
};
/** The paper's GRPO: all problems, and so many more steps that it took DAPO's time. */
const unfiltered: GivenOptions = {
  ...clipHigher,
  rewardStd: "sample",
  filterGroupsEnable: false,
  genBatchSize: undefined,
  maxSteps: 580,
};

const EVALUATED =
  "Evaluated at temperature 1.0 as the paper says; its scripts, whose names are swapped, say 0.6.";
const EVALUATED32 = "Evaluated at temperature 0.6 as the paper says; its scripts say 1.0.";

const training: readonly Omit<Preset, "command" | "model">[] = [
  {
    name: "nft-7b",
    about: `NFT of Qwen2.5-Math-7B on DAPO-Math-17k. ${EVALUATED} Warm-up counts steps, as in the paper's code.`,
    options: { ...of7B, ...nft },
  },
  {
    name: "nft-32b",
    about: `NFT of Qwen2.5-32B on DAPO-Math-17k. ${EVALUATED32} A comment in the script suggests neg_weight 0.5; the paper names none.`,
    options: { ...of32B, ...nft },
  },
  {
    name: "rft-7b",
    about:
      "RFT beside nft-7b: right answers alone, all problems of equal weight. The official script, which only sets neg_weight, keeps the weight 1 - r.",
    options: { ...of7B, ...rft },
  },
  {
    name: "rft-32b",
    about: `RFT beside nft-32b. ${EVALUATED32}`,
    options: { ...of32B, ...rft },
  },
  {
    name: "grpo-7b",
    about:
      "GRPO as the paper ran it: no dynamic sampling, DAPO's clip and token mean, more steps to take the same time as DAPO.",
    options: { ...of7B, ...unfiltered, algorithm: "grpo", scaleRewards: "group" },
  },
  {
    name: "dr-grpo-7b",
    about: "Dr. GRPO as the paper ran it: grpo-7b without the division by the group's spread.",
    options: { ...of7B, ...unfiltered, algorithm: "dr_grpo", scaleRewards: "none" },
  },
  {
    name: "dapo-7b",
    about: "DAPO with the official 7B script's overlong buffer of 512 tokens.",
    options: { ...of7B, ...dapo, overlongBufferLen: 512 },
  },
  {
    name: "dapo-32b",
    about:
      "DAPO in the paper's 32K context, prompts of up to 2K in it. The official script of DAPO has 2K + 20K, NFT's 2K + 14K.",
    options: { ...of32B, ...dapo, maxCompletionLength: 30_720, overlongBufferLen: 4096 },
  },
  {
    name: "dpo-7b",
    about:
      "Iterative DPO (InfoNCA), of which the paper reports the best beta among 0.1, 0.02 and 0.01, and an added likelihood term (rpo_alpha) of unnamed weight.",
    options: { ...of7B, algorithm: "dpo", beta: 0.1 },
  },
];

/** The paper's six sets; a headline number is the unweighted mean of their avg@k. */
const benchmark: Preset = {
  name: "paper",
  about:
    "The paper's benchmark of six sets at once, its tables' columns, of files in --eval-dataset-dir: avg@32 on AIME 2024, AIME 2025 and AMC 2023, avg@1 on MATH-500, OlympiadBench and Minerva. Temperature 1.0 as for its 7B models; its 32B models were measured at 0.6. Graded as it graded in the end, and no prompt is left out that the model has room for.",
  command: "eval",
  model: MODEL_7B,
  options: {
    maxPromptLength: 2048,
    systemPrompt: shared.systemPrompt!,
    maxCompletionLength: of7B.maxCompletionLength!,
    verifier: "qwen-like",
    evalDataset: "aime24@32,aime25@32,amc23@32,math500,olympiadbench,minerva",
    evalTemperature: 1,
    evalTopP: shared.evalTopP!,
  },
};

export const presets: readonly Preset[] = [
  ...training.map((preset): Preset => {
    const model = preset.name.endsWith("-32b") ? MODEL_32B : MODEL_7B;
    return { ...preset, command: "train", model };
  }),
  benchmark,
];

/**
 * @param command  where it is to be used
 * @throws OptionError where there is no preset of that name, or it is another command's
 */
export function presetOf(name: string, command?: Preset["command"]): Preset {
  const fitting = presets.filter((preset) => command === undefined || preset.command === command);
  const found = fitting.find((preset) => preset.name === name);
  if (found !== undefined) return found;
  throw new OptionError({
    where: "preset",
    expected: `one of ${fitting.map((preset) => preset.name).join(", ")}`,
    got: name,
    next: "`errata presets` prints them all.",
  });
}
