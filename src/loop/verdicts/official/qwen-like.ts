/**
 * Like the Qwen toolkit's grader: its extraction and its stripping of strings, then our comparison where
 * it would call sympy. Its tolerance of 1e-4 is kept for numbers, and so is what that lets through.
 */
import { equal } from "../../../maths/verify.ts";
import type { Grade } from "./grade.ts";
import { qwenStripped } from "./qwen-strip.ts";

const TOLERANCE = 1e-4;
/** Longest answer that is stripped and compared, in characters; a longer one must be identical. */
const LONGEST = 10_000;

export function qwenLike(gold: string, completion: string): Grade {
  const found = extracted(completion);
  if (found === undefined) return { right: false, extracted: undefined };
  if (found.length > LONGEST || gold.length > LONGEST) return { right: found === gold, extracted: found };
  const answer = qwenStripped(found);
  return { right: same(answer, qwenStripped(gold), 0), extracted: answer };
}

function extracted(completion: string): string | undefined {
  const hope = completion.lastIndexOf("final answer is $");
  const hopeEnd = hope < 0 ? -1 : completion.indexOf("$. I hope", hope);
  const found =
    hopeEnd >= 0
      ? completion.slice(hope + "final answer is $".length, hopeEnd)
      : (boxed(completion) ?? announcedOrNumber(completion));
  return found?.trim().replace(/\n\s*/g, "").replace(/^:/, "").replace(/\.$/, "").replace(/\/$/, "");
}

/** After the last "boxed", with or without its backslash; an unclosed box takes the rest. */
function boxed(completion: string): string | undefined {
  const at = completion.lastIndexOf("boxed");
  if (at < 0) return undefined;
  const rest = completion.slice(at + "boxed".length);
  if (!rest.startsWith("{")) return rest.split("$", 1)[0]!.trim();
  let depth = 0;
  for (let i = 0; i < rest.length; i++) {
    if (rest[i] === "{") depth++;
    else if (rest[i] === "}" && --depth === 0) return rest.slice(1, i);
  }
  return rest.slice(1);
}

function announcedOrNumber(completion: string): string | undefined {
  for (const anchor of ["he answer is", "final answer is", "答案是"]) {
    const at = completion.lastIndexOf(anchor);
    if (at >= 0)
      return completion
        .slice(at + anchor.length)
        .trim()
        .split("\n\n", 1)[0]!;
  }
  const numbers = completion
    .slice(-4000)
    .replaceAll(",", "")
    .match(/-?\d*\.?\d+/g);
  return numbers?.at(-1);
}

function same(answer: string, gold: string, depth: number): boolean {
  if (depth > 4) return false;
  if (answer.trim().toLowerCase() === gold.trim().toLowerCase()) return true;
  if (/^[A-E]$/.test(gold) && choice(answer) === gold) return true;
  const [x, y] = [numeric(answer), numeric(gold)];
  if (x !== undefined && y !== undefined) {
    return [y / 100, y, y * 100].some((value) => Math.abs(x - value) <= TOLERANCE * Math.abs(value));
  }
  if (answer === "") return false;
  const bare = (text: string): string =>
    text
      .replace(/[{}()]/g, "")
      .replace(/^\[|\]$/g, "")
      .toLowerCase();
  if (bare(answer) === bare(gold)) return true;
  if (isTuple(answer) && isTuple(gold)) {
    const [a, g] = [items(answer), items(gold)];
    if (a.length === g.length && a.every((item, i) => same(item, g[i]!, depth + 1))) return true;
  }
  return sidesAgree(answer, gold, depth) || equal(gold, answer, { precision: 4 }).kind === "right";
}

/** x = 5 against 5: a left side of at most two characters is dropped. */
function sidesAgree(answer: string, gold: string, depth: number): boolean {
  const [a, g] = [answer.split("="), gold.split("=")];
  if (a.length === 2 && g.length !== 2 && a[0]!.trim().length <= 2) return same(a[1]!, gold, depth + 1);
  if (g.length === 2 && a.length !== 2 && g[0]!.trim().length <= 2) return same(answer, g[1]!, depth + 1);
  return false;
}

const isTuple = (text: string): boolean => /^[([][^\n]+[)\]]$/.test(text);
const items = (text: string): string[] =>
  text
    .slice(1, -1)
    .split(",")
    .map((item) => item.trim());
const choice = (text: string): string | undefined =>
  text
    .slice(0, 200)
    .trim()
    .replace(/[.:]+$/, "")
    .toUpperCase()
    .match(/\b[A-E]\b/g)
    ?.at(-1);

function numeric(text: string): number | undefined {
  const plain = text.replaceAll(",", "").trim();
  const percent = /^(.*?)\\?%$/.exec(plain);
  const digits = percent ? percent[1]! : plain;
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/.test(digits)) return undefined;
  return percent ? Number(digits) / 100 : Number(digits);
}
