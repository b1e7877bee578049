import { expect, test } from "vitest";
import { fitReport } from "../../src/app/cli/tables.ts";
import { table } from "../../src/statistics/markdown-table.ts";

const report = [
  table(
    ["data set", "problems", "avg@k", "difference"],
    [
      ["a", "120", "62.1 [55.0, 69.2]", "+3.0 [1.0, 5.0]"],
      ["unweighted mean", "", "62.1", "–"],
    ],
  ),
  "Percent, with 95 % intervals over problems; the difference is to pocket, problem by problem.",
].join("\n\n");

test("a report whose tables fit the screen is as it is, its sentences wrapped", () => {
  expect(fitReport(report, 120)).toBe(report);
  expect(fitReport(report, 80).split("\n\n")[0]).toBe(report.split("\n\n")[0]);
});

test("a wider table has a line for each cell, and none for an empty one", () => {
  const narrow = fitReport(report, 60);
  for (const line of narrow.split("\n")) expect(line.length, line).toBeLessThanOrEqual(60);
  expect(narrow.split("\n\n")[0]).toBe(
    [
      "a",
      "  problems    120",
      "  avg@k       62.1 [55.0, 69.2]",
      "  difference  +3.0 [1.0, 5.0]",
      "unweighted mean",
      "  avg@k       62.1",
      "  difference  –",
    ].join("\n"),
  );
});
