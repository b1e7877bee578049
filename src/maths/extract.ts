/**
 * A completion to its answer: what the model put forward last, and nothing it did not put forward.
 *
 *   completion  →  after the reasoning  →  boxes, else announcements  →  answer
 *
 * A box that is empty, or an answer that is announced as wrong, ends the search: falling through to
 * anything looser would pay for it.
 */

import { type Announced, announced, hashed, trailing } from "./anchors.ts";
import { type Box, boxes } from "./boxes.ts";
import { environments, lastNumber, type Span } from "./environments.ts";
import type { Extracted, Target, WrongReason } from "./judgement.ts";

export interface ExtractOptions {
  /** Whether mathematics or numbers anywhere in the text may be the answer. */
  readonly lenient: boolean;
  readonly targets: readonly Target[];
  readonly boxedPriority: number;
  readonly reasoningDelimiters?: readonly string[] | undefined;
}

export type Extraction = Extracted | { readonly missing: WrongReason };

/** Characters before the end in which the lenient mode looks for mathematics and numbers. */
const LENIENT_WINDOW = 4000;
/** Boxes that may be joined into one list. */
const MOST_JOINED = 200;

export function extract(completion: string, options: ExtractOptions): Extraction {
  const turn = completion.slice(0, turnEnd(completion));
  const from = afterReasoning(turn, options.reasoningDelimiters);
  if (from === undefined) return { missing: "reasoning-open" };
  const text = turn.slice(from);
  const found = answerIn(text, options);
  return "missing" in found ? found : { ...found, start: found.start + from, end: found.end + from };
}

/** Where the model's own turn ends: what follows is a conversation it made up. */
function turnEnd(text: string): number {
  const start = /^\s*(?:<\|im_start\|>assistant\s*)?/.exec(text.slice(0, 100))![0].length;
  const ends = ["<|im_end|>", "<|endoftext|>", "<|im_start|>", "<|eot_id|>"].map((token) =>
    text.indexOf(token, start),
  );
  return Math.min(text.length, ...ends.filter((at) => at >= 0));
}

/** Tags between which models think, where the options name none. */
const thinking: readonly (readonly [open: string, close: string])[] = [
  ["<think>", "</think>"],
  ["<thinking>", "</thinking>"],
  ["<thought>", "</thought>"],
  ["<reasoning>", "</reasoning>"],
  ["<|begin_of_thought|>", "<|end_of_thought|>"],
  ["[THINK]", "[/THINK]"],
];

/** Where the answer begins; undefined where the reasoning is never closed. */
function afterReasoning(text: string, delimiters: readonly string[] | undefined): number | undefined {
  let from = 0;
  for (const close of delimiters ?? thinking.map(([, close]) => close)) {
    const at = text.lastIndexOf(close);
    if (at >= 0) from = Math.max(from, at + close.length);
  }
  if (from > 0) return from;
  const isOpen =
    delimiters === undefined ? thinking.some(([open]) => text.includes(open)) : delimiters.length > 0;
  return isOpen ? undefined : 0;
}

function answerIn(text: string, options: ExtractOptions): Extraction {
  const scan = boxes(text);
  const count = scan.closed.length;
  const boxed = count > 0 ? boxedAnswer(text, scan.closed) : undefined;
  const hoped = options.lenient ? hopedAfter(text, scan.closed.at(-1)?.end ?? 0) : undefined;
  if (hoped) return { ...hoped, boxes: count };
  if (boxed && options.boxedPriority <= 50) return boxed;
  if (count === 0 && scan.unclosed && !options.lenient) return { missing: "unclosed-box" };
  const hash = hashed(text);
  if (hash && hash.text !== "") return { ...hash, boxes: count };
  const anchor = announced(text);
  if (anchor === "negated") return { missing: "negated" };
  if (anchor && anchor.text !== "" && (!options.lenient || isPlausible(anchor.text)))
    return { ...anchor, boxes: count };
  if (boxed) return boxed;
  return (
    (options.lenient ? looseAnswer(text, options.targets, count) : undefined) ?? {
      missing: scan.unclosed ? "unclosed-box" : "no-answer",
    }
  );
}

/** "The final answer is X. I hope it is correct", said after the last box. */
function hopedAfter(text: string, from: number): Announced | undefined {
  const tail = text.slice(from);
  if (!/i hope it is correct/i.test(tail)) return undefined;
  const anchor = announced(tail);
  if (anchor === "negated" || !anchor || anchor.text === "" || !isPlausible(anchor.text)) return undefined;
  return { ...anchor, start: anchor.start + from, end: anchor.end + from };
}

/** A sentence is no answer while something shorter may be found. */
const isPlausible = (text: string): boolean =>
  (text.replace(/\\[a-zA-Z]+/g, " ").match(/[A-Za-z]{3,}/g)?.length ?? 0) <= 4;

function boxedAnswer(text: string, closed: readonly Box[]): Extraction {
  const last = closed.at(-1)!;
  if (isEmpty(last.text)) return { missing: "empty-box" };
  if (isNegated(text, last.start)) return { missing: "negated" };
  let first = closed.length - 1;
  while (
    first > 0 &&
    closed.length - first < MOST_JOINED &&
    joins(text.slice(closed[first - 1]!.end, closed[first]!.start))
  ) {
    if (isEmpty(closed[first - 1]!.text)) break;
    first--;
  }
  const all = closed.slice(first).map((box) => box.text.trim());
  if (new Set(all).size > 1) {
    return {
      text: all.join(", "),
      start: closed[first]!.start,
      end: last.end,
      via: "boxed-list",
      boxes: closed.length,
    };
  }
  // a percent or degree sign that was left outside, perhaps behind a closing dollar
  const after = text.slice(last.end, last.end + 30);
  const sign = trailing(after.replace(/^\s*(?:\$|\\\))/, ""));
  const tail = sign > 0 ? after.replace(/^\s*(?:\$|\\\))/, "").slice(0, sign) : "";
  return {
    text: last.text + tail,
    start: last.start,
    end: last.end + tail.length,
    via: "boxed",
    boxes: closed.length,
  };
}

const isEmpty = (text: string): boolean =>
  text.replace(/\\[ ,;:!]|\\(?:quad|qquad|text|mathrm)\b|[\s{}$~.]/g, "") === "";

/** "The answer is not \boxed{5}." */
function isNegated(text: string, at: number): boolean {
  return /(?:\bnot|\bisn't|\bnever|\\neq?|≠)\s*(?:equal to\s*|be\s*)?(?:\$|\\\(|\\\[|\s)*$/i.test(
    text.slice(Math.max(0, at - 40), at),
  );
}

/** Whether two boxes with this between them are one answer: separators, "y =", or a few words that end in and/or. */
function joins(gap: string): boolean {
  if (gap.length > 120) return false;
  const plain = gap
    .replace(/\\(?:text|textrm|mathrm|mbox|n)(?![a-zA-Z])|\\(?:quad|qquad)\b|\\[ ,;:!()[\]]|[${}~]/g, " ")
    .replace(/[A-Za-z][\w'^]{0,20}(?:\s?\([\w, ]{0,20}\))?\s*=\s*$/, " ")
    .trim();
  if (!/[A-Za-z0-9]/.test(plain)) return true;
  const words = plain
    .replace(/[,.;:()*]+/g, " ")
    .trim()
    .split(/\s+/);
  const hedges = words.length <= 4 && words.some((word) => /^or$/i.test(word));
  return hedges || (words.length <= 6 && /^(?:and|or)$/i.test(words.at(-1) ?? ""));
}

/** The last mathematics or number of the text, whichever ends later; a choice's letter where those are asked for. */
function looseAnswer(text: string, targets: readonly Target[], count: number): Extracted | undefined {
  const from = Math.max(0, text.length - LENIENT_WINDOW);
  const tail = text.slice(from);
  const shift = (span: Span, via: "env" | "number" | "letter"): Extracted => ({
    text: span.text,
    start: span.start + from,
    end: span.end + from,
    via,
    boxes: count,
  });
  const environment = targets.includes("latex") ? joinedEnvironment(tail) : undefined;
  const number = targets.includes("expr") ? wholeOrNumber(tail) : undefined;
  if (environment && (!number || number.end <= environment.end)) return shift(environment, "env");
  if (number) return shift(number, "number");
  if (!targets.includes("letters")) return undefined;
  const letter = [...tail.matchAll(/(?<![A-Za-z])([A-J])(?![A-Za-z])/g)].at(-1);
  return letter
    ? shift({ start: letter.index, end: letter.index + 1, text: letter[1]! }, "letter")
    : undefined;
}

/** A text that is nothing but an answer, or its last number. */
function wholeOrNumber(text: string): Span | undefined {
  const trimmed = text.trim();
  const isShort =
    trimmed.length > 0 && trimmed.length < 200 && !trimmed.includes("\n") && !trimmed.includes("$");
  if (
    isShort &&
    isPlausible(trimmed) &&
    !/[A-Za-z]{2,} [A-Za-z]{2,}/.test(trimmed) &&
    !/[a-z]{3,}\s*:/i.test(trimmed)
  ) {
    const start = text.indexOf(trimmed);
    return { start, end: start + trimmed.length, text: trimmed };
  }
  return lastNumber(text);
}

/** The last environment that can be an answer, with those before it that and, or or a comma joins to it. */
function joinedEnvironment(text: string): Span | undefined {
  const all = environments(text);
  let last = all.length - 1;
  while (last >= 0 && isProse(all[last]!.text)) last--;
  if (last < 0) return undefined;
  let first = last;
  const joined = (gap: string): boolean =>
    gap.length < 24 && /^\s*(?:,|;|and|or|,\s*and|,\s*or|\s)*\s*$/.test(gap) && /[,;]|and|or/.test(gap);
  while (
    first > 0 &&
    !isProse(all[first - 1]!.text) &&
    joined(text.slice(all[first - 1]!.end, all[first]!.start))
  )
    first--;
  const [start, end] = [all[first]!.start, all[last]!.end];
  const tail = trailing(text.slice(end, end + 20));
  const content =
    first === last
      ? all[last]!.text
      : all
          .slice(first, last + 1)
          .map((env) => env.text)
          .join(", ");
  return { start, end: end + tail, text: content + text.slice(end, end + tail) };
}

/** What lies between two dollars of two prices, or a lone exponent such as cm$^3$. */
function isProse(text: string): boolean {
  const outside = text.replace(
    /\\(?:text|textbf|mbox|mathrm|textnormal|begin|end)\s*\{[^{}]*\}|\\[a-zA-Z]+/g,
    " ",
  );
  return (outside.match(/[A-Za-z]{3,}/g)?.length ?? 0) > 3 || /^\s*[\^_]/.test(text);
}
