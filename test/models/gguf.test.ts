import { readFileSync, truncateSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openGguf } from "../../src/formats/gguf/gguf.ts";
import { quantTypes } from "../../src/formats/gguf/gguf-quants.ts";
import { processorTime } from "../processor-time.ts";
import { refuses, temporaryFile } from "./files.ts";
import { floats, ggufBytes, type Lies, type Tensor, text, u32, u64, type Value } from "./gguf-bytes.ts";

const one: Tensor = { name: "a", shape: [2, 4], data: floats([1, 2, 3, 4, 5, 6, 7, 8]) };
const made = (bytes: Uint8Array) => temporaryFile("model.gguf", bytes);

/** Refused quickly, and without taking memory for what the header only claims. */
async function refusesBytes(bytes: Uint8Array, ...words: string[]): Promise<void> {
  const path = made(bytes);
  const before = process.memoryUsage().rss;
  const seconds = processorTime();
  await refuses(openGguf(path), "model.gguf", ...words);
  expect(seconds()).toBeLessThan(2);
  expect(process.memoryUsage().rss - before).toBeLessThan(500e6);
}
const refusesFile = (metadata: Record<string, Value>, tensors: Tensor[], lies: Lies, ...words: string[]) =>
  refusesBytes(ggufBytes(metadata, tensors, lies), ...words);
const raw = (...parts: Buffer[]): Value => ({ raw: parts });

describe("quantised types", () => {
  const golden = JSON.parse(readFileSync(new URL("gguf-quants.json", import.meta.url), "utf8"));
  test.each(golden.types as { name: string; code: number; bytes: string; float32: string }[])(
    "$name dequantises to the bits that the gguf package computes",
    ({ name, code, bytes, float32 }) => {
      const type = quantTypes.get(code);
      expect(type?.name).toBe(name);
      const values = type?.dequantise(new Uint8Array(Buffer.from(bytes, "base64")));
      expect(Buffer.from(values!.buffer).toString("base64")).toBe(float32);
    },
  );
});

describe("gguf", () => {
  test("reads every kind of metadata, and tensors outermost dimension first", async () => {
    const metadata: Record<string, Value> = {
      text: { text: "né" },
      count: { u32: 7 },
      ratio: { f32: 0.5 },
      yes: { bool: true },
      texts: { texts: ["", "a", "日本"] },
      counts: { u32s: [3, 1, 2] },
      small: raw(u32(1), Buffer.of(255)),
      large: raw(u32(11), u64(2n ** 64n - 5n)),
      huge: raw(u32(10), u64(2n ** 64n - 1n)),
      double: raw(u32(12), Buffer.from(Float64Array.of(0.1).buffer)),
    };
    const half: Tensor = { name: "half", shape: [3], type: 1, data: Buffer.from([0, 0x3c, 1, 0, 0, 0xc0]) };
    const file = await openGguf(made(ggufBytes(metadata, [one, half])));
    expect(Object.fromEntries(file.metadata)).toEqual({
      text: "né",
      count: 7,
      ratio: 0.5,
      yes: true,
      texts: ["", "a", "日本"],
      counts: [3, 1, 2],
      small: -1,
      large: -5,
      huge: 2n ** 64n - 1n,
      double: 0.1,
    });
    expect(file.tensors.get("a")?.shape).toEqual([2, 4]);
    expect(await file.read("a")).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect(await file.read("half")).toEqual(Float32Array.of(1, 2 ** -24, -2));
    await refuses(file.read("b"), "b");
  });

  test("reads a header of many chunks", async () => {
    const texts = Array.from({ length: 300_000 }, (_, i) => `token ${i}`);
    const file = await openGguf(
      made(ggufBytes({ texts: { texts }, long: { text: "x".repeat(3e6) } }, [one])),
    );
    expect(file.metadata.get("texts")).toEqual(texts);
    expect(file.metadata.get("long")).toHaveLength(3e6);
    expect(await file.read("a")).toHaveLength(8);
  });

  test("refuses counts and lengths that the file cannot hold", async () => {
    await refusesFile({}, [], { tensorCount: 2n ** 64n - 1n }, "tensors");
    await refusesFile({}, [], { tensorCount: 60000n }, "60000 tensors");
    await refusesFile({}, [], { keyCount: 2n ** 63n }, "metadata keys");
    await refusesFile({}, [], { keyCount: 16000n }, "16000 metadata keys");
    await refusesFile({ k: raw(u32(9), u32(8), u64(2n ** 60n)) }, [], {}, "elements in k");
    await refusesFile({ k: raw(u32(9), u32(8), u64(2_000_000)) }, [], {}, "2000000 elements in k");
    await refusesFile({ k: raw(u32(9), u32(9), u64(1)) }, [], {}, "k as a list of plain values");
    await refusesFile({ k: raw(u32(8), u64(2n ** 62n)) }, [], {}, "k");
    await refusesFile({ k: raw(u32(8), u64(1000)) }, [], {}, "k (1000 bytes)");
    await refusesFile({ k: raw(u32(99)) }, [], {}, "k of a known type", "99");
    await refusesFile({ ["k".repeat(5000)]: { u32: 1 } }, [], {}, "a key of at most 1024 bytes");
    await refusesBytes(
      ggufBytes(
        [
          ["k", { u32: 1 }],
          ["k", { u32: 2 }],
        ],
        [],
      ),
      "k twice",
    );
  });

  test("takes no more than its bounds of a list that is really there", async () => {
    const list = (length: number) => raw(u32(9), u32(8), u64(length), Buffer.alloc(8 * length));
    await refusesFile({ a: list(2 ** 21 - 16), b: list(2 ** 20) }, [], {}, "elements in b");
    await refusesFile({ a: list(2 ** 21 + 1) }, [], {}, "elements in a");
    const path = made(ggufBytes({ k: raw(u32(8), u64(2 ** 31)) }, []));
    truncateSync(path, 2 ** 32);
    await refuses(openGguf(path), "a header of 67108864 bytes");
  });

  test("names the tensor whose entry is wrong", async () => {
    const bad = (more: Partial<Tensor>, ...words: string[]) =>
      refusesFile({}, [one, { ...one, name: "b", ...more }], {}, ...words);
    await bad({ name: "a" }, "a twice");
    await bad({ type: 99 }, "b as F32", "GGML type 99");
    await bad({ type: 2 }, "b of whole Q4_0 blocks", "[2, 4]");
    await bad({ shape: [2 ** 40, 2 ** 40] }, "b of whole F32 blocks");
    await bad({ shape: [2 ** 20, 2 ** 20] }, "b to end at byte");
    await bad({ shape: [] }, "b with 1 to 4 dimensions");
    await bad({ shape: [1, 1, 1, 2, 4] }, "b with 1 to 4 dimensions");
    await bad({ offset: 2 ** 50 }, "b to end at byte");
    await bad({ offset: 1 }, "b at a multiple of 32");
    await bad({ offset: 0 }, "to start after", "overlap");
    await refusesFile({ "general.alignment": { u32: 0 } }, [one], {}, "general.alignment");
    await refusesFile({ "general.alignment": { text: "32" } }, [one], {}, "general.alignment");
  });

  test("refuses another format, version or byte order, and a file cut at any byte", async () => {
    await refusesFile({}, [], { magic: "GGML" }, "GGML");
    await refusesFile({}, [], { version: 1 }, "version 1");
    await refusesFile({}, [], { version: 0x03000000 }, "little-endian");
    const bytes = ggufBytes({ k: { texts: ["one", "two"] }, n: { u32: 3 } }, [one]);
    for (let length = 0; length < bytes.length; length++) await refusesBytes(bytes.subarray(0, length));
  });

  test("opens or refuses, and never crashes, whatever single byte is changed", async () => {
    const bytes = ggufBytes({ k: { texts: ["one", "two"] }, n: { u32: 3 }, t: { text: "x" } }, [one]);
    const header = bytes.length - 32;
    for (let at = 0; at < header; at++) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        const opened = openGguf(made(changed));
        const refused = await opened.then(
          () => undefined,
          (error: unknown) => error,
        );
        if (refused !== undefined) await refuses(Promise.reject(refused), "model.gguf");
      }
    }
  });

  test("keeps names that objects give a meaning", async () => {
    const file = await openGguf(made(ggufBytes({ __proto__x: { u32: 1 } }, [{ ...one, name: "__proto__" }])));
    expect(await file.read("__proto__")).toHaveLength(8);
    expect(text("a")).toHaveLength(9);
  });
});
