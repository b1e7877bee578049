/**
 * What a checkpoint of a remote model leaves in a run's folder: where on the server its weights and optimizer are.
 */
import { join } from "node:path";
import { z } from "zod";
import { EngineError } from "../../errors.ts";
import { writeJson } from "../../files/atomic-write.ts";
import { isFile, readJson } from "../../files/checked-file.ts";

const FILE = "remote.json";
const HANDLE_BYTES = 2 ** 16;

const schema = z.object({
  version: z.literal(1),
  url: z.string(),
  dialect: z.string(),
  /** The base model, by the server's name. */
  model: z.string(),
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
