/**
 * A tiny Hugging Face folder against what PyTorch computed on it: log-probs, entropy, every gradient, the
 * weights after one AdamW step, and a greedy continuation.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { adamw, freshState } from "../src/engine/embedded/adamw.ts";
import { Network } from "../src/engine/embedded/model-programs.ts";
import { Parameters } from "../src/engine/embedded/parameters.ts";
import { sample } from "../src/engine/embedded/sample.ts";
import { score } from "../src/engine/embedded/score.ts";
import { askedFor } from "../src/engine/embedded/shares.ts";
import { gradientOf } from "../src/engine/embedded/update.ts";
import type { Example } from "../src/engine/engine.ts";
import { traceObjective } from "../src/engine/objective-program.ts";
import { surrogate } from "../src/engine/surrogate.ts";
import { openModel } from "../src/formats/open-model.ts";
import { openSafetensors } from "../src/formats/safetensors/safetensors.ts";

/** One quantity held against a reference. */
export interface Finding {
  readonly what: string;
  readonly difference: number;
  readonly bound: number;
  readonly note?: string;
}

interface Expected {
  readonly loss: number;
  readonly gradNorm: number;
  readonly sequences: readonly {
    readonly tokens: readonly number[];
    readonly logprobs: readonly number[];
    readonly entropy: readonly number[];
    readonly weights: readonly number[];
  }[];
  readonly greedy: { readonly prompt: readonly number[]; readonly continuation: readonly number[] };
}

const STEP = {
  learningRate: 1e-2,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.1,
  maxGradNorm: 1,
};
/** A gradient this far below the global norm is float32's rounding, in PyTorch's numbers as in ours. */
const ROUNDING = 1e-8;

const weighted = traceObjective(surrogate);

export async function checkFolder(folder: string): Promise<Finding[]> {
  const expected: Expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
  const files = await openModel(folder);
  const network = new Network(await Parameters.read(files.config, (name) => files.read(name)), 0);
  const examples: Example[] = expected.sequences.map(({ tokens, weights }) => ({
    prompt: Int32Array.from(tokens.slice(0, 1)),
    completion: Int32Array.from(tokens.slice(1)),
    // the loss is − Σ weight · log-prob
    logpsOld: new Float32Array(weights.length),
    columns: {},
    tokenColumns: { weight: Float32Array.from(weights, (weight) => -weight) },
  }));
  const findings: Finding[] = [];
  const find = (what: string, difference: number, bound: number, note?: string) =>
    findings.push({ what, difference, bound, ...(note && { note }) });

  const scores = await score(network, examples, 1, 64);
  find("log-probs", largest(scores.map((s, i) => apart(s.logps, expected.sequences[i].logprobs))), 1e-4);
  find("entropy", largest(scores.map((s, i) => apart(s.entropies!, expected.sequences[i].entropy))), 1e-3);

  for (const [what, tokens] of await greedy(network, expected)) find(what, tokens, 0);

  for (const keep of [true, false]) {
    const options = { lossScale: 1, temperature: 1, budget: 64, keep };
    const { gradients, loss } = await gradientOf(network, examples, weighted, surrogate.name, options);
    const how = keep ? "activations kept" : "recomputed";
    const norm = gradients.norm();
    find(`loss, ${how}`, Math.abs(loss / expected.loss - 1), 1e-5);
    find(`gradient norm, ${how}`, Math.abs(norm / expected.gradNorm - 1), 1e-3);
    const stored = await openSafetensors(join(folder, "grads.safetensors"));
    let worst = { name: "", difference: 0 };
    for (const name of stored.tensors.keys()) {
      const difference = relative(gradients.tensors.get(name) ?? new Float32Array(), await stored.read(name));
      if (!(difference <= worst.difference)) worst = { name, difference };
    }
    find(`every gradient tensor, ${how}`, worst.difference, 1e-3, `largest in ${worst.name}`);
    if (!keep) await checkStep(folder, network, gradients.tensors, norm, find);
  }
  await network.release();
  return findings;
}

/** The difference after a step, less what a gradient's rounding alone can do to it. */
async function checkStep(
  folder: string,
  network: Network,
  gradients: Map<string, Float32Array>,
  norm: number,
  find: (what: string, difference: number, bound: number, note?: string) => void,
): Promise<void> {
  const weights = network.parameters.tensors;
  adamw(weights, gradients, norm, freshState(weights), STEP);
  const after = await openSafetensors(join(folder, "after-step.safetensors"));
  let worst = 0;
  let excused = 0;
  for (const name of after.tensors.keys()) {
    const stored = await after.read(name);
    const grads = gradients.get(name)!;
    weights.get(name)!.forEach((value, i) => {
      const difference = Math.abs(value - stored[i]);
      // AdamW's first step is lr·g/(|g| + ε): where |g| is near ε, rounding of g moves the weight by as much as lr.
      const clipped = Math.abs(grads[i]) / norm;
      const sensitivity = (STEP.learningRate * STEP.epsilon) / (clipped + STEP.epsilon) ** 2;
      const allowed = sensitivity * ROUNDING;
      if (difference > 1e-4 && difference <= 1e-4 + allowed) excused++;
      worst = Math.max(worst, difference - allowed);
    });
  }
  find(
    "weights after one clipped AdamW step",
    worst,
    1e-4,
    excused > 0
      ? `${excused} weight(s) whose gradient is rounding noise beside AdamW's epsilon, apart`
      : undefined,
  );
}

/** The continuation sampled alone and beside prompts of other lengths, and as the argmax of whole-sequence scores. */
async function greedy(network: Network, expected: Expected): Promise<[string, number][]> {
  const { prompt, continuation: tokens } = expected.greedy;
  const prompts = [
    { tokens: Int32Array.from(prompt), key: 0 },
    { tokens: Int32Array.from(prompt.slice(0, 1)), key: 1 },
    { tokens: Int32Array.from([...prompt, ...tokens.slice(0, 3)]), key: 2 },
    { tokens: Int32Array.from([...prompt, ...tokens.slice(0, 9)]), key: 3 },
  ];
  const sampling = {
    answers: 2,
    maxTokens: tokens.length,
    temperature: 0,
    topP: 1,
    topK: 0,
    seed: 0,
    step: 0,
  };
  const first = askedFor(prompts.slice(0, 1), { ...sampling, answers: 1 });
  const alone = await sample(network, first, sampling, 1, []);
  const together = await sample(network, askedFor(prompts, sampling), sampling, 64, []);
  const differing = (got: Int32Array, from: number) =>
    tokens.slice(from).filter((token, i) => token !== got[i]).length;
  return [
    ["greedy tokens that differ", differing(alone[0][0].tokens, 0)],
    [
      "the same in a batch of lengths",
      differing(together[0][1].tokens, 0) +
        differing(together[2][0].tokens, 3) +
        differing(together[3][1].tokens, 9),
    ],
  ];
}

const largest = (values: readonly number[]) => values.reduce((a, b) => (Number.isNaN(b) || b > a ? b : a), 0);

const apart = (got: Float32Array, expected: readonly number[]) =>
  largest(expected.map((value, i) => Math.abs(value - got[i])));

/** ‖got − expected‖ / ‖expected‖ */
function relative(got: Float32Array, expected: Float32Array): number {
  let [difference, size] = [0, 0];
  expected.forEach((value, i) => {
    difference += (got[i] - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(difference / size);
}
