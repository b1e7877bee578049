import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { loadProblems } from "../../src/loop/problems/load.ts";
import { bombs, file, page } from "./parquet-bombs.ts";
import { dapoFile, parquet, save } from "./parquet-file.ts";

const all = { generatedSize: 32, split: "train", seed: 1, need: "answer" } as const;
const folder = mkdtempSync(join(tmpdir(), "errata-"));
const problems = Array.from({ length: 30 }, (_, i) => ({
  problem: `What is ${i} + ${i}?`,
  answer: String(2 * i),
}));

/** A Zstandard frame with the bytes as they are, in one block: what no version of Node lacks. */
function zstdFrame(bytes: Uint8Array): Uint8Array {
  const size = bytes.length;
  const header = [0x28, 0xb5, 0x2f, 0xfd, 0xa0, size, size >> 8, size >> 16, size >> 24];
  const block = (size << 3) | 1;
  return Uint8Array.from([...header, block, block >> 8, block >> 16, ...bytes]);
}

describe("a parquet file of the kind NFT and DAPO publish", () => {
  test("loads unchanged, its repeated rows once", async () => {
    const path = save(join(folder, "aime.parquet"), dapoFile(problems, 32));
    const data = await loadProblems(path, all);
    expect(data.name).toBe("aime");
    expect(data.problems).toHaveLength(30);
    expect(data.problems[3]).toEqual({
      id: "row-97",
      prompt: [{ role: "user", content: "Solve the following math problem step by step.\n\nWhat is 3 + 3?" }],
      answer: "6",
      extra: {
        data_source: "math_dapo",
        ability: "MATH",
        reward_model: { ground_truth: "6", style: "rule" },
        extra_info: { index: 3, raw_problem: "What is 3 + 3?" },
      },
    });
    expect(data.notices).toEqual([
      "aime: 930 of 960 rows ask the same again, with the same answer; each of the 30 different problems is used once",
    ]);
  });

  test("names the rows that have no answer", async () => {
    const holed = problems.map((one, i) => (i === 4 ? { ...one, answer: null } : one));
    const data = await loadProblems(save(join(folder, "holed.parquet"), dapoFile(holed, 1)), all);
    expect(data.problems).toHaveLength(29);
    expect(data.leftOut.map(({ what, because }) => `${what} ${because}`)).toEqual([
      "row 5 has an answer (reward_model.ground_truth) that is null",
    ]);
  });

  test("may be cut into many groups of rows and pages", async () => {
    const path = join(folder, "cut.parquet");
    for (const packing of [{ rowGroupSize: 7 }, { pageSize: 100 }, { rowGroupSize: 11, pageSize: 50 }]) {
      save(path, dapoFile(problems, 2, packing));
      const data = await loadProblems(path, all);
      expect(data.problems.map(({ answer }) => answer)).toEqual(problems.map(({ answer }) => answer));
    }
  });

  test("may be packed by gzip, brotli or zstd, or not at all", async () => {
    const path = join(folder, "packed.parquet");
    const compressors = {
      GZIP: (page: Uint8Array) => new Uint8Array(gzipSync(page)),
      BROTLI: (page: Uint8Array) => new Uint8Array(brotliCompressSync(page)),
      ZSTD: zstdFrame,
    };
    for (const codec of ["GZIP", "BROTLI", "ZSTD", "SNAPPY", "UNCOMPRESSED"] as const) {
      save(path, dapoFile(problems, 2, { codec, compressors }));
      expect((await loadProblems(path, all)).problems, codec).toHaveLength(30);
    }
  });

  test("packed by a codec that is not read is told so", async () => {
    const compressors = { LZO: (page: Uint8Array) => page };
    const path = save(join(folder, "lzo.parquet"), dapoFile(problems, 1, { codec: "LZO", compressors }));
    await expect(loadProblems(path, all)).rejects.toMatchObject({ got: "a column packed with LZO" });
  });
});

test.each([1n, 3n])(
  "a column of two values in %i rows is refused, neither cut nor filled up with nulls",
  async (rows) => {
    const pages = [page({ values: 2, data: [7, 0, 0, 0, 8, 0, 0, 0] })];
    const path = save(join(folder, "short.parquet"), file({ pages, rows }));
    await expect(loadProblems(path, all)).rejects.toMatchObject({
      got: `2 values of question in ${rows} rows`,
    });
  },
);

test("files are read beside each other, and again after one that is stopped", async () => {
  const good = save(join(folder, "good.parquet"), dapoFile(problems, 2));
  const endless = save(
    join(folder, "endless.parquet"),
    bombs()["words of no bits, packed eight billion times"]!,
  );
  const loads = await Promise.allSettled([good, endless, good].map((path) => loadProblems(path, all)));
  expect(loads.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(loads[1]).toMatchObject({ reason: { got: "a file that takes more time than its size is worth" } });
  expect((await loadProblems(good, { ...all, size: 3 })).problems).toHaveLength(3);
  expect((await loadProblems(good, all)).problems).toHaveLength(30);
});

describe("columns of other kinds", () => {
  test("become what JSON would have: numbers, dates as text, whole numbers as they are", async () => {
    const bytes = parquet([
      { name: "question", data: ["a", "b"], type: "STRING" },
      { name: "answer", data: [7, 8], type: "INT32" },
      { name: "big", data: [2n ** 60n, 5n], type: "INT64" },
      { name: "when", data: [new Date(0), new Date(1000)], type: "TIMESTAMP" },
      { name: "share", data: [0.5, 0.25], type: "DOUBLE" },
      { name: "tests", data: [{ list: [1, 2] }, { list: [] }], type: "JSON" },
      { name: "isHard", data: [true, false], type: "BOOLEAN" },
    ]);
    const data = await loadProblems(save(join(folder, "kinds.parquet"), bytes), all);
    expect(data.problems.map(({ answer }) => answer)).toEqual(["7", "8"]);
    expect(data.problems[0]!.extra).toEqual({
      big: "1152921504606846976",
      when: "1970-01-01T00:00:00.000Z",
      share: 0.5,
      tests: { list: [1, 2] },
      isHard: true,
    });
    expect(data.problems[1]!.extra!.big).toBe(5);
  });

  test("give the numbers that were written, in 32 bits or as decimals", async () => {
    const required = { repetition_type: "REQUIRED" } as const;
    const decimal = { converted_type: "DECIMAL", ...required } as const;
    const bytes = parquet(
      [
        { name: "question", data: ["a", "b", "c"] },
        { name: "answer", data: [0.57, 1.1, -19.9] },
        { name: "single", data: [0.1, 42, Math.fround(1 / 3)] },
        { name: "long", data: [12345678901234567890123456n, -5n, 0n] },
        { name: "inner", data: [[0.1, 2.5], [], [1e-7]] },
      ],
      {
        schema: [
          { name: "root", num_children: 5 },
          { name: "question", type: "BYTE_ARRAY", converted_type: "UTF8", ...required },
          { name: "answer", type: "INT32", scale: 2, precision: 9, ...decimal },
          { name: "single", type: "FLOAT", ...required },
          {
            name: "long",
            type: "FIXED_LEN_BYTE_ARRAY",
            type_length: 16,
            scale: 3,
            precision: 38,
            ...decimal,
          },
          { name: "inner", converted_type: "LIST", num_children: 1, repetition_type: "OPTIONAL" },
          { name: "list", num_children: 1, repetition_type: "REPEATED" },
          { name: "element", type: "FLOAT", repetition_type: "OPTIONAL" },
        ],
      },
    );
    const { problems } = await loadProblems(save(join(folder, "numbers.parquet"), bytes), all);
    expect(problems.map(({ answer }) => answer)).toEqual(["0.57", "1.1", "-19.9"]);
    expect(problems.map(({ extra }) => extra)).toEqual([
      { single: 0.1, long: "12345678901234567890123.456", inner: [0.1, 2.5] },
      { single: 42, long: -0.005, inner: [] },
      { single: 0.33333334, long: 0, inner: [1e-7] },
    ]);
  });

  test("with an answer that may have been rounded are left out", async () => {
    const bytes = parquet([
      { name: "question", data: ["a", "b", "c"], type: "STRING" },
      { name: "answer", data: [1e21, Number("12345678901234567890"), 0.1], type: "DOUBLE" },
      { name: "solution", data: ["s", "s", "s"], type: "STRING" },
    ]);
    const { problems, leftOut } = await loadProblems(save(join(folder, "double.parquet"), bytes), all);
    expect(problems.map(({ answer }) => answer)).toEqual(["1000000000000000000000", "0.1"]);
    expect(leftOut.map(({ because }) => because)).toEqual([
      "has an answer too long for a number; put it in quotes",
    ]);
  });

  test.each([
    ["PLAIN", ["9", "8"], "STRING"],
    ["DELTA_LENGTH_BYTE_ARRAY", ["9", "8"], "STRING"],
    ["DELTA_BYTE_ARRAY", ["9", "8"], "STRING"],
    ["DELTA_BINARY_PACKED", [9, 8], "INT32"],
    ["BYTE_STREAM_SPLIT", [9, 8], "DOUBLE"],
  ] as const)("written as %s are read", async (encoding, values, type) => {
    const bytes = parquet([
      { name: "question", data: Array.from({ length: 300 }, (_, i) => `q${i}`), type: "STRING" },
      { name: "answer", data: Array.from({ length: 300 }, (_, i) => values[i % 2]!), type, encoding },
    ]);
    const data = await loadProblems(save(join(folder, "encoded.parquet"), bytes), all);
    expect(data.problems.slice(0, 3).map(({ answer }) => answer)).toEqual(["9", "8", "9"]);
    expect(data.problems).toHaveLength(300);
  });
});
