/**
 * GGUF, written: metadata and tensors → one file that llama.cpp reads.
 *
 * As with safetensors, one tensor at a time goes to the disk, and the file gets its name at the end.
 */

import { InternalError } from "../../errors.ts";
import { writeWhole } from "../../files/atomic-write.ts";
import { checkFits } from "../finite.ts";
import { type LazyTensor, writeAll } from "../safetensors/safetensors-writer.ts";
import type { WrittenType } from "./gguf-quants.ts";

/** A value with its type in the file: where llama.cpp expects a u32, a float is an error. */
export type GgufEntry =
  | { readonly u32: number }
  | { readonly f32: number }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly i32s: readonly number[] }
  | { readonly f32s: readonly number[] };

export interface GgufTensorToWrite extends Omit<LazyTensor, "dtype"> {
  readonly type: WrittenType;
}

type Bytes = Buffer<ArrayBuffer>;

const ALIGNMENT = 32;
const VERSION = 3;

/**
 * Writes a .gguf file, whole or not at all.
 *
 * @param tensors  with shapes as in PyTorch, outermost first; rows are whole blocks of their type
 * @throws RunError where it cannot be written
 */
export async function writeGguf(
  path: string,
  metadata: Readonly<Record<string, GgufEntry>>,
  tensors: readonly GgufTensorToWrite[],
): Promise<void> {
  const entries = Object.entries(metadata);
  const parts: Bytes[] = [Buffer.from("GGUF"), u32(VERSION), u64(tensors.length), u64(entries.length)];
  for (const [key, value] of entries) parts.push(text(key), encode(value));
  let offset = 0;
  for (const tensor of tensors) {
    const { name, shape, type } = tensor;
    if (shape[shape.length - 1] % type.blockLength !== 0)
      throw new InternalError(`${name} [${shape}] in blocks of ${type.blockLength}`);
    parts.push(text(name), u32(shape.length), ...[...shape].reverse().map(u64), u32(type.code), u64(offset));
    offset += aligned(sizeOf(tensor));
  }
  const header = Buffer.concat(parts);
  await writeWhole(path, async (handle) => {
    await writeAll(handle, padded(header));
    for (const tensor of tensors) {
      const data = typeof tensor.data === "function" ? await tensor.data() : tensor.data;
      checkFits(tensor.name, data, tensor.type.name);
      const bytes = tensor.type.quantise(data);
      if (bytes.length !== sizeOf(tensor))
        throw new InternalError(`${tensor.name} [${tensor.shape}] with ${data.length} values`);
      await writeAll(handle, bytes);
      await writeAll(handle, new Uint8Array(aligned(bytes.length) - bytes.length));
    }
  });
}

function sizeOf({ shape, type }: GgufTensorToWrite): number {
  return (shape.reduce((product, length) => product * length, 1) / type.blockLength) * type.blockBytes;
}

const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
const padded = (bytes: Bytes) => Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length) - bytes.length)]);

function encode(value: GgufEntry): Bytes {
  if ("u32" in value) return Buffer.concat([u32(4), u32(value.u32)]);
  if ("f32" in value) return Buffer.concat([u32(6), numbers(Float32Array.of(value.f32))]);
  if ("bool" in value) return Buffer.concat([u32(7), Buffer.of(value.bool ? 1 : 0)]);
  if ("text" in value) return Buffer.concat([u32(8), text(value.text)]);
  if ("texts" in value) return list(8, value.texts.length, Buffer.concat(value.texts.map(text)));
  if ("f32s" in value) return list(6, value.f32s.length, numbers(Float32Array.from(value.f32s)));
  return list(5, value.i32s.length, numbers(Int32Array.from(value.i32s)));
}

const list = (type: number, length: number, elements: Bytes) =>
  Buffer.concat([u32(9), u32(type), u64(length), elements]);
const numbers = ({ buffer }: Int32Array | Uint32Array | Float32Array | BigUint64Array) =>
  Buffer.from(buffer as ArrayBuffer);
const u32 = (value: number) => numbers(Uint32Array.of(value));
const u64 = (value: number) => numbers(BigUint64Array.of(BigInt(value)));

function text(value: string): Bytes {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}
