/**
 * How many numbers a model has: those of its tensors, and of the adapters beside them.
 */
import type { ModelConfig } from "./config.ts";
import { adapterShapes } from "./lora.ts";
import { tensorShapes } from "./tensor-shapes.ts";

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Every tensor held, with its shape: the model's, then the adapters'. */
export function parameterShapes(config: ModelConfig): Map<string, readonly number[]> {
  const shapes = tensorShapes(config);
  return new Map([...shapes, ...adapterShapes(config.lora, shapes)]);
}

/** Numbers in tensors of these shapes. */
export const elementCount = (shapes: Shapes): number =>
  [...shapes.values()].reduce(
    (total, shape) => total + shape.reduce((product, length) => product * length, 1),
    0,
  );

/** Numbers in the weights, adapters included. */
export const parameterCount = (config: ModelConfig): number => elementCount(parameterShapes(config));
