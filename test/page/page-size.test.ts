import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { pageFiles } from "../../src/app/page/page-files.ts";

const views = fileURLToPath(new URL("../../src/app/page/views", import.meta.url));
const linesOf = (name: string) => readFileSync(join(views, name), "utf8").split("\n").length - 1;

test("the page is at most 90 kB gzipped, with nothing from elsewhere", async () => {
  const { js, css } = await pageFiles();
  expect(gzipSync(js + css, { level: 9 }).length).toBeLessThan(90_000);
  expect(`${js}${css}`).not.toMatch(/\bimport\(|@import|url\(\s*["']?http/);
});

test("its views are at most 1,500 lines of TSX, no file of them over 200", () => {
  const files = readdirSync(views).filter((name) => /\.tsx?$/.test(name));
  const tsx = files.filter((name) => name.endsWith(".tsx"));
  expect(tsx.map(linesOf).reduce((sum, lines) => sum + lines, 0)).toBeLessThanOrEqual(1500);
  expect(files.filter((name) => linesOf(name) > 200)).toEqual([]);
});
