/**
 * What a checkpoint of a remote model leaves in a run's folder: where on the server its weights and optimizer are.
 *
 * Opened as a model it has the config and the tokenizer of its base; its weights are read on the server alone.
 */
import { join } from "node:path";
import { z } from "zod";
import { EngineError, ModelError } from "../../errors.ts";
import { writeJson } from "../../files/atomic-write.ts";
import { isFile, readJson } from "../../files/checked-file.ts";
import type { ModelFiles } from "../../formats/model-files.ts";
import { openModel } from "../../formats/open-model.ts";

const FILE = "remote.json";
const HANDLE_BYTES = 2 ** 16;

const schema = z.object({
  version: z.literal(1),
  url: z.string(),
  dialect: z.string(),
  /** The base model, by the server's name. */
  model: z.string(),
  /** The path of the same model on the machine that the run was on, for its config and tokenizer. */
  base: z.string(),
  rank: z.number().int().positive(),
  alpha: z.number().positive(),
  seed: z.number().int(),
  /** `tinker://<model id>/weights/<name>`: weights and optimizer. */
  training: z.string().startsWith("tinker://"),
  /** `tinker://<model id>/sampler_weights/<name>`: the adapters alone, which can be downloaded. */
  sampler: z.string().startsWith("tinker://"),
  /** Steps that the optimizer had taken. */
  updates: z.number().int().nonnegative(),
});
export type RemoteHandle = Readonly<z.infer<typeof schema>>;

export const writeRemoteHandle = (folder: string, handle: RemoteHandle): Promise<void> =>
  writeJson(join(folder, FILE), handle);

/** @throws EngineError where the folder holds none, or one that is damaged */
export async function readRemoteHandle(folder: string): Promise<RemoteHandle> {
  const path = join(folder, FILE);
  const found = (await isFile(path)) ? schema.safeParse(await readJson(path, HANDLE_BYTES)) : undefined;
  if (found?.success) return found.data;
  throw new EngineError({
    where: path,
    expected: "where on a Tinker server the checkpoint is",
    got: found === undefined ? "no such file" : z.prettifyError(found.error),
    next: "Resume from a folder that a run with this engine saved.",
  });
}

export const holdsRemoteHandle = (folder: string): Promise<boolean> => isFile(join(folder, FILE));

/**
 * A checkpoint on a server as a model: its base's config and tokenizer; to read a weight is an error.
 *
 * @throws EngineError where the handle is damaged, ModelError where its base is not on this machine
 */
export async function openRemoteCheckpoint(folder: string): Promise<ModelFiles> {
  const { base, url } = await readRemoteHandle(folder);
  const files = await openModel(base);
  const read = () =>
    Promise.reject(
      new ModelError({
        where: folder,
        expected: "weights on this machine",
        got: `a checkpoint whose weights are on the server at ${url}`,
        next: `Add --engine ${url} to use them there, or fetch them: errata export --model ${folder} --output FOLDER.`,
      }),
    );
  return { ...files, path: folder, stored: [], read };
}
