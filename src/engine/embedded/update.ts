/**
 * The gradient of a mini-batch, layer by layer: forward with each layer's input kept, the head with the
 * objective inside it, and back again, one micro-batch after another.
 */
import type { Program } from "../../autodiff/tensor.ts";
import type { Example, TokenGradient, Watch } from "../engine.ts";
import { MetricTotals, type ObjectiveReport } from "../metric-totals.ts";
import { free } from "../onnx/free.ts";
import { array, type Values } from "../onnx/run.ts";
import { Gradients } from "./gradients.ts";
import { headGradient } from "./head-gradient.ts";
import { cut, type MicroBatch } from "./micro-batch.ts";
import type { Network } from "./model-programs.ts";
import { EMBEDDING, layerTensor } from "./parameters.ts";
import { type Keep, keepFor } from "./programs.ts";

export interface GradientOptions {
  readonly lossScale: number;
  readonly temperature: number;
  /** Tokens of a micro-batch. */
  readonly budget: number;
  /** Keep what the backward pass needs of each layer, instead of computing it again. */
  readonly keep: boolean;
}

export interface GradientReport extends ObjectiveReport {
  /** In the network's own buffers: they last until its next gradient. */
  readonly gradients: Gradients;
  readonly perToken: readonly TokenGradient[];
  readonly microBatches: number;
  readonly seconds: Record<"forward" | "head" | "backward", number>;
}

/** @param key  names the objective with its options, so that its program is compiled once */
export async function gradientOf(
  network: Network,
  examples: readonly Example[],
  objective: Program,
  key: string,
  options: GradientOptions,
  { onProgress, signal }: Watch = {},
): Promise<GradientReport> {
  const gradients = new Gradients(network.buffers);
  const totals = new MetricTotals();
  const perToken: TokenGradient[] = new Array(examples.length);
  const batches = cut(examples, options.budget);
  const all = batches.reduce((total, batch) => total + batch.tokens.length, 0);
  const seconds = { forward: 0, head: 0, backward: 0 };
  const timed = async <T>(phase: keyof typeof seconds, work: Promise<T>): Promise<T> => {
    const begin = performance.now();
    const result = await work;
    seconds[phase] += (performance.now() - begin) / 1000;
    return result;
  };
  let done = 0;
  for (const batch of batches) {
    signal?.throwIfAborted();
    const keep = keepFor(options.keep, batch.blocked);
    const layers = await timed("forward", forwardLayers(network, batch, keep));
    const work = { network, batch, hidden: layers.y, examples, objective, key, options };
    const dy = await timed("head", headGradient({ ...work, gradients, totals, perToken }));
    await timed("backward", backwardLayers(network, batch, layers, dy, keep, gradients));
    done += batch.tokens.length;
    onProgress?.(done, all);
  }
  return { gradients, ...totals.report(), perToken, microBatches: batches.length, seconds };
}

interface Passed {
  readonly y: Float32Array;
  /** Each layer's input and what it kept, taken away as the backward pass uses it. */
  readonly layers: Record<string, Values>[];
}

async function forwardLayers(network: Network, batch: MicroBatch, keep: Keep): Promise<Passed> {
  const inputs = network.batchInputs(batch);
  const forward = await network.forward(keep, batch);
  const layers: Record<string, Values>[] = [];
  let x: Values = array(network.embed(batch.tokens), batch.tokens.length, network.config.width);
  for (const [layer, weights] of network.parameters.layers.entries()) {
    const given = { x, ...inputs[layer], ...weights };
    const { y, ...kept } = await forward.run(given, (name, length) =>
      network.buffers.room(`${layer} ${name}`, length),
    );
    layers.push({ x, ...kept });
    x = y;
  }
  return { y: x.data as Float32Array, layers };
}

async function backwardLayers(
  network: Network,
  batch: MicroBatch,
  passed: Passed,
  dLast: Float32Array,
  keep: Keep,
  gradients: Gradients,
): Promise<void> {
  const { width, layers } = network.config;
  const inputs = network.batchInputs(batch);
  const backward = await network.backward(keep, batch);
  let dy: Values = array(dLast, batch.tokens.length, width);
  for (let layer = layers - 1; layer >= 0; layer--) {
    const given = { dy, ...passed.layers.pop()!, ...inputs[layer], ...network.parameters.layers[layer] };
    const tensorOf = (output: string) => layerTensor(layer, output.slice("d/".length));
    const { dx, ...dWeights } = await backward.run(given, (output, length) =>
      output === "dx" ? undefined : gradients.place(tensorOf(output), length),
    );
    for (const [output, values] of Object.entries(dWeights))
      gradients.add(tensorOf(output), values.data as Float32Array);
    if (layer < layers - 1) free(dy.data as Float32Array);
    dy = dx;
  }
  if (network.config.lora) return;
  gradients.place(EMBEDDING, network.parameters.tensors.get(EMBEDDING)!.length)?.fill(0);
  network.scaleEmbeddings(dy.data as Float32Array);
  gradients.addRows(EMBEDDING, batch.tokens, dy.data as Float32Array, width);
}
