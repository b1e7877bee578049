/**
 * GGUF, llama.cpp's one-file format, read: metadata, tensor places, then the bytes of one tensor.
 *
 * Counts and lengths in the header are claims. Each is held to a bound and to the bytes that are
 * there before anything is made of it; tensors are checked against the file's size and each other.
 */
import { ModelError } from "../../errors.ts";
import { type CheckedFile, checkedFile, refusePointer, reserve } from "../../files/checked-file.ts";
import { type QuantType, quantTypes } from "./gguf-quants.ts";

export type GgufValue = number | bigint | boolean | string | readonly (number | bigint | boolean | string)[];

export interface GgufTensor {
  readonly type: QuantType;
  /** As in PyTorch: the outermost dimension first (the file has it last). */
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly start: number;
  readonly bytes: number;
}

export interface GgufFile {
  readonly path: string;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  /** One tensor, dequantised to float32. */
  read(name: string): Promise<Float32Array>;
}

/** Several times what the largest vocabularies need; a header is parsed only within them. */
const most = { headerBytes: 2 ** 26, keys: 2 ** 14, tensors: 2 ** 16, elements: 2 ** 21, nameBytes: 2 ** 10 };
const CHUNK_BYTES = 2 ** 20;

/**
 * Opens a GGUF file (version 2 or 3, little-endian) and checks its header.
 *
 * @throws ModelError naming the file and what is wrong in it
 */
export async function openGguf(path: string): Promise<GgufFile> {
  const file = await checkedFile(path);
  const { metadata, tensors } = await readHeader(file);
  return {
    path,
    metadata,
    tensors,
    async read(name) {
      const tensor = tensors.get(name);
      if (!tensor) throw damaged(path, `a tensor ${name}`, "none of that name");
      const bytes = reserve(path, name, tensor.bytes);
      await file.read(tensor.start, bytes, name);
      return tensor.type.dequantise(bytes);
    },
  };
}

async function readHeader(file: CheckedFile) {
  const reader = new HeaderReader(file);
  await reader.ensure(24);
  const start = reader.bytes(4);
  refusePointer(file.path, start);
  const magic = start.toString("latin1");
  if (magic !== "GGUF") {
    throw new ModelError({
      where: file.path,
      expected: "a GGUF file",
      got: `one that starts with ${JSON.stringify(magic)}`,
      next: "Give a .gguf file, or the folder of a Hugging Face model rather than a file in it.",
    });
  }
  const version = reader.u32();
  if (version !== 2 && version !== 3)
    throw damaged(file.path, "GGUF version 2 or 3, little-endian", `version ${version}`);
  const tensorCount = reader.count(most.tensors, 24, "tensors");
  const keyCount = reader.count(most.keys, 13, "metadata keys");

  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < keyCount; i++) {
    await reader.ensure(most.nameBytes + 24);
    const key = reader.string(most.nameBytes, "a key");
    if (metadata.has(key)) throw damaged(file.path, "every key once", `${key} twice`);
    metadata.set(key, await readValue(reader, key));
  }
  const claims: { name: string; type: QuantType; shape: number[]; offset: number; bytes: number }[] = [];
  for (let i = 0; i < tensorCount; i++) {
    await reader.ensure(most.nameBytes + 64);
    claims.push(readTensorClaim(reader));
  }
  return { metadata, tensors: placeTensors(file, reader.position, metadata, claims) };
}

async function readValue(reader: HeaderReader, key: string): Promise<GgufValue> {
  const type = reader.u32();
  if (type === 8) {
    await reader.ensureString(key);
    return reader.string(most.headerBytes, key);
  }
  if (type !== 9) return reader.scalar(type, key);
  const elementType = reader.u32();
  const least = elementType === 8 ? 8 : scalarBytes[elementType];
  if (least === undefined)
    throw damaged(reader.path, `${key} as a list of plain values`, `type ${elementType}`);
  const length = reader.count(most.elements, least, `elements in ${key}`);
  const values: (number | bigint | boolean | string)[] = [];
  for (let i = 0; i < length; i++) {
    if (elementType === 8) {
      // Most strings are in the chunk already: waiting for each would take longer than reading them.
      if (!reader.holdsString()) await reader.ensureString(key);
      values.push(reader.string(most.headerBytes, key));
    } else {
      if (!reader.holds(least)) await reader.ensure(least);
      values.push(reader.scalar(elementType, key));
    }
  }
  return values;
}

function readTensorClaim(reader: HeaderReader) {
  const name = reader.string(most.nameBytes, "a tensor's name");
  const dimensions = reader.u32();
  if (dimensions < 1 || dimensions > 4)
    throw damaged(reader.path, `tensor ${name} with 1 to 4 dimensions`, `${dimensions}`);
  const shape: number[] = [];
  for (let i = 0; i < dimensions; i++) shape.unshift(reader.size(`a dimension of ${name}`));
  const code = reader.u32();
  const offset = reader.size(`the offset of ${name}`);
  const type = quantTypes.get(code);
  if (!type) {
    throw new ModelError({
      where: reader.path,
      expected: `${name} as ${[...quantTypes.values()].map((known) => known.name).join(", ")}`,
      got: `GGML type ${code}`,
      next: "Choose another quantisation of this model, for example Q8_0.",
    });
  }
  const elements = shape.reduce((product, length) => product * length, 1);
  const blocks = elements / type.blockLength;
  if (!Number.isSafeInteger(blocks * type.blockBytes) || shape[shape.length - 1] % type.blockLength !== 0)
    throw damaged(reader.path, `${name} of whole ${type.name} blocks`, `[${shape.join(", ")}]`);
  return { name, type, shape, offset, bytes: blocks * type.blockBytes };
}

/** Turns offsets from the data's start into places in the file, and checks that they are free. */
function placeTensors(
  { path, size }: CheckedFile,
  headerEnd: number,
  metadata: Map<string, GgufValue>,
  claims: readonly ReturnType<typeof readTensorClaim>[],
): Map<string, GgufTensor> {
  const alignment = metadata.get("general.alignment") ?? 32;
  if (typeof alignment !== "number" || alignment < 8 || alignment > 65536 || alignment % 8 !== 0)
    throw damaged(path, "general.alignment as a multiple of 8", String(alignment));
  const dataStart = Math.ceil(headerEnd / alignment) * alignment;
  const tensors = new Map<string, GgufTensor>();
  let last = { name: "the header", end: dataStart };
  for (const { name, type, shape, offset, bytes } of [...claims].sort((a, b) => a.offset - b.offset)) {
    const start = dataStart + offset;
    if (tensors.has(name)) throw damaged(path, "every tensor once", `${name} twice`);
    if (offset % alignment !== 0)
      throw damaged(path, `${name} at a multiple of ${alignment}`, `byte ${offset}`);
    if (start + bytes > size)
      throw damaged(path, `${name} to end at byte ${start + bytes}`, `a file of ${size} bytes`);
    if (start < last.end)
      throw damaged(path, `${name} to start after ${last.name}`, `an overlap at byte ${start}`);
    tensors.set(name, { type, shape, start, bytes });
    last = { name, end: start + bytes };
  }
  return tensors;
}

/** Bytes of each scalar type, by its number in the format. */
const scalarBytes: Record<number, number> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};

/** Reads forward through the header in chunks. Callers ensure what they are about to read. */
class HeaderReader {
  readonly path: string;
  readonly #file: CheckedFile;
  #chunk = Buffer.alloc(0);
  #chunkStart = 0;
  #at = 0;
  #elements = 0;

  constructor(file: CheckedFile) {
    this.#file = file;
    this.path = file.path;
  }

  get position(): number {
    return this.#chunkStart + this.#at;
  }

  holds(bytes: number): boolean {
    return this.#at + bytes <= this.#chunk.length;
  }

  holdsString(): boolean {
    return this.holds(8) && this.holds(8 + this.#peekSize());
  }

  /** Brings the next `bytes` into memory, or as many as the file still has. */
  async ensure(bytes: number): Promise<void> {
    if (this.holds(bytes)) return;
    const start = this.position;
    if (start + bytes > most.headerBytes)
      throw damaged(this.path, `a header of ${most.headerBytes} bytes`, "a longer one");
    const chunk = Buffer.alloc(Math.min(Math.max(bytes, CHUNK_BYTES), this.#file.size - start));
    await this.#file.read(start, chunk, "the header");
    this.#chunk = chunk;
    this.#chunkStart = start;
    this.#at = 0;
  }

  async ensureString(what: string): Promise<void> {
    await this.ensure(8);
    this.#need(8);
    const length = this.#peekSize();
    if (length > this.#file.size - this.position - 8)
      throw this.#cut(`the text of ${what} (${length} bytes)`);
    await this.ensure(8 + length);
  }

  /** A number of things of at least `least` bytes each, which the file must be long enough to hold. */
  count(limit: number, least: number, what: string): number {
    const value = this.size(`the number of ${what}`);
    this.#elements += value;
    if (value > limit || this.#elements > most.elements)
      throw damaged(this.path, `at most ${limit} ${what}`, String(value));
    if (value * least > this.#file.size - this.position) throw this.#cut(`${value} ${what}`);
    return value;
  }

  size(what: string): number {
    this.#need(8);
    const value = this.#peekSize();
    if (value > Number.MAX_SAFE_INTEGER)
      throw damaged(this.path, `a plausible size for ${what}`, String(value));
    this.#at += 8;
    return value;
  }

  string(limit: number, what: string): string {
    const length = this.size(what);
    if (length > limit) throw damaged(this.path, `${what} of at most ${limit} bytes`, `${length} bytes`);
    this.#need(length);
    this.#at += length;
    return this.#chunk.toString("utf8", this.#at - length, this.#at);
  }

  bytes(length: number): Buffer {
    this.#need(length);
    this.#at += length;
    return this.#chunk.subarray(this.#at - length, this.#at);
  }

  u32(): number {
    return this.bytes(4).readUInt32LE();
  }

  /** 64-bit integers are numbers where a number is exact. */
  scalar(type: number, what: string): number | bigint | boolean {
    const length = scalarBytes[type];
    if (length === undefined) throw damaged(this.path, `${what} of a known type`, `type ${type}`);
    const bytes = this.bytes(length);
    if (type === 6) return bytes.readFloatLE();
    if (type === 7) return bytes[0] !== 0;
    if (type === 12) return bytes.readDoubleLE();
    const signed = type === 1 || type === 3 || type === 5 || type === 11;
    if (length < 8) return signed ? bytes.readIntLE(0, length) : bytes.readUIntLE(0, length);
    const value = signed ? bytes.readBigInt64LE() : bytes.readBigUInt64LE();
    return BigInt(Number(value)) === value ? Number(value) : value;
  }

  /** The next eight bytes as a number, which is exact where it is a plausible size. */
  #peekSize(): number {
    return this.#chunk.readUInt32LE(this.#at) + this.#chunk.readUInt32LE(this.#at + 4) * 2 ** 32;
  }

  #need(bytes: number): void {
    if (!this.holds(bytes)) throw this.#cut("the header");
  }

  #cut(what: string): ModelError {
    return damaged(
      this.path,
      `room for ${what}`,
      `a file of ${this.#file.size} bytes, read to byte ${this.position}`,
    );
  }
}

function damaged(path: string, expected: string, got: string): ModelError {
  return new ModelError({ where: path, expected, got, next: "The file is damaged; fetch the model again." });
}
