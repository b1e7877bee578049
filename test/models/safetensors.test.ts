import { existsSync, readdirSync, readFileSync, renameSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { openSafetensors } from "../../src/formats/safetensors/safetensors.ts";
import { type NamedTensor, writeSafetensors } from "../../src/formats/safetensors/safetensors-writer.ts";
import { golden } from "../shared.ts";
import { refuses, temporaryFile, temporaryFolder } from "./files.ts";

/** A file with any header, honest or not, before `bytes` of data. */
function withHeader(header: string | object, bytes = 0, length?: bigint): string {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(json.length));
  return temporaryFile("model.safetensors", Buffer.concat([prefix, json, Buffer.alloc(bytes)]));
}
const refusesHeader = (header: string | object, bytes: number, ...words: string[]) =>
  refuses(openSafetensors(withHeader(header, bytes)), "model.safetensors", ...words);
const entry = (start: number, end: number, shape: unknown = [(end - start) / 4], dtype: unknown = "F32") => ({
  dtype,
  shape,
  data_offsets: [start, end],
});

describe("safetensors", () => {
  test("gives back the bits that were written, in every dtype", async () => {
    const path = join(temporaryFolder(), "new", "model.safetensors");
    const odd = Float32Array.of(1, -0, 2 ** -24, 65504, Infinity, 0.5, -3);
    const tensors: NamedTensor[] = [
      { name: "half", shape: [7], data: odd, dtype: "F16" },
      { name: "brain", shape: [1, 3], data: Float32Array.of(1, -0, 2 ** -133), dtype: "BF16" },
      { name: "single", shape: [2, 2], data: Float32Array.of(Math.PI, 1e-45, -1e38, 0) },
      { name: "empty", shape: [0, 4], data: new Float32Array(0) },
      { name: "scalar", shape: [], data: Float32Array.of(7) },
      { name: "__proto__", shape: [1], data: Float32Array.of(8) },
    ];
    await writeSafetensors(path, tensors);
    const file = await openSafetensors(path);
    for (const { name, shape, data } of tensors) {
      expect(file.tensors.get(name)?.shape).toEqual(shape);
      expect(Buffer.from((await file.read(name)).buffer)).toEqual(Buffer.from(data.buffer));
    }
    expect(file.metadata).toEqual({ format: "pt" });
    await refuses(file.read("other"), "other");
    expect(readdirSync(dirname(path))).toEqual(["model.safetensors"]);
  });

  test("leaves the old file as it was where a write fails", async () => {
    const path = temporaryFile("model.safetensors", "old");
    function* failing(): Generator<NamedTensor> {
      yield { name: "a", shape: [1], data: Float32Array.of(1) };
      throw new Error("no more");
    }
    await expect(writeSafetensors(path, failing())).rejects.toThrow("no more");
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(existsSync(`${path}.tmp`)).toBe(false);
    await refuses(writeSafetensors(join(path, "model.safetensors"), []), "model.safetensors", "folder");
  });

  test("refuses a header longer than the file or than any header, before reading it", async () => {
    await refuses(openSafetensors(withHeader("{}", 0, 2n ** 63n)), "header");
    await refuses(openSafetensors(withHeader("{}", 0, 3n)), "header of at most 2 bytes", "3 bytes");
    await refuses(openSafetensors(temporaryFile("x.safetensors", "abc")), "3 bytes");
    await refuses(openSafetensors(temporaryFile("x.safetensors", "")), "0 bytes");
    const sparse = withHeader("{}", 0, 2n ** 32n);
    truncateSync(sparse, 2 ** 33);
    await refuses(openSafetensors(sparse), "header of at most 4194304 bytes");
  });

  test("names the tensor whose entry is wrong", async () => {
    await refusesHeader("{", 0, "JSON");
    await refusesHeader("[]", 0, "JSON object");
    await refusesHeader({ a: entry(0, 8) }, 4, "a to end");
    await refusesHeader({ a: entry(0, 8), b: entry(4, 12) }, 12, "b to start after a", "overlap");
    await refusesHeader({ a: entry(0, 8, [3]) }, 8, "a (F32 [3]) to fill 12 bytes", "0..8");
    await refusesHeader({ a: entry(8, 0, [-2]) }, 8, "a");
    await refusesHeader({ a: entry(8, 0, [2]) }, 8, "a", "8..0");
    await refusesHeader({ a: entry(0, 8, [2 ** 40, 2 ** 40]) }, 8, "a");
    await refusesHeader({ a: entry(0, 8, [1.5]) }, 8, "a", "shape");
    await refusesHeader({ a: entry(0, 8, [2], "F31") }, 8, "a", "F31");
    await refusesHeader({ a: { ...entry(0, 8), data_offsets: [0, 1e300] } }, 8, "a", "data_offsets");
    await refusesHeader({ a: { ...entry(0, 8), data_offsets: [0] } }, 8, "a");
    await refusesHeader({ a: null }, 8, "a");
    await refusesHeader({ __metadata__: { n: 1 } }, 0, "__metadata__");
  });

  test("refuses a name that the header holds twice, however it is written", async () => {
    const one = JSON.stringify(entry(0, 4));
    const two = JSON.stringify(entry(4, 8));
    await refusesHeader(`{"a": ${one}, "a": ${two}}`, 8, "a twice");
    await refusesHeader(`{"a": ${one}, "\\u0061" : ${two}}`, 8, "a twice");
    const file = await openSafetensors(
      withHeader({ "a\\": entry(0, 4), '"a": {': entry(4, 8), shape: entry(8, 12) }, 12),
    );
    expect(file.tensors.size).toBe(3);
  });

  test("reads past a tensor of another dtype, and refuses to read it", async () => {
    const file = await openSafetensors(withHeader({ ids: entry(0, 8, [1], "I64"), a: entry(8, 12) }, 12));
    expect(await file.read("a")).toEqual(Float32Array.of(0));
    await refuses(file.read("ids"), "ids in F32, F16 or BF16", "I64");
  });

  test("refuses a file that is cut off, missing, or no file", async () => {
    const path = withHeader({ a: entry(0, 4000) }, 4000);
    truncateSync(path, 3000);
    await refuses(openSafetensors(path), "a to end");
    await refuses(
      openSafetensors(join(temporaryFolder(), "none.safetensors")),
      "none.safetensors",
      "no such file",
    );
    await refuses(openSafetensors(temporaryFolder()), "regular file");
  });

  test("names the tensor where a file shrinks after it was opened", async () => {
    const path = withHeader({ a: entry(0, 4000) }, 4000);
    const file = await openSafetensors(path);
    truncateSync(path, 3000);
    await refuses(file.read("a"), "a to end");
  });

  test("is read as it was opened: what was written since is refused", async () => {
    const path = withHeader({ a: entry(0, 4000) }, 4000);
    const file = await openSafetensors(path);
    renameSync(withHeader({ a: entry(0, 4000) }, 4000), path);
    await refuses(file.read("a"), path, "the file that was opened");
  });
});

describe("safetensors by PyTorch", () => {
  test("is byte for byte what is written from what was read", async () => {
    const path = golden("models/llama-tiny/model.safetensors");
    const file = await openSafetensors(path);
    const byPlace = [...file.tensors].sort(([, a], [, b]) => a.start - b.start);
    const tensors: NamedTensor[] = [];
    for (const [name, { shape }] of byPlace) tensors.push({ name, shape, data: await file.read(name) });
    const copy = join(temporaryFolder(), "copy.safetensors");
    await writeSafetensors(copy, tensors, file.metadata);
    expect(readFileSync(copy).equals(readFileSync(path))).toBe(true);
  });
});
