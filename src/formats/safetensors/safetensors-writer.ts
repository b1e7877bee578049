/**
 * Safetensors, written: tensors → one file that transformers reads, or several and their index.
 *
 * The data is not gathered first: one tensor at a time goes to the disk, and the file gets its name
 * when all of them are there.
 */
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { InternalError } from "../../errors.ts";
import { writeJson, writeWhole } from "../../files/atomic-write.ts";
import { checkFits } from "../finite.ts";
import { floatToBrain, floatToHalf, narrowAll } from "./float16.ts";

export type FloatType = "F32" | "F16" | "BF16";

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major, as many as the shape says. */
  readonly data: Float32Array;
  /** As which it is stored; F32 without it. */
  readonly dtype?: FloatType;
}

/** A tensor whose values may still lie in another file, so that a model larger than memory can be written. */
export interface LazyTensor extends Omit<NamedTensor, "data"> {
  readonly data: Float32Array | (() => Promise<Float32Array>);
}

const WRITE_BYTES = 2 ** 28;
/** As transformers cuts a model into files. */
const SHARD_BYTES = 5e9;

/**
 * Writes a .safetensors file, whole or not at all.
 *
 * @throws RunError where it cannot be written
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<LazyTensor>,
  metadata: Readonly<Record<string, string>> = { format: "pt" },
): Promise<void> {
  // Wide types first keep every tensor aligned, as the reference writer does.
  const ordered = [...tensors].sort((a, b) => bytesOf(b) - bytesOf(a));
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let offset = 0;
  for (const tensor of ordered) {
    if (tensor.name in header) throw new InternalError(`${tensor.name} twice in ${path}`);
    if (typeof tensor.data !== "function") checkLength(tensor, tensor.data);
    const end = offset + elementsOf(tensor) * bytesOf(tensor);
    header[tensor.name] = { dtype: tensor.dtype ?? "F32", shape: tensor.shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, " ");
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  await writeWhole(path, async (handle) => {
    await writeAll(handle, length);
    await writeAll(handle, padded);
    for (const tensor of ordered) {
      const data = typeof tensor.data === "function" ? await tensor.data() : tensor.data;
      checkLength(tensor, data);
      const { buffer, byteOffset, byteLength } = encoded(tensor.name, data, tensor.dtype);
      await writeAll(handle, new Uint8Array(buffer, byteOffset, byteLength));
    }
  });
}

/**
 * Writes model.safetensors into a folder or, where that would be larger than `shardBytes`, files of at
 * most that (a larger tensor has one to itself) named as transformers names them, and their index last.
 *
 * @throws RunError where they cannot be written
 */
export async function writeWeights(
  folder: string,
  tensors: readonly LazyTensor[],
  shardBytes = SHARD_BYTES,
): Promise<void> {
  const shards: LazyTensor[][] = [[]];
  let total = 0;
  let room = shardBytes;
  for (const tensor of tensors) {
    const bytes = elementsOf(tensor) * bytesOf(tensor);
    if (bytes > room && shards.at(-1)!.length > 0) {
      shards.push([]);
      room = shardBytes;
    }
    shards.at(-1)!.push(tensor);
    room -= bytes;
    total += bytes;
  }
  if (shards.length === 1) return writeSafetensors(join(folder, "model.safetensors"), tensors);
  const weight_map: Record<string, string> = {};
  const number = (n: number) => String(n).padStart(5, "0");
  for (const [i, shard] of shards.entries()) {
    const name = `model-${number(i + 1)}-of-${number(shards.length)}.safetensors`;
    await writeSafetensors(join(folder, name), shard);
    for (const tensor of shard) weight_map[tensor.name] = name;
  }
  await writeJson(join(folder, "model.safetensors.index.json"), {
    metadata: { total_size: total },
    weight_map,
  });
}

function elementsOf({ shape }: LazyTensor): number {
  return shape.reduce((product, length) => product * length, 1);
}

function checkLength(tensor: LazyTensor, data: Float32Array): void {
  if (elementsOf(tensor) !== data.length)
    throw new InternalError(`${tensor.name} [${tensor.shape}] with ${data.length} values`);
}

function bytesOf({ dtype = "F32" }: LazyTensor): number {
  return dtype === "F32" ? 4 : 2;
}

function encoded(name: string, data: Float32Array, dtype: FloatType = "F32"): Float32Array | Uint16Array {
  if (dtype === "F32") return data;
  checkFits(name, data, dtype);
  return narrowAll(data, dtype === "F16" ? floatToHalf : floatToBrain);
}

/** A write may take fewer bytes than it was given, and not more than 2 GiB. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, Math.min(WRITE_BYTES, bytes.length - done));
    done += bytesWritten;
  }
}
