import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLines } from "../../src/run/line-file.ts";

test("a line file takes more at once than one string can hold", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "errata-lines-"));
  try {
    const path = join(folder, "rollouts.jsonl");
    const lines = await openLines(path, 0);
    const text = "x".repeat(2 ** 24);
    // 33 × 16 MiB: V8's longest string has 2^29 - 24 characters
    await lines.append(Array.from({ length: 33 }, () => ({ text })));
    const line = 2 ** 24 + '{"text":""}\n'.length;
    expect(await lines.sync()).toBe(33 * line);
    expect(statSync(path).size).toBe(33 * line);
    await lines.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
