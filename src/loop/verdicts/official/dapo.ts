/**
 * DAPO's grader (verl, math_dapo): `Answer: …` compared after normalising, or the strict box that NFT
 * trained with, compared as it stands.
 */
import { type Grade, lastBoxed, lastCodePoints } from "./grade.ts";

const substitutions: readonly (readonly [string, string])[] = [
  ["an ", ""],
  ["a ", ""],
  [".$", "$"],
  ["\\$", ""],
  ["\\ ", ""],
  [" ", ""],
  ["mbox", "text"],
  [",\\text{and}", ","],
  ["\\text{and}", ","],
  ["\\text{m}", "\\text{}"],
];

const removed: readonly string[] = [
  ..."square ways integers dollars mph inches hours km units \\ldots sue points feet minutes digits cents degrees cm gm".split(
    " ",
  ),
  ..."pounds meters meals edges students childrentickets multiples \\text{s} \\text{.}".split(" "),
  "\\text{\ns}",
  "\\text{}^2",
  "\\text{}^3",
  "\\text{\n}",
  "\\text{}",
  ...'\\mathrm{th} ^\\circ ^{\\circ} \\; ,\\! {,} " \\dots'.split(" "),
];

/** The last 300 characters, the last `Answer:` in them. */
export const dapo = (gold: string, completion: string): Grade =>
  answered(gold, completion, /Answer\s*:\s*([^\n]+)/gi);

/** SkyRL's variant, whose answer also ends at `<`. */
export const dapoSkyrl = (gold: string, completion: string): Grade =>
  answered(gold, completion, /Answer\s*:\s*([^\n<]+)/gi);

function answered(gold: string, completion: string, pattern: RegExp): Grade {
  const tail = lastCodePoints(completion, 300);
  const last = [...tail.matchAll(pattern)].at(-1);
  const extracted = normalised(last?.[1] ?? "[INVALID]");
  return { right: extracted === normalised(gold), extracted };
}

/** The last 100 characters, the last closed box in them, identical to the reference. */
export function dapoBoxed(gold: string, completion: string): Grade {
  const tail = lastCodePoints(completion, 100);
  const at = tail.lastIndexOf("\\boxed{");
  const box = at < 0 ? undefined : lastBoxed(tail, at);
  const extracted = box?.slice("\\boxed{".length, -1);
  return { right: extracted === gold, extracted };
}

function normalised(answer: string): string {
  let s = answer.slice(answer.lastIndexOf("=") + 1);
  for (const [before, after] of substitutions) s = s.replaceAll(before, () => after);
  for (const expression of removed) s = s.replaceAll(expression, "");
  s = s.split("\n").map(firstMath).join("\n");
  for (const command of ["\\text{", "\\textbf{", "\\overline{"]) s = unwrapped(s, command);
  s = s.split("\n").map(unboxed).join("\n");
  s = s.replace(/frac([^{])([^\n])/gu, (_, a: string, b: string) => `frac{${a}}{${b}}`);
  s = s.replace(/sqrt([^{])/gu, (_, a: string) => `sqrt{${a}}`);
  s = s.replaceAll("$", "");
  const digits = s.replaceAll(",", "");
  return (/^[\p{Nd}⁰¹²³⁴-⁹₀-₉]+$/u.test(digits) ? digits : s).trim();
}

/** A line with two dollars becomes what is between the first two. */
function firstMath(line: string): string {
  const open = line.indexOf("$");
  const close = open < 0 ? -1 : line.indexOf("$", open + 1);
  return close < 0 ? line : line.slice(open, close + 1);
}

/** `\text{…}` to its content, up to the next closing brace of the same line. */
function unwrapped(text: string, command: string): string {
  let out = "";
  let i = 0;
  for (;;) {
    const at = text.indexOf(command, i);
    if (at < 0) return out + text.slice(i);
    const inside = at + command.length;
    const close = text.indexOf("}", inside);
    if (close < 0) return out + text.slice(i);
    const breaks = text.slice(inside, close).includes("\n");
    out += breaks ? text.slice(i, inside) : text.slice(i, at) + text.slice(inside, close);
    i = breaks ? inside : close + 1;
  }
}

/** From the first `\boxed{` of a line to its last closing brace. */
function unboxed(line: string): string {
  const open = line.indexOf("\\boxed{");
  const close = line.lastIndexOf("}");
  const inside = open + "\\boxed{".length;
  return open < 0 || close < inside
    ? line
    : line.slice(0, open) + line.slice(inside, close) + line.slice(close + 1);
}
