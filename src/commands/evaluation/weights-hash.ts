/**
 * Names a model by what is in its weights, so that two that lay at one path are told apart.
 *
 *   a folder, a .gguf file or adapters beside their base  →  sixteen hexadecimal digits
 */
import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ModelFiles } from "../../formats/model-files.ts";

const weightFiles =
  /^(model.*\.safetensors|adapter_model\.safetensors|config\.json|adapter_config\.json|remote\.json|.*\.gguf)$/;
/** Bytes read at each of so many places of a file: an update moves nearly every weight, so a sample of them names it. */
const PIECE = 1 << 16;
const PLACES = 32;

export async function weightsName({ path, adapters }: ModelFiles): Promise<string> {
  const hash = createHash("sha256");
  await addFiles(hash, path);
  // adapters are half of a model: over another base they answer otherwise
  if (adapters !== undefined) await addFiles(hash, adapters.base.path);
  return hash.digest("hex").slice(0, 16);
}

async function addFiles(hash: Hash, path: string): Promise<void> {
  const files = (await stat(path)).isDirectory()
    ? (await readdir(path)).filter((name) => weightFiles.test(name)).map((name) => join(path, name))
    : [path];
  for (const file of files.sort()) {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      hash.update(`${basename(file)}:${size}:`);
      for await (const bytes of sampled(handle, size)) hash.update(bytes);
    } finally {
      await handle.close();
    }
  }
}

async function* sampled(handle: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(PIECE);
  const stride = Math.max(PIECE, Math.ceil((size - PIECE) / (PLACES - 1)));
  for (let at = 0; at < size; at += stride) {
    const { bytesRead } = await handle.read(buffer, 0, PIECE, at);
    yield buffer.subarray(0, bytesRead);
  }
}
