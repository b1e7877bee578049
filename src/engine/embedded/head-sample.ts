/**
 * The head in sampling, with the draw inside: rows go in, and of each a token, its probability and the entropy come out.
 *
 * A draw inverts the cumulative sum of a row's probabilities in float64, first over blocks of the vocabulary, then
 * inside of one, so that it reads about √V numbers; the probabilities themselves, [A, V], stay where they are.
 */
import {
  add,
  argMax,
  cast,
  cumSum,
  gather,
  greater,
  greaterOrEqual,
  logSumExp,
  max,
  mul,
  reshape,
  softmax,
  split,
  sub,
  sum,
} from "../../autodiff/ops.ts";
import { input, type Program, type Tensor } from "../../autodiff/tensor.ts";
import type { ModelConfig } from "../../models/config.ts";
import type { Precision } from "../../models/precision.ts";
import { entropy, head, headMatrix } from "./programs.ts";

/** A token drawn from all there are, or the likeliest, the first of equals; or the probabilities themselves, to cut first. */
export type Choice = "draw" | "likeliest" | "tell";

export interface HeadSample {
  readonly choice: Choice;
  /** Whether `mask` [A, V] is added to the logits: log-probs and entropies are then of what it leaves. */
  readonly masked?: boolean;
}

/** What decides on the tokens of rows. */
export interface Choosing {
  /** Uniform on [0, 1), one for each row. */
  readonly u: Float64Array;
  readonly temperature: number;
}

/**
 * Rows `h` [A, D] → `entropy` [A, 1], and `p` [A, V] or, of the token chosen, `token` [A] and `chance` [A].
 *
 * Inputs of a choice: `row` [A], the rows' own numbers; `u` [A, 1] float64, uniform on [0, 1).
 */
export function headSample(c: ModelConfig, how: HeadSample, precision?: Precision): Program {
  const { inputs, logits } = head(c, "A", undefined, headMatrix(c, precision));
  const { inputs: given, outputs } = chosen(c, logits, how);
  return { name: `head-${nameOf(how)}`, inputs: { ...inputs, ...given }, outputs };
}

export const nameOf = ({ choice, masked }: HeadSample): string => `${choice}${masked ? "-masked" : ""}`;

/** What follows from logits [A, V], and what it takes beside them. */
export function chosen(c: ModelConfig, free: Tensor, { choice, masked = false }: HeadSample) {
  const mask = input("f32", ["A", c.vocabSize]);
  const logits = masked ? add(free, mask) : free;
  const p = softmax(logits);
  const told = { entropy: entropy(c, logits, logSumExp(logits)) };
  if (choice === "tell") return { inputs: { ...(masked && { mask }) }, outputs: { ...told, p } };
  const [row, u] = [input("i64", ["A"]), input("f64", ["A", 1])];
  const token = choice === "draw" ? draw(p, row, u) : reshape(argMax(p, 1), ["A"]);
  const chance = gather(reshape(p, [`${c.vocabSize}*A`]), add(mul(row, c.vocabSize), token));
  return {
    inputs: { ...(masked && { mask }), row, ...(choice === "draw" && { u }) },
    outputs: { ...told, token, chance },
  };
}

/** p [A, V], not necessarily summing to exactly 1 → a token of each row, never one of probability 0. */
function draw(p: Tensor, row: Tensor, u: Tensor): Tensor {
  const [rows, V] = p.shape as [string, number];
  const size = blockSize(V);
  const count = V / size;
  const blocks = reshape(sum(reshape(p, [rows, count, size]), 2), [rows, count]);
  const block = reached(blocks, (total) => mul(u, total));
  const within = gather(reshape(p, [`${count}*${rows}`, size]), add(mul(row, count), block.place));
  const token = reached(within, () => block.left);
  return add(mul(block.place, size), token.place);
}

/**
 * Where the sum of a row's parts [A, n] first exceeds `mass` [A, 1], and what of that is left there. Rounding may
 * leave a crumb past the last part; it belongs to the last one that is not 0.
 */
function reached(parts: Tensor, massOf: (total: Tensor) => Tensor): { place: Tensor; left: Tensor } {
  const [rows, n] = parts.shape as [string, number];
  const ends = cumSum(cast(parts, "f64"), 1);
  const total = split(ends, 1, [n - 1, 1])[1];
  const mass = massOf(total);
  const passed = mul(cast(greaterOrEqual(mass, ends), "f64"), cast(greater(total, ends), "f64"));
  const place = reshape(cast(sum(passed, 1), "i64"), [rows]);
  return { place, left: sub(mass, max(mul(passed, ends), 1)) };
}

/** The largest divisor of the vocabulary up to 512. */
function blockSize(vocabulary: number): number {
  for (let size = Math.min(512, vocabulary); ; size--) if (vocabulary % size === 0) return size;
}
