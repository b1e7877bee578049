/**
 * The head of a micro-batch with the objective inside it: the last rows → the loss, and d loss / d (last rows).
 */
import type { Program } from "../../autodiff/tensor.ts";
import type { Example, TokenGradient } from "../engine.ts";
import type { MetricTotals } from "../metric-totals.ts";
import { objectiveInputs } from "../objective-inputs.ts";
import { array, type Data, type Values } from "../onnx/run.ts";
import { amongAll, answerRows } from "./answer-rows.ts";
import type { Gradients } from "./gradients.ts";
import type { MicroBatch } from "./micro-batch.ts";
import type { Network } from "./model-programs.ts";
import { FINAL_NORM } from "./parameters.ts";
import { headRows } from "./score.ts";

export interface HeadWork {
  readonly network: Network;
  readonly batch: MicroBatch;
  /** The layers' last rows. */
  readonly hidden: Float32Array;
  readonly examples: readonly Example[];
  readonly objective: Program;
  readonly key: string;
  readonly options: { readonly lossScale: number; readonly temperature: number };
  readonly gradients: Gradients;
  readonly totals: MetricTotals;
  /** Filled in, by example. */
  readonly perToken: TokenGradient[];
}

/** d loss / d (last rows), the loss and the metrics; as many whole answers at a time as the head's rows allow. */
export async function headGradient({
  network,
  batch,
  hidden,
  examples,
  objective,
  key,
  options,
  gradients,
  totals,
  perToken,
}: HeadWork): Promise<Float32Array> {
  const { width, vocabSize } = network.config;
  const { lengths, members } = batch;
  const rows = answerRows(batch, hidden, width);
  const drows = new Float32Array(rows.length);
  const program = await network.headTrain(objective, key);
  const { headName } = network.parameters;
  let from = 0;
  for (const [first, last] of wholeAnswers(lengths, headRows(vocabSize))) {
    const part = members.slice(first, last).map((member) => examples[member]);
    const own = lengths.subarray(first, last);
    const N = own.reduce((sum, length) => sum + length, 0);
    const targets = batch.targets.subarray(from, from + N);
    const given = {
      h: array(rows.subarray(from * width, (from + N) * width), N, width),
      target: array(network.parameters.rows(headName, targets), N, width),
      lossScale: array(Float64Array.of(options.lossScale)),
      ...network.headInputs(options.temperature),
      ...grid(own),
      ...objectiveInputs(part, Math.max(...own)),
    };
    const tensorOf: Readonly<Record<string, string>> = { dnorm: FINAL_NORM, dembedding: headName };
    const results = await program.run(given, (output, length) =>
      output in tensorOf ? gradients.place(tensorOf[output], length) : undefined,
    );
    const { dh, dnorm, dembedding, dtarget, logp, dlogp } = results as Record<string, Values<Float32Array>>;
    drows.set(dh.data, from * width);
    if (!network.config.lora) {
      gradients.add(FINAL_NORM, dnorm.data);
      gradients.add(headName, dembedding.data);
      gradients.addRows(headName, targets, dtarget.data, width);
    }
    totals.add(results, part);
    const T = dlogp.dims[1];
    own.forEach((length, b) => {
      const [logps, push] = [logp, dlogp].map(({ data }) => data.slice(b * T, b * T + length));
      perToken[members[first + b]] = { logps, push };
    });
    from += N;
  }
  return amongAll(batch, drows, width);
}

/** From which answer to which before: as many whole ones as the rows hold, or one longer. */
function wholeAnswers(lengths: Int32Array, rows: number): [first: number, end: number][] {
  const parts: [number, number][] = [];
  let [first, held] = [0, 0];
  lengths.forEach((length, answer) => {
    if (answer > first && held + length > rows) {
      parts.push([first, answer]);
      [first, held] = [answer, 0];
    }
    held += length;
  });
  return [...parts, [first, lengths.length]];
}

/** The rows of answers without padding in [B, T], row by row: `row` of each cell, `cells` of each row. */
function grid(lengths: Int32Array): Record<string, Values<Data>> {
  const [B, T] = [lengths.length, Math.max(...lengths)];
  const row = new BigInt64Array(B * T);
  const cells: bigint[] = [];
  lengths.forEach((length, b) => {
    for (let t = 0; t < length; t++) {
      row[b * T + t] = BigInt(cells.length);
      cells.push(BigInt(b * T + t));
    }
  });
  return { row: array(row, B, T), cells: array(BigInt64Array.from(cells), cells.length) };
}
