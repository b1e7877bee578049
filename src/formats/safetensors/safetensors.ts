/**
 * Safetensors, read: a JSON header of names, dtypes, shapes and offsets, then the bytes.
 *
 * The header is checked whole before any tensor is read: its length and every offset against the
 * file's size, every shape against its bytes, no tensor over another, no name twice.
 */
import { endianness } from "node:os";
import { z } from "zod";
import { InternalError, ModelError } from "../../errors.ts";
import { checkedFile, refuseDeep, refusePointer, reserve } from "../../files/checked-file.ts";
import { widenBrains, widenHalves } from "./float16.ts";

/** A header of 25,000 tensors is smaller; the format's own limit is 100 MB, too much to parse on a claim. */
const HEADER_BYTES = 4 * 2 ** 20;

/** Bytes of one element. */
// biome-ignore format: a table
const elementBytes: Record<string, number> = {
  BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1, F8_E8M0: 1, U16: 2, I16: 2, F16: 2, BF16: 2,
  U32: 4, I32: 4, F32: 4, U64: 8, I64: 8, F64: 8,
};
const size = z.int().min(0);
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(size).max(8),
  data_offsets: z.tuple([size, size]),
});

export interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly start: number;
  readonly end: number;
}

export interface SafetensorsFile {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
  /** One tensor as float32, from F32, F16 or BF16; only its own bytes are read. */
  read(name: string): Promise<Float32Array>;
}

/**
 * Opens a .safetensors file and checks its header.
 *
 * @throws ModelError naming the file and the tensor at fault
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  if (endianness() !== "LE") throw new InternalError("model files are read on little-endian machines only");
  const file = await checkedFile(path);
  const prefix = new Uint8Array(8);
  await file.read(0, prefix, "the header's length");
  refusePointer(path, prefix);
  const length = Number(new DataView(prefix.buffer).getBigUint64(0, true));
  if (length > Math.min(HEADER_BYTES, file.size - 8))
    throw damaged(
      path,
      `a header of at most ${Math.min(HEADER_BYTES, file.size - 8)} bytes`,
      `${length} bytes`,
    );
  const header = new Uint8Array(length);
  await file.read(8, header, "the header");
  refuseDeep(path, header);
  const { tensors, metadata } = parseHeader(path, Buffer.from(header.buffer).toString("utf8"), 8 + length);
  checkPlaces(path, tensors, 8 + length, file.size);
  return {
    path,
    tensors,
    metadata,
    async read(name) {
      const entry = tensors.get(name);
      if (!entry) throw damaged(path, `a tensor ${name}`, "none of that name");
      const floats = floatReader(path, name, entry.dtype);
      const bytes = reserve(path, name, entry.end - entry.start);
      await file.read(entry.start, bytes, name);
      return floats(bytes.buffer);
    },
  };
}

function parseHeader(path: string, text: string, dataStart: number) {
  const parsed = parseObject(path, text);
  const twice = repeatedKey(text);
  if (twice !== undefined) throw damaged(path, "every tensor once", `${twice} twice`);
  const tensors = new Map<string, TensorEntry>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(parsed)) {
    if (name === "__metadata__") {
      metadata = check(path, name, z.record(z.string(), z.string()), value);
      continue;
    }
    const { dtype, shape, data_offsets } = check(path, name, entrySchema, value);
    const bytes = shape.reduce((product, length) => product * length, elementBytes[dtype] ?? Number.NaN);
    if (Number.isNaN(bytes)) throw damaged(path, `${name} of a known dtype`, dtype);
    const [start, end] = data_offsets;
    if (end - start !== bytes)
      throw damaged(
        path,
        `${name} (${dtype} [${shape.join(", ")}]) to fill ${bytes} bytes`,
        `offsets ${start}..${end}`,
      );
    tensors.set(name, { dtype, shape, start: dataStart + start, end: dataStart + end });
  }
  return { tensors, metadata };
}

function parseObject(path: string, text: string): object {
  let cause: unknown;
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  } catch (error) {
    cause = error;
  }
  throw damaged(path, "a JSON object as header", cause instanceof Error ? cause.message : text.slice(0, 20));
}

/** Tensors lie in the file, and not on one another. */
function checkPlaces(path: string, tensors: Map<string, TensorEntry>, dataStart: number, fileSize: number) {
  let last = { name: "the header", end: dataStart };
  for (const [name, { start, end }] of [...tensors].sort(
    ([, a], [, b]) => a.start - b.start || a.end - b.end,
  )) {
    if (end > fileSize) throw damaged(path, `${name} to end at byte ${end}`, `a file of ${fileSize} bytes`);
    if (start < last.end)
      throw damaged(path, `${name} to start after ${last.name}`, `an overlap at byte ${start}`);
    last = { name, end };
  }
}

/** The first key that the outermost object holds twice: JSON.parse would keep the last and say nothing. */
function repeatedKey(text: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    if (character !== '"') continue;
    const start = at++;
    while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
    let after = at + 1;
    while (/\s/.test(text[after] ?? "")) after++;
    if (depth !== 1 || text[after] !== ":") continue;
    const name: string = JSON.parse(text.slice(start, at + 1));
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}

function floatReader(path: string, name: string, dtype: string): (buffer: ArrayBuffer) => Float32Array {
  if (dtype === "F32") return (buffer) => new Float32Array(buffer);
  if (dtype === "F16") return (buffer) => widenHalves(new Uint16Array(buffer));
  if (dtype === "BF16") return (buffer) => widenBrains(new Uint16Array(buffer));
  throw new ModelError({
    where: path,
    expected: `${name} in F32, F16 or BF16`,
    got: dtype,
    next: "Use the model's unquantised weights.",
  });
}

function check<T>(path: string, name: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw damaged(path, `a valid entry for ${name}`, `${issue.path.join(".")}: ${issue.message}`);
}

function damaged(path: string, expected: string, got: string): ModelError {
  return new ModelError({ where: path, expected, got, next: "The file is damaged; fetch the model again." });
}
