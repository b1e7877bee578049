/**
 * Reported cases of the maths verifier, by kind: how many it judges rightly, and which acceptances are wrong.
 *
 *   npx tsx scripts/verifier-reports.ts [CASES.jsonl...] [--mode math]     those of test/fixtures unless named
 *
 * A case is {id, gold, pred, expect, kind}. `npx vitest run test/verdicts/reports.test.ts` holds the disputed ones.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gradeCases, readCases } from "../src/loop/verdicts/report.ts";
import { table } from "../src/statistics/markdown-table.ts";

const { values, positionals } = parseArgs({ options: { mode: { type: "string" } }, allowPositionals: true });
const kept = fileURLToPath(new URL("../test/fixtures/verdicts/reports.jsonl", import.meta.url));
const files = positionals.length > 0 ? positionals : [kept];
const cases = files.flatMap((file) => readCases(readFileSync(file, "utf8"), file));
const { disagreements } = gradeCases(cases, values.mode);
const missed = new Map(disagreements.map((one) => [one.id, one]));

const row = (name: string, own: typeof cases): string[] => {
  const misses = own.flatMap(({ id }) => missed.get(id) ?? []);
  const accepted = misses.filter(({ expect }) => !expect);
  const share = `${((100 * (own.length - misses.length)) / own.length).toFixed(1)} %`;
  const ids = misses.map(({ id }) => id).join(" ");
  return [name, `${own.length}`, `${own.length - misses.length}`, share, `${accepted.length}`, ids];
};
const kinds = [...new Set(cases.map(({ kind = "" }) => kind))].sort();
const rows = kinds.map((name) =>
  row(
    name,
    cases.filter(({ kind = "" }) => kind === name),
  ),
);
console.log(
  table(["kind", "cases", "right", "share", "wrong acceptances", "missed"], [...rows, row("all", cases)]),
);
