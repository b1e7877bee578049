/**
 * New adapters, as PEFT makes them: A uniform in ±1/√in (Kaiming's rule with a = √5), B zero, so that the model is
 * at first the base model, to the last bit.
 */
import { uniform } from "../random.ts";

/** A step that no run reaches: answers are drawn from others. */
const STEP = 2 ** 32 - 1;

/**
 * @param name   ends in `lora_A.weight` or `lora_B.weight`
 * @param shape  [rank, in] or [out, rank]
 * @param index  of the tensor among all adapters, so that no two are alike
 */
export function freshAdapter(
  name: string,
  shape: readonly number[],
  index: number,
  seed: number,
): Float32Array {
  const values = new Float32Array(shape[0] * shape[1]);
  if (name.endsWith("lora_B.weight")) return values;
  const bound = 1 / Math.sqrt(shape[1]);
  for (let i = 0; i < values.length; i++) values[i] = bound * (2 * uniform(seed, STEP, index, 0, i) - 1);
  return values;
}
