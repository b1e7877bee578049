/** Following a file that grows, and that a resumed run cuts back. */
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { endOf, follow, START, stampOf } from "../../src/run/follow.ts";

const folder = mkdtempSync(join(tmpdir(), "errata-follow-"));
const path = join(folder, "lines.jsonl");
afterAll(() => rmSync(folder, { recursive: true }));

describe("a file that is followed", () => {
  test("gives each whole line once, in pieces, with what is still being written left for later", async () => {
    expect(await follow(path)).toEqual({ lines: [], cursor: START, isCut: false, hasMore: false });
    writeFileSync(path, "one\ntwo\nthr");
    const first = await follow(path);
    expect(first).toMatchObject({ lines: ["one", "two"], isCut: false });
    expect(await follow(path, first.cursor)).toMatchObject({ lines: [], cursor: first.cursor });
    appendFileSync(path, "ee\n\nfünf ✓\n");
    expect((await follow(path, first.cursor)).lines).toEqual(["three", "", "fünf ✓"]);
    const all: string[] = [];
    let read = await follow(path, START, 5);
    for (; read.lines.length > 0; read = await follow(path, read.cursor, 5)) {
      expect(read.hasMore).toBe(all.length + read.lines.length < 5);
      all.push(...read.lines);
    }
    expect(all).toEqual(["one", "two", "three", "", "fünf ✓"]);
    expect(await endOf(path)).toBe(read.cursor);
  });

  test("is read anew where it was cut, also where it has grown beyond the place again or is gone", async () => {
    writeFileSync(path, '{"step":1}\n{"step":2,"a":1}\n{"step":3}\n');
    const { cursor } = await follow(path);
    truncateSync(path, 11);
    expect(await follow(path, cursor)).toMatchObject({ lines: ['{"step":1}'], isCut: true });
    appendFileSync(path, '{"step":2,"a":2}\n{"step":3}\n{"step":4}\n');
    const again = await follow(path, cursor);
    expect(again).toMatchObject({ isCut: true });
    expect(again.lines).toHaveLength(4);
    // cut and written the same, as a run that is resumed mostly is, nothing is lost and nothing is told twice
    truncateSync(path, 11);
    appendFileSync(path, '{"step":2,"a":2}\n{"step":3}\n{"step":4}\n{"step":5}\n');
    expect(await follow(path, again.cursor)).toMatchObject({ lines: ['{"step":5}'], isCut: false });
    rmSync(path);
    expect(await follow(path, again.cursor)).toEqual({
      lines: [],
      cursor: START,
      isCut: true,
      hasMore: false,
    });
    expect(await endOf(path)).toBe(START);
  });

  test("takes a line longer than a piece whole, and no cursor that it did not give", async () => {
    writeFileSync(path, `${"x".repeat(300_000)}\nshort\n`);
    expect((await follow(path, START, 1000)).lines[0]).toHaveLength(300_000);
    await expect(follow(path, "../etc")).rejects.toThrow(/cursor: expected one that was given with lines/);
  });

  test("has a stamp that is another after each change, and the same until then", async () => {
    rmSync(path, { force: true });
    const stamps = [await stampOf(path)];
    writeFileSync(path, "one\n");
    stamps.push(await stampOf(path));
    appendFileSync(path, "t");
    stamps.push(await stampOf(path), await stampOf(path));
    truncateSync(path, 4);
    stamps.push(await stampOf(path));
    expect(stamps[3]).toBe(stamps[2]);
    expect(new Set(stamps).size).toBe(4);
  });
});
