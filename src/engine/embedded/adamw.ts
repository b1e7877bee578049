/**
 * AdamW with decoupled weight decay, one fused pass over each tensor (Loshchilov and Hutter, arXiv 1711.05101).
 */
import type { Step } from "../engine.ts";
import { adamwOn } from "./kernels.ts";
import type { Tensors } from "./parameters.ts";

/** What AdamW reads of a step. */
export type OptimizerStep = Omit<Step, "number" | "lossScale" | "temperature">;

export interface AdamWState {
  /** Steps taken. */
  count: number;
  /** First and second moments, shaped as the weights. */
  readonly mean: Map<string, Float32Array>;
  readonly square: Map<string, Float32Array>;
}

export const freshState = (weights: Tensors): AdamWState => ({
  count: 0,
  mean: zeros(weights),
  square: zeros(weights),
});

const zeros = (like: Tensors): Map<string, Float32Array> =>
  new Map([...like].map(([name, values]) => [name, new Float32Array(values.length)]));

/**
 * One step, in place:
 *
 *     m ← β₁m + (1 − β₁)g,   v ← β₂v + (1 − β₂)g²
 *     θ ← θ − lr·decay·θ − lr · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
 *
 * with g the gradient, scaled down where its norm exceeds `maxGradNorm` (as PyTorch's `clip_grad_norm_`).
 * Every tensor decays, norms and biases too.
 *
 * @param gradNorm  the gradient's global norm
 * @returns         the global norms of the change of θ as float32 holds it (less than half a unit in the last place
 *                  is none), and of θ before it
 */
export function adamw(
  weights: Tensors,
  grads: Tensors,
  gradNorm: number,
  state: AdamWState,
  step: OptimizerStep,
): { readonly updateNorm: number; readonly weightNorm: number } {
  const { learningRate, weightDecay, beta1, beta2, epsilon, maxGradNorm } = step;
  const t = ++state.count;
  const factors = {
    clip: Math.min(1, maxGradNorm / (gradNorm + 1e-6)),
    beta1,
    beta2,
    rate: learningRate / (1 - beta1 ** t),
    correction: 1 / Math.sqrt(1 - beta2 ** t),
    epsilon,
    decay: learningRate * weightDecay,
  };
  let [moved, before] = [0, 0];
  for (const [name, theta] of weights) {
    const grad = grads.get(name);
    if (grad === undefined) continue;
    const tensor = adamwOn(theta, grad, state.mean.get(name)!, state.square.get(name)!, factors);
    moved += tensor.moved;
    before += tensor.before;
  }
  return { updateNorm: Math.sqrt(moved), weightNorm: Math.sqrt(before) };
}
