/**
 * Weights are numbers: a tensor that holds NaN or an infinity is told as it is read, before a prompt meets it.
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
