/** Reference answers of the public sets that the maths verifier is tried on. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const sets = ["math500", "minerva", "olympiadbench"];

/** A hundred answers of each public set in a folder of them, evenly spaced: 300. */
export function spread(folder: string): string[] {
  return sets.flatMap((set) => {
    const all = readReferences(join(folder, `${set}.jsonl`));
    return Array.from({ length: 100 }, (_, i) => all[Math.floor((i * all.length) / 100)]!);
  });
}

/** The answers of a file of {answer}. */
export function readReferences(file: string): string[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { readonly answer: string }).answer);
}
