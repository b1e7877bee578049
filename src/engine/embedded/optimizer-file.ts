/**
 * AdamW's moments on disk, beside the weights: a resumed run takes the same next step.
 */
import { join } from "node:path";
import { ModelError } from "../../errors.ts";
import { isFile } from "../../files/checked-file.ts";
import { openSafetensors } from "../../formats/safetensors/safetensors.ts";
import { type NamedTensor, writeSafetensors } from "../../formats/safetensors/safetensors-writer.ts";
import { type AdamWState, freshState } from "./adamw.ts";
import type { Parameters } from "./parameters.ts";

const FILE = "optimizer.safetensors";
const MEAN = "mean/";
const SQUARE = "square/";

export async function saveOptimizer(
  folder: string,
  parameters: Parameters,
  state: AdamWState,
): Promise<void> {
  const moments: NamedTensor[] = [
    ...parameters.named(state.mean, MEAN),
    ...parameters.named(state.square, SQUARE),
  ];
  await writeSafetensors(join(folder, FILE), moments, { format: "pt", count: String(state.count) });
}

/** Undefined where the folder has no optimizer: the next update begins anew. */
export async function loadOptimizer(folder: string, parameters: Parameters): Promise<AdamWState | undefined> {
  const path = join(folder, FILE);
  if (!(await isFile(path))) return undefined;
  const file = await openSafetensors(path);
  const state = freshState(parameters.trained);
  state.count = Number(file.metadata.count);
  const damaged = (expected: string, got: string) =>
    new ModelError({
      where: path,
      expected,
      got,
      next: "Resume from an earlier checkpoint.",
    });
  if (!Number.isSafeInteger(state.count) || state.count < 0)
    throw damaged("a count of steps", file.metadata.count);
  for (const [prefix, moments] of [
    [MEAN, state.mean],
    [SQUARE, state.square],
  ] as const)
    for (const [name, data] of moments) {
      const read = await file.read(prefix + name);
      if (read.length !== data.length)
        throw damaged(`${data.length} values of ${prefix}${name}`, String(read.length));
      moments.set(name, read);
    }
  return state;
}
