/**
 * Numbers as people write them: an answer of 1e21 is compared with what a model wrote out.
 */

/** Digits and powers of ten beyond which a number is left as it was written. */
const MOST = 400;

/** Digits that a number always keeps; with more it may have been rounded. */
const KEPT = 15;

/**
 * A number written without an exponent and without zeros that say nothing, from JSON or a number's own text.
 *
 * @returns undefined where it is no number, or is too long to be written out
 */
export function plainDecimal(text: string): string | undefined {
  if (text.length > MOST) return undefined;
  const [, sign, before, after = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (before === undefined || Math.abs(Number(power)) > MOST) return undefined;
  const point = before.length + Number(power);
  const digits = "0".repeat(Math.max(0, -point)) + before + after;
  const whole =
    digits
      .slice(0, Math.max(0, point))
      .padEnd(point, "0")
      .replace(/^0+(?=\d)/, "") || "0";
  const part = digits.slice(Math.max(0, point)).replace(/0+$/, "");
  const size = part === "" ? whole : `${whole}.${part}`;
  return size === "0" ? "0" : sign + size;
}

/** Whether a whole number may be another than the one that was written: above 2^53, and with many digits. */
export function mayBeRounded(number: number): boolean {
  if (!Number.isInteger(number) || Number.isSafeInteger(number)) return false;
  return number.toExponential().replace(/e.*$|\D/g, "").length > KEPT;
}

/** Whether a number is what a text says, to its last digit. */
export function holds(number: number, text: string): boolean {
  const plain = plainDecimal(text);
  return plain !== undefined && plain === plainDecimal(String(number)) && !mayBeRounded(number);
}
