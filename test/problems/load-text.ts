import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Fields } from "../../src/loop/problems/fields.ts";
import { type DataSet, loadProblems } from "../../src/loop/problems/load.ts";

/** Loads a file of such a name and content. */
export function load(
  name: string,
  content: string | Buffer,
  fields: Fields = {},
  need: "answer" | "solution" = "answer",
): Promise<DataSet> {
  const path = join(mkdtempSync(join(tmpdir(), "errata-")), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return loadProblems(path, { size: 0, generatedSize: 32, split: "train", seed: 1, fields, need });
}
