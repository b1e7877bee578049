/**
 * Weights are numbers: a tensor that holds NaN or an infinity is told as it is read, before a prompt meets it,
 * and one that would come to hold them is not written.
 */
import { ModelError } from "../errors.ts";

/** @throws ModelError naming the tensor and the first value in it that is no number */
export function checkFinite(path: string, name: string, data: Float32Array): Float32Array {
  // in 64 bits no sum of 32-bit numbers overflows: it is finite where all of them are
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i];
  if (Number.isFinite(sum)) return data;
  const at = data.findIndex((value) => !Number.isFinite(value));
  throw new ModelError({
    where: path,
    expected: `finite numbers in ${name}`,
    got: `${data[at]} at its element ${at}`,
    next: "The file is damaged, or was saved after a training that failed: take an earlier copy, or fetch the model again.",
  });
}

/** The largest magnitude that each type holds; beyond it, rounding gives an infinity. Q8_0's scales are halves. */
const largestOf: Readonly<Record<string, number>> = { F16: 65_519, Q8_0: 127 * 65_519, BF16: 3.3961e38 };

/** @throws ModelError where a weight is too large for the type it is to be stored as */
export function checkFits(name: string, data: Float32Array, type: string): void {
  const largest = largestOf[type] ?? Number.POSITIVE_INFINITY;
  const at = data.findIndex((value) => Number.isFinite(value) && Math.abs(value) > largest);
  if (at < 0) return;
  throw new ModelError({
    where: name,
    expected: `weights that ${type} holds, up to ${largest}`,
    got: `${data[at]} at element ${at}`,
    next: `Nothing was written. ${type === "BF16" ? "--dtype F32 holds it" : "--dtype BF16 and F32 hold it"}.`,
  });
}
