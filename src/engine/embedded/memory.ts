/**
 * Memory, estimated from the programs themselves: the sizes of what they hold, for a batch of a given shape.
 *
 * An upper bound in one way (a runtime frees values before a program ends), and silent about the process itself,
 * some 250 MB.
 */
import { isFirstOutput, outside, ROWS } from "../../autodiff/blocks.ts";
import { type Dim, size, terms } from "../../autodiff/dims.ts";
import { type DType, inOrder, type Program, type Tensor } from "../../autodiff/tensor.ts";
import type { ModelConfig } from "../../models/config.ts";
import { adapterShapes } from "../../models/lora.ts";
import { elementCount, parameterCount } from "../../models/parameter-shapes.ts";
import { tensorShapes } from "../../models/tensor-shapes.ts";
import { wayOf } from "./decode.ts";
import { PAGE } from "./kv-cache.ts";
import { backward, forward, keepFor } from "./programs.ts";
import { BLOCK, isLong } from "./query-blocks.ts";
import { headRows } from "./score.ts";

/** Answers side by side, each a prompt and a completion, in tokens. */
export interface BatchShape {
  /** Different prompts. */
  readonly prompts: number;
  readonly promptLength: number;
  readonly answers: number;
  readonly answerLength: number;
}

export interface MemoryPart {
  readonly what: string;
  readonly bytes: number;
}

const FLOAT = 4;

/** Numbers in the weights that learn. */
export const trainedCount = (config: ModelConfig): number =>
  config.lora ? elementCount(adapterShapes(config.lora, tensorShapes(config))) : parameterCount(config);

/** What is held all the time: the weights and, for those that learn, AdamW's two moments. */
export function standingMemory(config: ModelConfig, trains: boolean): MemoryPart[] {
  return [
    { what: "weights", bytes: FLOAT * parameterCount(config) },
    ...(trains ? [{ what: "AdamW's moments", bytes: 2 * FLOAT * trainedCount(config) }] : []),
  ];
}

/** What rollouts of eight bits hold all the time: the matrices so, and once more as products like them. */
export const int8Memory = (config: ModelConfig): MemoryPart => ({
  what: "weights in eight bits, and laid out for sampling",
  bytes: 2 * elementCount(tensorShapes(config)),
});

/** What an update holds beside, for one micro-batch. */
export function updateMemory(config: ModelConfig, batch: BatchShape, keep: boolean): MemoryPart[] {
  const blocked = isBlocked(batch);
  const kept = keepFor(keep, blocked);
  const passed = forward(config, kept, { blocked });
  const rows = Math.min(headRows(config.vocabSize), batch.answers * batch.answerLength);
  const heldPerLayer = Object.values(passed.outputs).reduce(
    (sum, tensor) => sum + bytes(tensor, sizesOf(batch)),
    0,
  );
  return [
    { what: "gradients", bytes: FLOAT * trainedCount(config) },
    {
      what: keep ? "every layer's values, kept" : "every layer's input",
      bytes: config.layers * heldPerLayer,
    },
    { what: "one layer, backward", bytes: worked(backward(config, kept, { blocked }), batch) },
    { what: "the head, in rows", bytes: 4 * FLOAT * rows * config.vocabSize },
  ];
}

/** What scoring works in beside, on a micro-batch of that shape. */
export function scoringMemory(config: ModelConfig, batch: BatchShape): MemoryPart[] {
  const rows = Math.min(headRows(config.vocabSize), batch.answers * batch.answerLength);
  const head = 3 * FLOAT * rows * config.vocabSize;
  const layer = forward(config, "nothing", { blocked: isBlocked(batch) });
  return [{ what: "a layer and the head, scored", bytes: worked(layer, batch) + head }];
}

/** What sampling holds beside: a copy of each prompt's keys and values, and every answer's own. */
export function samplingMemory(config: ModelConfig, batch: BatchShape): MemoryPart[] {
  const { prompts, promptLength, answers, answerLength } = batch;
  const positions = prompts * promptLength + answers * Math.ceil(answerLength / PAGE) * PAGE;
  return [
    {
      what: "keys and values",
      bytes: 2 * FLOAT * config.layers * config.kvHeads * config.headDim * positions,
    },
    ...(wayOf(config, answers * answerLength) === "constants"
      ? [{ what: "weights, laid out for sampling", bytes: FLOAT * parameterCount(config) }]
      : []),
    { what: "probabilities of a token", bytes: 2 * FLOAT * answers * config.vocabSize },
  ];
}

const isBlocked = ({ promptLength, answerLength }: BatchShape) =>
  isLong(promptLength) || isLong(answerLength);

/** Everything a program computes on the way, its inputs left out; of what it does in blocks, the largest of them. */
const worked = (program: Program, batch: BatchShape): number => workedAt(program, sizesOf(batch));

type Sizes = Readonly<Record<string, number>>;

const sizesOf = ({ prompts: P, promptLength: S, answers: A, answerLength: T }: BatchShape): Sizes => ({
  ...{ P, S, A, T, R: S + T },
});

function workedAt(program: Program, known: Sizes): number {
  const given = new Set(Object.values(program.inputs));
  const made = inOrder(Object.values(program.outputs), given).filter((tensor) => !given.has(tensor));
  const blocks = made.filter(isFirstOutput).map(({ body, inputs: [, ...whole] }) => {
    const sizes = [...outside(body!.program, whole)].map(
      ([symbol, dim]) => [symbol, numbers(dim, known)] as const,
    );
    const { [ROWS]: rows, ...others } = Object.fromEntries(sizes);
    return workedAt(body!.program, { ...others, [ROWS]: Math.min(rows, BLOCK) });
  });
  return made.reduce((sum, tensor) => sum + bytes(tensor, known), Math.max(0, ...blocks));
}

/** Bytes of one number. */
const widths: Readonly<Record<DType, number>> = { f32: FLOAT, f64: 8, i64: 8, i8: 1, bool: 1 };

const bytes = ({ shape, dtype }: Tensor, known: Sizes): number => numbers(size(shape), known) * widths[dtype];

const numbers = (dim: Dim, known: Sizes): number =>
  terms(dim).reduce(
    (sum, [coefficient, symbols]) =>
      sum + symbols.reduce((product, symbol) => product * known[symbol], coefficient),
    0,
  );
