/**
 * Scoring: log-probs of given tokens, forward only.
 */
import type { Score, Sequence, Watch } from "../engine.ts";
import { array, type Values } from "../onnx/run.ts";
import { answerRows } from "./answer-rows.ts";
import { cut, type MicroBatch } from "./micro-batch.ts";
import type { Network } from "./model-programs.ts";

/** Rows of the head computed at a time: its logits are [rows, V]. */
export const headRows = (vocabulary: number) => Math.max(64, Math.floor(2 ** 25 / vocabulary));

/**
 * @param budget  tokens of a micro-batch
 * @returns       of each sequence, what each token of its completion has
 */
export async function score(
  network: Network,
  sequences: readonly Sequence[],
  temperature: number,
  budget: number,
  { onProgress, signal }: Watch = {},
): Promise<Score[]> {
  const scores: Score[] = new Array(sequences.length);
  let done = 0;
  for (const batch of cut(sequences, budget)) {
    signal?.throwIfAborted();
    const hidden = await runLayers(network, batch);
    const { logps, entropies } = await scoreRows(network, batch, hidden, temperature);
    let from = 0;
    batch.members.forEach((member, a) => {
      const to = from + batch.lengths[a];
      scores[member] = { logps: logps.slice(from, to), entropies: entropies.slice(from, to) };
      from = to;
    });
    done += batch.members.length;
    onProgress?.(done, sequences.length);
  }
  return scores;
}

/** The layers' last rows: those of the prompts, then those of the answers. */
async function runLayers(network: Network, batch: MicroBatch): Promise<Float32Array> {
  const { width } = network.config;
  const inputs = network.batchInputs(batch);
  const forward = await network.forward("nothing", batch);
  let x = network.embed(batch.tokens);
  for (const [layer, weights] of network.parameters.layers.entries()) {
    const { y } = await forward.run({
      x: array(x, batch.tokens.length, width),
      ...inputs[layer],
      ...weights,
    });
    x = y.data as Float32Array;
  }
  return x;
}

async function scoreRows(network: Network, batch: MicroBatch, hidden: Float32Array, temperature: number) {
  const { width, vocabSize } = network.config;
  const rows = answerRows(batch, hidden, width);
  const count = batch.targets.length;
  const step = headRows(vocabSize);
  const head = await network.headScore();
  const shared = network.headInputs(temperature);
  const logps = new Float32Array(count);
  const entropies = new Float32Array(count);
  for (let row = 0; row < count; row += step) {
    const n = Math.min(step, count - row);
    const h = rows.subarray(row * width, (row + n) * width);
    const target = network.parameters.rows(network.parameters.headName, batch.targets.subarray(row, row + n));
    const results: Record<string, Values> = await head.run({
      h: array(h, n, width),
      target: array(target, n, width),
      ...shared,
    });
    logps.set(results.logp.data as Float32Array, row);
    entropies.set(results.entropy.data as Float32Array, row);
  }
  return { logps, entropies };
}
