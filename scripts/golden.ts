/**
 * Objectives against losses and gradients that other people's code computed:
 *
 *   npx tsx scripts/golden.ts FILE...     exits 1 where a row differs by more than its bound
 *
 * One JSON object per line. Rows with `sequences` are the paper's official NFT loss (bound 1e-9), rows with
 * `groups` are policy gradients: verl's, or with scores those of golden_scores.py (bound 1e-8: verl adds 1e-8 to
 * token counts).
 */
import { readFileSync } from "node:fs";
import { argv } from "node:process";
import { pathToFileURL } from "node:url";
import type { Objective } from "../src/engine/objective.ts";
import { objectiveGradient, traceObjective } from "../src/engine/objective-program.ts";
import { compile, type Runnable } from "../src/engine/onnx/run.ts";
import { advantages } from "../src/loop/groups/advantages.ts";
import { type LossAgg, lossScale } from "../src/loop/objectives/aggregation.ts";
import { makeObjective } from "../src/loop/objectives/objectives.ts";

interface Answer {
  readonly oldLogprobs: readonly number[];
  readonly logprobs: readonly number[];
  readonly correct?: boolean;
  /** In [0, 1], in place of `correct`. */
  readonly score?: number;
  readonly grad: readonly number[];
}
interface NftRow {
  readonly id: string;
  readonly ratio: "token" | "sequence";
  readonly promptWeight: "uniform" | "dr-grpo" | "grpo";
  readonly epsilon: number;
  readonly negativeWeight: number;
  readonly loss: number;
  readonly sequences: readonly (Answer & { readonly solveRate: number })[];
}
interface PolicyGradientRow {
  readonly id: string;
  readonly objective: "grpo" | "dr-grpo" | "dapo" | "gspo" | "cispo";
  readonly clipLow: number;
  readonly clipHigh: number;
  readonly dualClip: number | null;
  readonly aggregation: "token-mean" | "seq-mean-token-mean" | "seq-mean-token-sum-norm";
  readonly lossScale: number | null;
  readonly stdNormalized: boolean;
  readonly loss: number;
  readonly groups: readonly { readonly completions: readonly Answer[] }[];
}
type Row = NftRow | PolicyGradientRow;

/** A row as this package computes it. */
interface Case {
  readonly objective: Objective;
  /** Names the objective and its options, so that each is compiled once. */
  readonly key: string;
  readonly answers: readonly Answer[];
  readonly columns: Readonly<Record<string, readonly number[]>>;
  readonly lossScale: number;
  readonly bound: number;
}

const normalize = { uniform: "none", "dr-grpo": "dr_grpo", grpo: "grpo" } as const;

function nftCase(row: NftRow): Case {
  const options = {
    normalize: normalize[row.promptWeight],
    negWeight: row.negativeWeight,
    clampNegative: row.epsilon,
    importanceSamplingLevel: row.ratio,
  };
  return {
    objective: makeObjective("nft", options),
    key: JSON.stringify(["nft", options]),
    answers: row.sequences,
    columns: {
      right: row.sequences.map(({ correct }) => (correct ? 1 : 0)),
      solveRate: row.sequences.map(({ solveRate }) => solveRate),
    },
    lossScale: 1,
    bound: 1e-9,
  };
}

function policyGradientCase(row: PolicyGradientRow): Case {
  const answers = row.groups.flatMap(({ completions }) => completions);
  const options = { epsilon: row.clipLow, epsilonHigh: row.clipHigh, dualClip: row.dualClip ?? 0 };
  const name = row.objective.replace("-", "_");
  const agg: LossAgg = row.aggregation === "seq-mean-token-sum-norm" ? "token-sum" : row.aggregation;
  const rewards = row.groups.map(({ completions }) =>
    completions.map(({ correct, score }) => score ?? (correct ? 1 : 0)),
  );
  const scaleRewards = row.stdNormalized ? "group" : "none";
  const tokens = answers.reduce((sum, { logprobs }) => sum + logprobs.length, 0);
  return {
    objective: makeObjective(name, options, agg),
    key: JSON.stringify([name, options, agg]),
    answers,
    columns: { advantage: advantages(rewards, { scaleRewards, rewardStd: "sample" }).flat() },
    lossScale: lossScale(agg, { answers: answers.length, tokens }, row.lossScale ?? 1),
    bound: 1e-8,
  };
}

/** The largest difference in the loss or in any gradient, relative where the value is above 1. */
async function difference(program: Runnable, row: Row, { answers, columns, lossScale }: Case) {
  const B = answers.length;
  const T = Math.max(...answers.map((each) => each.logprobs.length));
  const matrix = (of: (answer: Answer, t: number) => number) => ({
    data: Float64Array.from({ length: B * T }, (_, i) => of(answers[Math.floor(i / T)], i % T) || 0),
    dims: [B, T],
  });
  const { loss, dlogp } = await program.run({
    logp: matrix((answer, t) => answer.logprobs[t]),
    logpOld: matrix((answer, t) => answer.oldLogprobs[t]),
    mask: matrix((answer, t) => (t < answer.logprobs.length ? 1 : 0)),
    ...Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [
        `column/${name}`,
        { data: Float64Array.from(values), dims: [B, 1] },
      ]),
    ),
    lossScale: { data: Float64Array.of(lossScale), dims: [] },
  });
  const apart = (got: number, expected: number) => Math.abs(got - expected) / Math.max(1, Math.abs(expected));
  const grads = answers.flatMap((answer, b) =>
    answer.grad.map((expected, t) => apart(dlogp.data[b * T + t] as number, expected)),
  );
  return Math.max(apart(loss.data[0] as number, row.loss), ...grads);
}

export interface GoldenResult {
  readonly rows: number;
  /** Rows that differ by more than their bound, and by how much. */
  readonly misses: readonly { readonly id: string; readonly by: number }[];
  readonly worst: number;
}

/** Every row of a file of either form. */
export async function checkGolden(file: string): Promise<GoldenResult> {
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  const rows = lines.map((line) => JSON.parse(line) as Row);
  const programs = new Map<string, Runnable>();
  const misses: { id: string; by: number }[] = [];
  let worst = 0;
  for (const row of rows) {
    const made = "sequences" in row ? nftCase(row) : policyGradientCase(row);
    const program =
      programs.get(made.key) ?? (await compile(objectiveGradient(traceObjective(made.objective)), 1));
    programs.set(made.key, program);
    const by = await difference(program, row, made);
    // Written so that a NaN is a miss.
    if (!(by <= made.bound)) misses.push({ id: row.id, by });
    worst = Math.max(worst, by);
  }
  for (const program of programs.values()) await program.release();
  return { rows: rows.length, misses, worst };
}

if (import.meta.url === pathToFileURL(argv[1] ?? "").href) {
  const files = argv.slice(2);
  if (files.length === 0) {
    console.error("usage: npx tsx scripts/golden.ts FILE.jsonl...");
    process.exit(2);
  }
  let missed = 0;
  for (const file of files) {
    const { rows, misses, worst } = await checkGolden(file);
    for (const { id, by } of misses) console.log(`miss  ${id}  differs by ${by.toExponential(2)}`);
    console.log(`${file}  ${rows} rows, largest difference ${worst.toExponential(2)}`);
    missed += misses.length;
  }
  process.exitCode = missed === 0 ? 0 : 1;
}
