/**
 * Objectives against losses and gradients that other people's code computed:
 *
 *   npx tsx scripts/golden.ts FILE...     exits 1 where a row differs by more than its bound
 *
 * One JSON object per line. Rows with `sequences` are the paper's official NFT loss (bound 1e-9).
 */
import { readFileSync } from "node:fs";
import { objectiveGradient, traceObjective } from "../src/engine/objective-program.ts";
import { compile } from "../src/engine/onnx/run.ts";
import { nft } from "../src/loop/objectives/nft.ts";

interface Answer {
  readonly oldLogprobs: readonly number[];
  readonly logprobs: readonly number[];
  readonly correct: boolean;
  readonly solveRate: number;
  readonly grad: readonly number[];
}
interface Row {
  readonly id: string;
  readonly ratio: "token" | "sequence";
  readonly promptWeight: "uniform" | "dr-grpo" | "grpo";
  readonly epsilon: number;
  readonly negativeWeight: number;
  readonly loss: number;
  readonly sequences: readonly Answer[];
}

const normalize = { uniform: "none", "dr-grpo": "dr_grpo", grpo: "grpo" } as const;

/** The largest difference in the loss or in any gradient, relative where the value is above 1. */
async function difference(row: Row): Promise<number> {
  const objective = nft({
    normalize: normalize[row.promptWeight],
    negWeight: row.negativeWeight,
    clampNegative: row.epsilon,
    importanceSamplingLevel: row.ratio,
  });
  const B = row.sequences.length;
  const T = Math.max(...row.sequences.map((each) => each.logprobs.length));
  const matrix = (of: (answer: Answer, t: number) => number) => ({
    data: Float64Array.from({ length: B * T }, (_, i) => of(row.sequences[Math.floor(i / T)], i % T) || 0),
    dims: [B, T],
  });
  const column = (of: (answer: Answer) => number) => ({
    data: Float64Array.from(row.sequences, of),
    dims: [B, 1],
  });
  const program = await compile(objectiveGradient(traceObjective(objective)));
  const { loss, dlogp } = await program.run({
    logp: matrix((answer, t) => answer.logprobs[t]),
    logpOld: matrix((answer, t) => answer.oldLogprobs[t]),
    mask: matrix((answer, t) => (t < answer.logprobs.length ? 1 : 0)),
    "column/right": column((answer) => (answer.correct ? 1 : 0)),
    "column/solveRate": column((answer) => answer.solveRate),
    lossScale: { data: Float64Array.of(1), dims: [] },
  });
  await program.release();
  const apart = (got: number, expected: number) => Math.abs(got - expected) / Math.max(1, Math.abs(expected));
  const grads = row.sequences.flatMap((answer, b) =>
    answer.grad.map((expected, t) => apart(dlogp.data[b * T + t] as number, expected)),
  );
  return Math.max(apart(loss.data[0] as number, row.loss), ...grads);
}

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: npx tsx scripts/golden.ts FILE.jsonl...");
  process.exit(2);
}
let misses = 0;
for (const file of files) {
  const rows: Row[] = readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  let worst = 0;
  for (const row of rows) {
    const found = await difference(row);
    // Written so that a NaN is a miss.
    if (!(found <= 1e-9)) {
      misses++;
      console.log(`miss  ${row.id}  differs by ${found.toExponential(2)}`);
    }
    worst = Math.max(worst, found);
  }
  console.log(`${file}  ${rows.length} rows, largest difference ${worst.toExponential(2)}`);
}
process.exit(misses === 0 ? 0 : 1);
