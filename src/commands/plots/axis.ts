/**
 * Axes: from values to pixels, with a handful of round ticks.
 *
 *   kind, values  →  place of each value, ticks with their texts
 */

export interface Axis {
  /** What is on it, and its unit. */
  readonly label: string;
  /** `whole` has no ticks between whole numbers, as steps have none; values of `log10` are exponents of ten. */
  readonly kind?: "linear" | "whole" | "log10";
}

export interface Scale {
  readonly place: (value: number) => number;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  /** A value as text, one figure finer than the ticks. */
  readonly text: (value: number) => string;
  /** The axis's label, with the power of ten that its ticks leave out. */
  readonly label: string;
}

/** Ticks of an axis, about. */
const TICKS_WANTED = 6;

/**
 * @param values  that are to be seen; an empty list is shown from 0 to 1
 * @param from    pixel of the least
 * @param to      pixel of the greatest
 * @param room    parts of the range that are left free above and below
 */
export function scale(
  { label, kind = "linear" }: Axis,
  values: readonly number[],
  from: number,
  to: number,
  room = 0,
): Scale {
  const [low, high] = ends(values, room);
  const step = roundStep((high - low) / TICKS_WANTED, kind === "linear" ? 0 : 1);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const ticks = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
  const power = kind === "linear" ? leftOutPower(ticks) : 0;
  const decimals = Math.max(0, power - Math.floor(Math.log10(step) + 1e-9));
  const text = (value: number, more: number) =>
    kind === "log10" ? powerText(value) : (value / 10 ** power).toFixed(Math.min(9, decimals + more));
  return {
    place: (value) => from + ((value - low) / (high - low)) * (to - from),
    ticks: ticks.map((at) => ({ at, text: text(at, 0) })),
    text: (value) => text(value, 1),
    label: power === 0 ? label : `${label} × ${powerText(power)}`,
  };
}

/** 10⁶, 0.1, 1. */
function powerText(exponent: number): string {
  if (Math.abs(exponent) <= 2) return String(Number((10 ** exponent).toPrecision(2)));
  const whole = Math.floor(exponent);
  if (whole < exponent) return `${(10 ** (exponent - whole)).toFixed(1)}·${powerText(whole)}`;
  const raised = [...String(exponent)].map((character) =>
    character === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(character)],
  );
  return `10${raised.join("")}`;
}

/** The range that is seen, with room on both sides but none below 0 for what is never negative. */
function ends(values: readonly number[], share: number): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (!Number.isFinite(low)) return [0, 1];
  const free = low < high ? share * (high - low) : Math.max(1e-9, Math.abs(low) / 10);
  return [low >= 0 ? Math.max(0, low - free) : low - free, high + free];
}

/** Of 1, 2 and 5 times a power of ten, the least that is not much smaller. */
function roundStep(rough: number, least: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return Math.max(least, power * ([1, 2, 5, 10].find((each) => each * power >= 0.75 * rough) ?? 10));
}

/** A power of a thousand, where numbers would be long without it. */
function leftOutPower(ticks: readonly number[]): number {
  const most = Math.max(...ticks.map(Math.abs), 0);
  return most >= 1e4 || (most > 0 && most < 1e-2) ? 3 * Math.floor(Math.log10(most) / 3) : 0;
}
