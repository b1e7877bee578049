/**
 * The memory that these options take at most, against what is free.
 */
import { memoryHere } from "../../engine/embedded/machine-memory.ts";
import type { ModelConfig } from "../../models/config.ts";
import type { AnyOptions } from "../../options/options.ts";
import { type Finding, type OnFinding, size } from "./finding.ts";
import { type Lengths, type RunBatches, runBatches, runMemory } from "./memory-plan.ts";

/** A larger share of what is free leaves little for anything else. */
const TIGHT = 0.8;

/**
 * @param lengths  tokens of the longest prompt and answer
 * @returns        false where a run would not fit: nothing is then run to measure it
 */
export function examineMemory(
  config: ModelConfig,
  options: AnyOptions,
  lengths: Lengths,
  tell: OnFinding,
): boolean {
  const batches = runBatches("train", config, options, lengths);
  const { parts, peak } = runMemory(config, batches);
  const { free } = memoryHere();
  const own = process.memoryUsage().rss;
  const needed = peak + own;
  const finding = {
    section: "memory",
    name: "estimate",
    text:
      `at most ${size(needed)} of ${size(free + own)}: ${parts.map(({ what, bytes }) => `${what} ${size(bytes)}`).join(", ")}; ` +
      `${size(own)} are held already. ${assumed(batches)}`,
    values: { peakBytes: needed, freeBytes: free + own },
  } as const;
  tell(judged(finding, needed / (free + own)));
  return needed <= free + own;
}

function assumed({ microBatch, inFlight }: RunBatches): string {
  const { answers, answerLength, promptLength } = microBatch;
  return `Micro-batches of ${answers} answers and sampling of ${inFlight?.answers ?? 0}, all of ${answerLength} tokens after prompts of ${promptLength}`;
}

function judged(finding: Omit<Finding, "status">, share: number): Finding {
  if (share <= TIGHT) return { ...finding, status: "ok" };
  return {
    ...finding,
    status: share > 1 ? "problem" : "note",
    next: "Set micro_batch_tokens or max_answers_in_flight lower, keep_activations false, or lora_rank; or take a smaller model.",
  };
}
