import { describe, expect, test } from "vitest";
import { spread } from "../../scripts/references.ts";
import { judged, totals, variantsOf } from "../../scripts/verifier-variants.ts";
import { describeShared } from "../shared.ts";

describeShared("data", "variants of 300 real references", (folder) => {
  const variants = spread(folder).flatMap(variantsOf);

  describe.each(["math", "math-lenient"])("in mode %s", (mode) => {
    const tallies = judged(variants, mode);

    test("are rejected wrongly in fewer than 15 of 1000 right forms", () => {
      const { cases, failed } = totals(tallies, true);
      expect(cases).toBeGreaterThan(8000);
      expect(failed / cases).toBeLessThan(0.015);
    });

    test("are accepted wrongly in fewer than 5 of 10,000 near misses", () => {
      const { cases, failed } = totals(tallies, false);
      expect(cases).toBeGreaterThan(3500);
      expect(failed / cases).toBeLessThan(0.0005);
    });
  });
});
