/**
 * Memory, estimated from the programs themselves: the sizes of what they hold, for a batch of a given shape.
 *
 * An upper bound in one way (a runtime frees values before a program ends), and silent about the process itself,
 * some 250 MB.
 */
import { size, terms } from "../../autodiff/dims.ts";
import { inOrder, type Program, type Tensor } from "../../autodiff/tensor.ts";
import type { ModelConfig } from "../../models/config.ts";
import { adapterShapes } from "../../models/lora.ts";
import { elementCount, parameterCount } from "../../models/parameter-shapes.ts";
import { tensorShapes } from "../../models/tensor-shapes.ts";
import { ROOM } from "./kv-cache.ts";
import { backward, forward } from "./programs.ts";
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

/** What an update holds beside, for one micro-batch. */
export function updateMemory(config: ModelConfig, batch: BatchShape, keep: boolean): MemoryPart[] {
  const passed = forward(config, keep);
  const { y, ...kept } = passed.outputs;
  const rows = Math.min(headRows(config.vocabSize), batch.answers * batch.answerLength);
  const heldPerLayer = [y, ...Object.values(kept)].reduce((sum, tensor) => sum + bytes(tensor, batch), 0);
  return [
    { what: "gradients", bytes: FLOAT * trainedCount(config) },
    {
      what: keep ? "every layer's values, kept" : "every layer's input",
      bytes: config.layers * heldPerLayer,
    },
    { what: "one layer, backward", bytes: worked(backward(config, keep), batch) },
    { what: "the head, in rows", bytes: 4 * FLOAT * rows * config.vocabSize },
  ];
}

/** What scoring works in beside, on a micro-batch of that shape. */
export function scoringMemory(config: ModelConfig, batch: BatchShape): MemoryPart[] {
  const rows = Math.min(headRows(config.vocabSize), batch.answers * batch.answerLength);
  const head = 3 * FLOAT * rows * config.vocabSize;
  return [{ what: "a layer and the head, scored", bytes: worked(forward(config, false), batch) + head }];
}

/** What sampling holds beside: a copy of each prompt's keys and values, and every answer's own. */
export function samplingMemory(config: ModelConfig, batch: BatchShape): MemoryPart[] {
  const { prompts, promptLength, answers, answerLength } = batch;
  const positions = prompts * promptLength + answers * Math.ceil(answerLength / ROOM) * ROOM;
  return [
    {
      what: "keys and values",
      bytes: 2 * FLOAT * config.layers * config.kvHeads * config.headDim * positions,
    },
    { what: "probabilities of a token", bytes: 2 * FLOAT * answers * config.vocabSize },
  ];
}

/** Everything a program computes on the way, its inputs left out. */
function worked(program: Program, batch: BatchShape): number {
  const given = new Set(Object.values(program.inputs));
  return inOrder(Object.values(program.outputs), given)
    .filter((tensor) => !given.has(tensor))
    .reduce((sum, tensor) => sum + bytes(tensor, batch), 0);
}

function bytes(tensor: Tensor, batch: BatchShape): number {
  const { prompts: P, promptLength: S, answers: A, answerLength: T } = batch;
  const known: Readonly<Record<string, number>> = { P, S, A, T, R: S + T };
  const elements = terms(size(tensor.shape)).reduce(
    (sum, [coefficient, symbols]) =>
      sum + symbols.reduce((product, symbol) => product * known[symbol], coefficient),
    0,
  );
  return elements * (tensor.dtype === "f32" ? FLOAT : tensor.dtype === "bool" ? 1 : 8);
}
