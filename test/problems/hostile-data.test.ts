import { execFileSync } from "node:child_process";
import { mkdtempSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { bombs } from "./parquet-bombs.ts";
import { dapoFile, save } from "./parquet-file.ts";

const folder = mkdtempSync(join(tmpdir(), "errata-"));
const script = fileURLToPath(new URL("./load-files.mjs", import.meta.url));
/** What came of a file. */
interface Loaded {
  readonly file: string;
  /** The error's class and what it got, or how many problems there are. */
  readonly result: string;
  /** Of the processor: waiting for it does not count. */
  readonly seconds: number;
  /** The process's most so far, in MB. */
  readonly megabytes: number;
}

const limits = { seconds: 2, megabytes: 500 };
const minutes = 120_000;

/** Loads files one after the other in a process of their own, which ends where it takes too long. */
function load(files: readonly string[]): Loaded[] {
  const printed = execFileSync(process.execPath, [script, ...files], {
    encoding: "utf8",
    timeout: minutes,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return printed
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Loaded);
}

/** Tests for files, by what is wrong with them, all loaded in one process: its most memory is that of the worst. */
function expectErrors(files: Readonly<Record<string, () => string>>): void {
  const loaded = new Map<string, Loaded>();
  beforeAll(() => {
    const paths = Object.entries(files).map(([name, make]) => [name, make()] as const);
    const results = load(paths.map(([, path]) => path));
    for (const [i, [name]] of paths.entries()) loaded.set(name, results[i]!);
  }, 2 * minutes);
  test.each(Object.keys(files))("%s", (name) => {
    const { result, seconds, megabytes } = loaded.get(name)!;
    expect(result).toMatch(/^DataError: /);
    expect(seconds).toBeLessThan(limits.seconds);
    expect(megabytes).toBeLessThan(limits.megabytes);
  });
}

/** A file that begins so and goes on with zeros; it takes no room on the disk. */
function vast(name: string, begins: string, bytes = 2 ** 31 + 5): string {
  const file = join(folder, name);
  writeFileSync(file, begins);
  truncateSync(file, bytes);
  return file;
}

function filled(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe("text that is no data set ends in an error within 2 s and 500 MB", () => {
  expectErrors({
    "2 GB without a line break": () => vast("a.jsonl", '{"problem":"a'),
    "a JSON list whose first row has 2 GB": () => vast("b.json", '[{"problem":"a'),
    "2 GB of blanks where JSON should begin": () => vast("c.json", " "),
    "2 GB of CSV without a line break": () => vast("d.csv", "problem,answer"),
    "a CSV cell with a quote that never closes": () => vast("e.csv", 'problem,answer\n1,"'),
    "a TSV row of 2 GB": () => vast("f.tsv", "problem\tanswer\n1\t"),
    "a line of eight million brackets": () => filled("g.jsonl", `${"[".repeat(8_000_000)}\n`),
    "a list of thirty million brackets": () => filled("h.json", "[".repeat(30_000_000)),
    "a line of a million objects in each other": () => filled("i.jsonl", `${'{"a":'.repeat(1_600_000)}\n`),
    "thirty million columns": () => filled("j.csv", `${",".repeat(30_000_000)}\n`),
    "a CSV row of thirty million columns": () => filled("k.csv", `a,b\n${",".repeat(30_000_000)}\n`),
    "a row of a million columns, again and again": () =>
      filled("l.csv", `problem,answer\n1,2\n${`${",".repeat(1_000_000)}\n`.repeat(30)}`),
    "a cell with quotes of lines without end": () => filled("m.csv", `a,b\n1,"${"x\n".repeat(15_000_000)}`),
    "a cell of a million brackets": () => filled("n.csv", `problem,x\na,${"[".repeat(1_000_000)}\n`),
    "a million bad rows": () => filled("o.jsonl", "[]\n".repeat(1_000_000)),
  });
});

describe("a parquet file ends in an error within 2 s and 500 MB where it has", () => {
  expectErrors(
    Object.fromEntries(
      Object.entries(bombs()).map(([name, bytes], i) => [
        name,
        () => save(join(folder, `bomb-${i}.parquet`), bytes),
      ]),
    ),
  );
});

test(
  "three hundred damaged copies of a parquet file load or are refused, one by one",
  () => {
    const problems = Array.from({ length: 40 }, (_, i) => ({ problem: `What is ${i}?`, answer: String(i) }));
    const whole = new Uint8Array(
      dapoFile(problems, 3, { rowGroupSize: 50, pageSize: 400, codec: "UNCOMPRESSED" }),
    );
    let state = 7;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const files = Array.from({ length: 300 }, (_, i) => {
      const copy = whole.slice(0, i % 10 === 0 ? random(whole.length) : whole.length);
      // half of the damage to the footer, which is the last third
      for (let n = 0; n <= i % 4; n++) {
        const from = i % 2 === 0 ? 0 : Math.floor(copy.length * 0.66);
        copy[from + random(copy.length - from)] =
          random(2) === 0 ? random(256) : [0, 0x7f, 0x80, 0xff][random(4)]!;
      }
      return save(join(folder, `damaged-${i}.parquet`), copy);
    });
    const loaded = load(files);
    expect(loaded).toHaveLength(300);
    for (const { result } of loaded) expect(result).toMatch(/^DataError: |problems$/);
    expect(loaded.filter(({ result }) => result.startsWith("DataError")).length).toBeGreaterThan(50);
    expect(Math.max(...loaded.map(({ seconds }) => seconds))).toBeLessThan(limits.seconds);
    expect(loaded.at(-1)!.megabytes).toBeLessThan(limits.megabytes);
  },
  2 * minutes,
);
