import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const cli = fileURLToPath(new URL("../../src/app/cli/", import.meta.url));

/** The packages that a file loads before it does anything, through all it imports. */
function packagesOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const text = readFileSync(file, "utf8");
  const targets = [...text.matchAll(/^(?:import|export) (?!type )(?:[^;]*? from )?"([^"]+)"/gm)].map(
    ([, path]) => path!,
  );
  return targets.flatMap((path) => {
    if (path.startsWith(".")) return packagesOf(join(dirname(file), path), seen);
    return path.startsWith("node:") ? [] : [path];
  });
}

test.each(["main.ts", "help.ts", "commands/train.ts", "commands/sft.ts"])("%s loads no package", (file) => {
  expect(packagesOf(join(cli, file))).toEqual([]);
});

test("verify loads nothing but what maths needs", () => {
  expect([...new Set(packagesOf(join(cli, "commands/verify.ts")))]).toEqual(["decimal.js"]);
});

test("a run loads packages, which is what the others are spared", () => {
  const all = packagesOf(fileURLToPath(new URL("../../src/loop/train.ts", import.meta.url)));
  expect(all).toContain("zod");
});
