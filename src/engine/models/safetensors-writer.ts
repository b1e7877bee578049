/**
 * Safetensors, written: tensors → one file that transformers reads.
 *
 * The data is not gathered first: one tensor at a time goes to the disk, and the file gets its name
 * when all of them are there.
 */
import type { FileHandle } from "node:fs/promises";
import { InternalError } from "../../errors.ts";
import { floatToBrain, floatToHalf, narrowAll } from "./float16.ts";
import { writeWhole } from "./write-whole.ts";

export type FloatType = "F32" | "F16" | "BF16";

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major, as many as the shape says. */
  readonly data: Float32Array;
  /** As which it is stored; F32 without it. */
  readonly dtype?: FloatType;
}

const WRITE_BYTES = 2 ** 28;

/**
 * Writes a .safetensors file, whole or not at all.
 *
 * @throws RunError where it cannot be written
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<NamedTensor>,
  metadata: Readonly<Record<string, string>> = { format: "pt" },
): Promise<void> {
  // Wide types first keep every tensor aligned, as the reference writer does.
  const ordered = [...tensors].sort((a, b) => bytesOf(b) - bytesOf(a));
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let offset = 0;
  for (const tensor of ordered) {
    const elements = tensor.shape.reduce((product, length) => product * length, 1);
    if (elements !== tensor.data.length || tensor.name in header)
      throw new InternalError(`${tensor.name} [${tensor.shape}] with ${tensor.data.length} values, or twice`);
    const end = offset + elements * bytesOf(tensor);
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
      const { buffer, byteOffset, byteLength } = encoded(tensor);
      await writeAll(handle, new Uint8Array(buffer, byteOffset, byteLength));
    }
  });
}

function bytesOf(tensor: NamedTensor): number {
  return (tensor.dtype ?? "F32") === "F32" ? 4 : 2;
}

function encoded({ data, dtype = "F32" }: NamedTensor): Float32Array | Uint16Array {
  if (dtype === "F32") return data;
  return narrowAll(data, dtype === "F16" ? floatToHalf : floatToBrain);
}

/** A write may take fewer bytes than it was given, and not more than 2 GiB. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, Math.min(WRITE_BYTES, bytes.length - done));
    done += bytesWritten;
  }
}
