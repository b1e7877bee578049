/**
 * Seconds of one step on GPUs, by phase: arithmetic of the model's size, the tokens and the machine.
 *
 *   train     6 P S n / (G F u), with adapters 4 P
 *   forwards  2 P S n f / (G F u)          where experts share a layer, P is what one token goes through; not below
 *   decode    o τ(b) + (L - o) (τ(b) + τ(0)) / 2,   τ(b) = (2 P + b κ n / 2) / (0.6 t W) + 5 ms (7 ms if t > 1)
 *
 * `test/costs` holds it to published steps: two whole ones to +2 and -10 %, three passes of old log-probs to -17 to -37 %.
 */
import type { Hardware, ModelFigures } from "./price-list.ts";

export interface GpuStep {
  readonly model: ModelFigures;
  readonly hardware: Hardware;
  /** G. */
  readonly gpus: number;
  /** t: GPUs that hold one copy of the model while sampling. */
  readonly gpusPerCopy: number;
  /** Answers of a step: S' and S. */
  readonly sampled: number;
  readonly trained: number;
  /** Mean tokens of a prompt and of an answer; their sum is n, the answer's is o. */
  readonly prompt: number;
  readonly answer: number;
  /** L: tokens of the longest answer. */
  readonly longest: number;
  /** f: passes forward of the trained answers beside training, old log-probs among them. */
  readonly forwards: number;
  /** Numbers in the adapters that learn; undefined where all weights do. */
  readonly adapters: number | undefined;
}

export interface StepSeconds {
  readonly decode: number;
  readonly forwards: number;
  readonly train: number;
  /** Weights to the sampler. */
  readonly transfer: number;
  readonly total: number;
}

/** Share of the peak that training reaches (u): without model parallelism, and with. */
const useOfPeak = { whole: 0.4, split: 0.3 };
/** Share of the memory's bandwidth that decoding reaches. */
export const USE_OF_BANDWIDTH = 0.6;

/** u of a step. */
export const peakShare = ({ gpusPerCopy }: Pick<GpuStep, "gpusPerCopy">): number =>
  gpusPerCopy > 1 ? useOfPeak.split : useOfPeak.whole;

/** κ: bytes of a token's keys and values, two bytes a number. */
export const cacheBytes = ({ layers, kvHeads, headDim }: ModelFigures): number =>
  layers * kvHeads * headDim * 4;

export function gpuStepSeconds(step: GpuStep): StepSeconds {
  const { model, hardware, gpus, gpusPerCopy: t, sampled, trained, prompt, answer, longest } = step;
  const P = model.parameters;
  const operations = trained * (prompt + answer) * (model.active ?? P);
  const n = prompt + answer;
  const perSecond = gpus * hardware.flops * peakShare(step);
  const train = ((step.adapters === undefined ? 6 : 4) * operations) / perSecond;
  const forwards = (2 * operations * step.forwards) / perSecond;
  const tokenSeconds = (batch: number) =>
    (2 * P + (batch * cacheBytes(model) * n) / 2) / (USE_OF_BANDWIDTH * t * hardware.bandwidth) +
    (t > 1 ? 0.007 : 0.005);
  const full = tokenSeconds((sampled * t) / gpus);
  const decode = answer * full + (Math.max(0, longest - answer) * (full + tokenSeconds(0))) / 2;
  const transfer = t > 1 ? 10 : 5;
  return { decode, forwards, train, transfer, total: decode + forwards + train + transfer };
}

/** Bytes on one GPU, sharded evenly. */
export interface GpuMemory {
  /** What learns has float32 weights, gradients and AdamW's moments and a bf16 copy: 18 bytes; what is frozen has 2. */
  readonly training: number;
  /** bf16 weights of the sampler. */
  readonly weights: number;
  /** Keys and values of the answers in flight, on average half grown. */
  readonly cache: number;
}

export function gpuMemory(step: GpuStep): GpuMemory {
  const { model, gpus, gpusPerCopy, sampled, prompt, answer, adapters } = step;
  const state = adapters === undefined ? 18 * model.parameters : 2 * model.parameters + 18 * adapters;
  return {
    training: state / gpus,
    weights: (2 * model.parameters) / gpusPerCopy,
    cache: ((sampled / gpus) * cacheBytes(model) * (prompt + answer)) / 2,
  };
}
