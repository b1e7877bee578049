/** GGUF files for tests, honest by default: any count, length or offset in them can be made a lie. */
export type Value =
  | { readonly u32: number }
  | { readonly f32: number }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly u32s: readonly number[] }
  | { readonly raw: readonly Buffer[] };

export interface Tensor {
  readonly name: string;
  /** Outermost first. */
  readonly shape: readonly number[];
  readonly data: Buffer;
  /** GGML's number of the type; 0 (F32) without it. */
  readonly type?: number;
  /** Bytes from the data's start, where it is not to be the next free place. */
  readonly offset?: number;
}

export interface Lies {
  readonly magic?: string;
  readonly version?: number;
  readonly tensorCount?: bigint;
  readonly keyCount?: bigint;
}

export function ggufBytes(
  metadata: Readonly<Record<string, Value>> | readonly (readonly [string, Value])[],
  tensors: readonly Tensor[],
  lies: Lies = {},
): Buffer {
  const entries = Array.isArray(metadata) ? metadata : Object.entries(metadata);
  const parts: Buffer[] = [
    Buffer.from(lies.magic ?? "GGUF"),
    u32(lies.version ?? 3),
    u64(lies.tensorCount ?? tensors.length),
    u64(lies.keyCount ?? entries.length),
  ];
  for (const [key, value] of entries) parts.push(text(key), encode(value));
  const data: Buffer[] = [];
  let offset = 0;
  for (const tensor of tensors) {
    parts.push(text(tensor.name), u32(tensor.shape.length), ...tensor.shape.toReversed().map(u64));
    parts.push(u32(tensor.type ?? 0), u64(tensor.offset ?? offset));
    data.push(padded(tensor.data));
    offset += data[data.length - 1].length;
  }
  return Buffer.concat([padded(Buffer.concat(parts)), ...data]);
}

export const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
export const u64 = (value: number | bigint): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
export const text = (value: string): Buffer =>
  Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
export const floats = (values: ArrayLike<number>): Buffer => Buffer.from(Float32Array.from(values).buffer);

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)]);
}

function encode(value: Value): Buffer {
  if ("u32" in value) return Buffer.concat([u32(4), u32(value.u32)]);
  if ("f32" in value) return Buffer.concat([u32(6), floats([value.f32])]);
  if ("bool" in value) return Buffer.concat([u32(7), Buffer.of(value.bool ? 1 : 0)]);
  if ("text" in value) return Buffer.concat([u32(8), text(value.text)]);
  if ("texts" in value) return list(8, value.texts.map(text));
  if ("u32s" in value) return list(4, value.u32s.map(u32));
  return Buffer.concat(value.raw);
}

function list(type: number, elements: Buffer[]): Buffer {
  return Buffer.concat([u32(9), u32(type), u64(elements.length), Buffer.concat(elements)]);
}
