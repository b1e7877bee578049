import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { gradeCases, readCases } from "../../src/loop/verdicts/report.ts";
import { describeShared } from "../shared.ts";

for (const mode of ["dapo", "dapo-boxed", "gsm8k", "hendrycks"]) {
  describeShared(`verify/mode-${mode}.jsonl`, `mode ${mode}`, (file) => {
    test("gives the verdict and the extracted answer of the official grader, in every case", () => {
      const report = gradeCases(readCases(readFileSync(file, "utf8"), file), mode);
      expect(report.disagreements.map(({ id }) => id)).toEqual([]);
      expect(report.otherExtracts ?? []).toEqual([]);
    });
  });
}
