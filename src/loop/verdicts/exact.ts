/**
 * Exact answers: the last box, compared as a number or as text.
 *
 * For problems whose answers are plain numbers or single words. Decimals and fractions are compared
 * as exact fractions, so `0.5`, `.50` and `1/2` are one answer; anything else must match as written.
 */

import { boxes } from "../../maths/boxes.ts";
import type { Problem, Verdict } from "../types.ts";

/** Longest answer read as a number, in characters; a longer one is compared as text. */
const LONGEST_NUMBER = 400;

/**
 * Right where the answer's last closed `\boxed{}` equals the reference.
 *
 * @returns  wrong where there is no box or it differs; error where the problem has no reference answer
 */
export const exact = (problem: Problem, answer: string): Verdict => {
  const gold = plain(problem.answer);
  if (gold === "") return { kind: "error", because: "the problem's reference answer is empty" };
  const box = boxes(answer).closed.at(-1);
  if (!box) return { kind: "wrong", because: "no closed \\boxed{} in the answer" };
  const given = plain(box.text);
  if (given === "") return { kind: "wrong", because: "the last \\boxed{} is empty", extracted: "" };
  if (given === gold) return { kind: "right", because: "the same text", extracted: given };
  const [a, b] = [fraction(gold), fraction(given)];
  if (a && b && a[0] * b[1] === b[0] * a[1])
    return { kind: "right", because: "the same number", extracted: given };
  return { kind: "wrong", because: a && b ? "another number" : "another text", extracted: given };
};

/** White space collapsed, and the dollars, `\text{}` and full stop around an answer taken off. */
function plain(text: string): string {
  let s = text
    .normalize("NFKC")
    .replace(/[\s\u200b]+/g, " ")
    .trim();
  if (s.endsWith(".")) s = s.slice(0, -1).trimEnd();
  if (s.startsWith("$") && s.endsWith("$") && s.length > 1) s = s.slice(1, -1).trim();
  const inText = /^\\(?:text|textbf|mathrm|mbox)\{([^{}]*)\}$/.exec(s);
  return (inText ? inText[1]! : s).trim();
}

/** Numerator and denominator of `-1,234.5`, `3/4`, `\frac{3}{4}`; undefined where the text is no such number. */
function fraction(text: string): readonly [bigint, bigint] | undefined {
  if (text.length > LONGEST_NUMBER) return undefined;
  const parts = /^(-?)\\[dt]?frac\{([^{}]+)\}\{([^{}]+)\}$/.exec(text);
  const [top, bottom = "1", ...more] = parts ? [`${parts[1]}${parts[2]}`, parts[3]!] : text.split("/");
  const [a, b] = [decimal(top!), decimal(bottom)];
  if (!a || !b || b[0] === 0n || more.length > 0) return undefined;
  return [a[0] * b[1], a[1] * b[0]];
}

function decimal(text: string): readonly [bigint, bigint] | undefined {
  const match = /^([+-]?)(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d*))?$/.exec(text.trim().replaceAll("−", "-"));
  if (!match) return undefined;
  const [, sign, whole = "", part = ""] = match;
  const digits = whole.replaceAll(",", "") + part;
  if (digits === "") return undefined;
  return [BigInt(digits) * (sign === "-" ? -1n : 1n), 10n ** BigInt(part.length)];
}
