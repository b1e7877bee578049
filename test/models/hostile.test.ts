/** Files made to harm, each opened in a process of its own: refused within 2 s and 500 MB. */
import { execFileSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { configJson } from "../../src/models/config-json.ts";
import { temporaryFile, temporaryFolder, tinyConfig } from "./files.ts";
import { floats, ggufBytes, type Tensor, u32, u64, type Value } from "./gguf-bytes.ts";

const opener = fileURLToPath(new URL("./open-hostile.mjs", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

function refusesAlone(kind: string, given: string, ...told: string[]): void {
  const printed = execFileSync(process.execPath, [opener, kind], {
    cwd: root,
    encoding: "utf8",
    input: given,
  });
  const { ended, seconds, megabytes } = JSON.parse(printed) as {
    ended: string;
    seconds: number;
    megabytes: number;
  };
  expect(ended).toMatch(/^ModelError: /);
  for (const word of told) expect(ended).toContain(word);
  expect(ended.length).toBeLessThan(2000);
  expect(seconds, ended).toBeLessThan(2);
  expect(megabytes, ended).toBeLessThan(500);
}

function safetensors(
  header: string | object,
  { claimed, bytes = 0 }: { claimed?: bigint; bytes?: number } = {},
) {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed ?? BigInt(json.length));
  const path = temporaryFile("model.safetensors", Buffer.concat([length, json]));
  truncateSync(path, 8 + json.length + bytes);
  return path;
}
const entry = (start: number, end: number, shape = [(end - start) / 4]) => ({
  dtype: "F32",
  shape,
  data_offsets: [start, end],
});

const gigabytes = 2 ** 33;
const many = (count: number, one: (i: number) => [string, unknown]) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => one(i)));

describe("a safetensors header is refused alone", { timeout: 120_000 }, () => {
  test.each([
    [
      "longer than any",
      () => safetensors("{}", { claimed: 2n ** 63n, bytes: gigabytes }),
      "header of at most",
    ],
    [
      "of gigabytes that are there",
      () => safetensors("{}", { claimed: 2n ** 32n, bytes: gigabytes }),
      "header of at most",
    ],
    ["of 4 MB of open brackets", () => safetensors("[".repeat(2 ** 22)), "levels of brackets"],
    ["of 4 MB of open objects", () => safetensors('{"a":'.repeat(800_000)), "levels of brackets"],
    [
      "of 30,000 tensors, the last of them over the first",
      () =>
        safetensors(
          many(30_000, (i) => [`t${i}`, entry(i === 29_999 ? 0 : 4 * i, i === 29_999 ? 4 : 4 * i + 4)]),
          { bytes: 120_000 },
        ),
      "overlap",
    ],
    ["with a tensor past the end", () => safetensors({ a: entry(0, 2 ** 50) }), "a file of"],
    [
      "with a tensor of more than there are numbers",
      () => safetensors({ a: entry(0, 8, [2 ** 52, 2 ** 52]) }, { bytes: 8 }),
      "a",
    ],
    [
      "with a shape of a million dimensions",
      () => safetensors({ a: entry(0, 4, Array(1_000_000).fill(1)) }, { bytes: 4 }),
      "shape",
    ],
    [
      "with two tensors in one place",
      () => safetensors({ a: entry(0, 8), b: entry(4, 12) }, { bytes: 12 }),
      "overlap",
    ],
    [
      "with a name twice among 30,000",
      () =>
        safetensors(
          `{${Array.from({ length: 30_000 }, (_, i) => `"t${i % 29_999}":${JSON.stringify(entry(4 * i, 4 * i + 4))}`).join()}}`,
          { bytes: 120_000 },
        ),
      "twice",
    ],
  ] as const)("%s", (_, make, told) => refusesAlone("safetensors", make(), told));
});

describe("a GGUF header is refused alone", { timeout: 120_000 }, () => {
  const raw = (...parts: Buffer[]): Value => ({ raw: parts });
  const one: Tensor = { name: "a", shape: [2, 4], data: floats([1, 2, 3, 4, 5, 6, 7, 8]) };
  const gguf = (bytes: Buffer, length = bytes.length) => {
    const path = temporaryFile("model.gguf", bytes);
    truncateSync(path, length);
    return path;
  };
  const list = (type: number, count: number | bigint, ...rest: Buffer[]) =>
    raw(u32(9), u32(type), u64(count), ...rest);
  test.each([
    [
      "with 2^64 tensors",
      () => gguf(ggufBytes({}, [], { tensorCount: 2n ** 64n - 1n }), gigabytes),
      "tensors",
    ],
    ["with 2^63 keys", () => gguf(ggufBytes({}, [], { keyCount: 2n ** 63n }), gigabytes), "keys"],
    [
      "with as many tensors as it may claim, all empty",
      () => gguf(ggufBytes({}, [], { tensorCount: 65536n }), gigabytes),
      "tensor",
    ],
    [
      "with a list of 2^60 texts",
      () => gguf(ggufBytes({ k: list(8, 2n ** 60n) }, []), gigabytes),
      "elements in k",
    ],
    [
      "with lists of lists",
      () => gguf(ggufBytes({ k: list(9, 1, u32(9), u64(1)) }, []), gigabytes),
      "plain values",
    ],
    [
      "with a text of 4 GB that are there",
      () => gguf(ggufBytes({ k: raw(u32(8), u64(2 ** 32)) }, []), gigabytes),
      "header",
    ],
    [
      "with two million empty texts, then one more list",
      () =>
        gguf(
          ggufBytes({ a: list(8, 2 ** 21 - 16, Buffer.alloc(2 ** 24 - 128)), b: list(8, 2 ** 20) }, []),
          gigabytes,
        ),
      "elements in b",
    ],
    [
      "with a tensor past the end",
      () => gguf(ggufBytes({}, [{ ...one, offset: 2 ** 50 }])),
      "to end at byte",
    ],
    [
      "with a tensor of 2^80 numbers",
      () => gguf(ggufBytes({}, [{ ...one, shape: [2 ** 40, 2 ** 40] }])),
      "a",
    ],
    [
      "with two tensors in one place",
      () => gguf(ggufBytes({}, [one, { ...one, name: "b", offset: 0 }])),
      "overlap",
    ],
  ] as const)("%s", (_, make, told) => refusesAlone("gguf", make(), told));
});

describe("a folder is refused alone", { timeout: 120_000 }, () => {
  const folder = (weight_map: object, config: object = configJson(tinyConfig, {})) => {
    const path = temporaryFolder();
    writeFileSync(join(path, "config.json"), JSON.stringify(config));
    writeFileSync(join(path, "model.safetensors.index.json"), JSON.stringify({ weight_map }));
    return path;
  };
  test.each([
    "../model.safetensors",
    "/etc/passwd",
    "/dev/zero",
    "..\\x.safetensors",
    "x.safetensors\u0000.json",
  ])("whose index names the shard %j", (name) => {
    refusesAlone("model", folder({ "model.norm.weight": name }), "in a file beside the index");
  });

  test("whose index names a hundred thousand shards", () => {
    refusesAlone(
      "model",
      folder(many(100_000, (i) => [`t${i}`, `s${i}.safetensors`])),
      "at most 1024 shards",
    );
  });

  test.each(["config.json", "tokenizer.json", "model.safetensors.index.json"])(
    "whose %s is brackets",
    (name) => {
      const path = folder({});
      writeFileSync(join(path, name), "[".repeat(name === "tokenizer.json" ? 2 ** 26 : 2 ** 20));
      refusesAlone("model", path, name, "levels of brackets");
    },
  );

  test("whose config claims a model larger than the world", () => {
    const config = { ...configJson(tinyConfig, {}), num_hidden_layers: 2 ** 40, vocab_size: 2 ** 50 };
    refusesAlone("model", folder({}, config), "config.json");
  });
});

describe("a chat template is refused alone", { timeout: 120_000 }, () => {
  const text = (doublings: number) =>
    `{% set ns = namespace(t='abcdefgh', x=[]) %}{% for i in range(${doublings}) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}`;
  test.each([
    [
      "loops for ever, nearly",
      "{% for i in range(60000) %}{% for j in range(60000) %}{% endfor %}{% endfor %}",
      "more work",
    ],
    ["loops over the longest range", "{% for i in range(1000000000) %}{% endfor %}", "range()"],
    ["doubles a text", `${text(60)}{{ ns.t }}`, "too long"],
    [
      "doubles a list",
      "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
      "too long",
    ],
    [
      "nests a list in itself twice",
      "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
      "too long",
    ],
    [
      "nests a list deep",
      "{% set ns = namespace(x=[1]) %}{% for i in range(60000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x | tojson(indent=60) }}",
      "too long",
    ],
    ["replaces each letter by a long text", `${text(14)}{{ ns.t | replace('a', ns.t) }}`, "too long"],
    ["does so by the method", `${text(14)}{{ ns.t.replace('a', ns.t) }}`, "too long"],
    [
      "does so by the method under another name",
      `${text(14)}{% set f = ns.t['repl' ~ 'ace'] %}{{ f('a', ns.t) }}`,
      "too long",
    ],
    ["joins by a long text", `${text(14)}{{ range(60000) | join(ns.t) }}`, "too long"],
    ["indents far", `{% set s %}${"\n-".repeat(50_000)}{% endset %}{{ s | indent(100000) }}`, "too long"],
    [
      "lists one long text again and again",
      `${text(16)}{% for i in range(60000) %}{% set ns.x = ns.x + [ns.t] %}{% endfor %}{{ ns.x | join }}`,
      "chat template",
    ],
    [
      "keeps many long texts",
      `${text(16)}{% for i in range(60000) %}{% set ns.x = ns.x + [(ns.t ~ i) | upper] %}{% endfor %}`,
      "chat template",
    ],
    [
      "prints a long text again and again",
      `${text(16)}{% for i in range(60000) %}{{ (ns.t ~ i) | upper }}{% endfor %}`,
      "too long",
    ],
    [
      "keeps many lists",
      "{% set ns = namespace(x=[]) %}{% for i in range(60000) %}{% set ns.x = [range(60000) | list, ns.x] %}{% endfor %}",
      "chat template",
    ],
    [
      "names one long text many times",
      `${text(16)}${Array.from({ length: 8000 }, (_, i) => `{% set ns.a${i} = ns.t %}`).join("")}{{ ns }}`,
      "chat template",
    ],
    [
      "cuts a long text into letters, many times",
      `${text(16)}{% for i in range(60000) %}{% set ns.x = ns.x + [ns.t.split('a')] %}{% endfor %}`,
      "chat template",
    ],
    ["calls itself", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "chat template"],
    [
      "is a hundred thousand brackets",
      `{{ ${"(".repeat(100_000)}1${")".repeat(100_000)} }}`,
      "chat template",
    ],
  ] as const)("that %s", (_, template, told) => refusesAlone("template", template, told));
});
