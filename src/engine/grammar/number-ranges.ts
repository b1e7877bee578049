/**
 * Numbers between bounds, digit by digit.
 */
import type { GrammarBuilder } from "./grammar.ts";
import type { JsonGrammar } from "./json-grammar.ts";

/** Bounds of a number, undefined where there is none. */
export interface Bounds {
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly exclusiveMaximum?: number | undefined;
}

/** The largest whole number that is written. */
const MOST = 10 ** 15 - 1;
/** Above it, six digits after the point are more than a double holds. */
const MOST_WITH_FRACTION = 10 ** 9;
const FRACTION_DIGITS = 6;

/** Whole numbers within bounds; a choice of none where there are none. */
export function integersWithin(json: JsonGrammar, bounds: Bounds): number {
  const [from, to] = wholes(bounds);
  return json.build.choice(signed(json.build, from, to));
}

/**
 * Numbers within bounds: whole ones, and those with up to six digits after the point whose whole neighbours on both
 * sides are within the bounds. Of the numbers between 0.2 and 0.7 there are none.
 */
export function numbersWithin(json: JsonGrammar, bounds: Bounds): number {
  const { build } = json;
  const [from, to] = wholes(bounds);
  const least = Math.ceil(
    Math.max(bounds.minimum ?? -MOST, bounds.exclusiveMinimum ?? -MOST, -MOST_WITH_FRACTION),
  );
  const most = Math.floor(
    Math.min(bounds.maximum ?? MOST, bounds.exclusiveMaximum ?? MOST, MOST_WITH_FRACTION),
  );
  const digit = build.set([0x30, 0x39]);
  // not zero, so that it is none of the bounds
  const fraction = build.sequence([
    build.literal("."),
    build.repeat(build.literal("0"), 0, FRACTION_DIGITS - 1),
    build.set([0x31, 0x39]),
    build.repeat(digit, 0, FRACTION_DIGITS - 1),
  ]);
  const above = between(build, Math.max(0, least), most - 1);
  const below = between(build, Math.max(0, -most), -least - 1);
  return build.choice([
    ...signed(build, from, to),
    ...above.map((whole) => build.sequence([whole, fraction])),
    ...below.map((whole) => build.sequence([build.literal("-"), whole, fraction])),
  ]);
}

function wholes({
  minimum = -MOST,
  maximum = MOST,
  exclusiveMinimum,
  exclusiveMaximum,
}: Bounds): [number, number] {
  const from = exclusiveMinimum === undefined ? -MOST : Math.floor(exclusiveMinimum) + 1;
  const to = exclusiveMaximum === undefined ? MOST : Math.ceil(exclusiveMaximum) - 1;
  return [Math.max(Math.ceil(minimum), from, -MOST), Math.min(Math.floor(maximum), to, MOST)];
}

function signed(build: GrammarBuilder, from: number, to: number): number[] {
  const negative = between(build, Math.max(1, -to), -from);
  return [
    ...between(build, Math.max(0, from), to),
    ...negative.map((digits) => build.sequence([build.literal("-"), digits])),
  ];
}

/** The whole numbers from one to another, both at least 0, by their count of digits. */
function between(build: GrammarBuilder, from: number, to: number): number[] {
  const options: number[] = [];
  for (let low = from; low <= to; ) {
    const high = Math.min(to, 10 ** String(low).length - 1);
    options.push(sameLength(build, String(low), String(high)));
    low = high + 1;
  }
  return options;
}

/** Numbers of equally many digits. */
function sameLength(build: GrammarBuilder, low: string, high: string): number {
  if (low === "") return build.sequence([]);
  const [first, last] = [Number(low[0]), Number(high[0])];
  const [lowRest, highRest] = [low.slice(1), high.slice(1)];
  const digits = (from: number, to: number, rest: number) =>
    build.sequence([build.set([0x30 + from, 0x30 + to]), rest]);
  if (first === last) return digits(first, first, sameLength(build, lowRest, highRest));
  const zeros = "0".repeat(lowRest.length);
  const nines = "9".repeat(lowRest.length);
  const all = build.sequence(Array.from(lowRest, () => build.set([0x30, 0x39])));
  const [lowWhole, highWhole] = [lowRest === zeros, highRest === nines];
  const options = lowWhole ? [] : [digits(first, first, sameLength(build, lowRest, nines))];
  const [from, to] = [lowWhole ? first : first + 1, highWhole ? last : last - 1];
  if (from <= to) options.push(digits(from, to, all));
  if (!highWhole) options.push(digits(last, last, sameLength(build, zeros, highRest)));
  return build.choice(options);
}
