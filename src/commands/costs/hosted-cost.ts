/**
 * A run by a hosted service's prices.
 */
import type { Incomplete } from "../../options/options.ts";
import { digits } from "../doctor/finding.ts";
import type { CostLine } from "./cost-line.ts";
import { type PriceList, rowOf } from "./price-list.ts";

/** Tokens of one step. */
export interface StepTokens {
  /** Of prompts, each once. */
  readonly prefilled: number;
  readonly sampled: number;
  readonly forward: number;
  readonly trained: number;
}

/** Of a prompt that is in the cache this share of its price is charged. */
const CACHED_SHARE = 0.2;

/**
 * From the least that may be charged, a prompt's other answers from the cache and no old log-probs, to the most: each
 * answer's prompt in full, and old log-probs as training. Which it is, no source says.
 *
 * @throws OptionError where the hosted model is not known
 */
export function hostedLines(
  { numGenerations, maxSteps, loraRank }: Incomplete<"train">,
  tokens: StepTokens,
  name: string,
  list: PriceList,
): CostLine[] {
  const rows = Object.fromEntries(list.hosted.map((row) => [row.model, row]));
  const row = rowOf(rows, name, "--hosted", "Add a row to data/costs.yaml.");
  const { prefill, sample, train, date, source } = row;
  const always = tokens.sampled * sample + tokens.trained * train;
  const low = (always + tokens.prefilled * (1 + CACHED_SHARE * (numGenerations - 1)) * prefill) / 1e6;
  const high = (always + tokens.prefilled * numGenerations * prefill + tokens.forward * train) / 1e6;
  const adapters: CostLine = {
    section: "taken",
    name: "adapters",
    text: "hosted services train adapters alone (LoRA), and these options all weights: it would be another run. Set lora_rank",
  };
  return [
    ...(loraRank === undefined ? [adapters] : []),
    {
      section: "run",
      name: "hosted",
      text: `a step: sampled × $${sample} + trained × $${train} for a million tokens, prompts × $${prefill} once and then from the cache = $${digits(low)}; with every prompt in full and old log-probs as training $${digits(high)}; × ${maxSteps} = $${digits(maxSteps * low)} to $${digits(maxSteps * high)}, within 2 times; ${source}, ${date}`,
      values: { dollarsLow: maxSteps * low, dollarsHigh: maxSteps * high },
    },
  ];
}
