/**
 * Verdicts: what an interval says of a claim, by a rule that was there before the numbers.
 */
import type { Interval } from "../../src/index.ts";

export type Verdict = "holds" | "does not hold here" | "cannot tell";

/** What a claim expects of a mean; bounds and margins are in the measure's unit. */
export type Expectation =
  /** Greater than 0. Refuted where even the interval's upper end is less than the margin, the least effect that counts. */
  | { readonly is: "above"; readonly margin: number }
  | { readonly is: "below"; readonly margin: number }
  /** No further from 0 than the margin, on either side. */
  | { readonly is: "alike"; readonly margin: number }
  /** Not less than 0 by more than the margin. */
  | { readonly is: "no worse"; readonly margin: number }
  /** The value, and not the other. */
  | { readonly is: "about"; readonly value: number; readonly not: number }
  /** Under the limit. */
  | { readonly is: "under"; readonly limit: number };

/** An interval without bounds, of fewer than two seeds, can tell nothing; nor can what was not measured. */
export function decide({ low, high }: Interval, expected: Expectation): Verdict {
  if (Number.isNaN(low) || Number.isNaN(high)) return "cannot tell";
  const [holds, refuted] = outcomes(low, high, expected);
  if (holds) return "holds";
  return refuted ? "does not hold here" : "cannot tell";
}

function outcomes(low: number, high: number, expected: Expectation): readonly [boolean, boolean] {
  switch (expected.is) {
    case "above":
      return [low > 0, high < expected.margin];
    case "below":
      return [high < 0, low > -expected.margin];
    case "alike":
      return [
        low > -expected.margin && high < expected.margin,
        low > expected.margin || high < -expected.margin,
      ];
    case "no worse":
      return [low > -expected.margin, high < -expected.margin];
    case "about": {
      const inside = (value: number) => low <= value && value <= high;
      return [inside(expected.value) && !inside(expected.not), !inside(expected.value)];
    }
    case "under":
      return [high < expected.limit, low > expected.limit];
    default:
      return expected satisfies never;
  }
}

/** Of a claim: it holds where all of it does, and does not where any of it does not. */
export function combined(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("does not hold here")) return "does not hold here";
  return verdicts.includes("cannot tell") ? "cannot tell" : "holds";
}
