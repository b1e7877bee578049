/**
 * The maths verifier: a reference answer and a completion, or another answer, to a judgement.
 *
 *   verify   completion  →  extract  →  judge
 *   equal    answer      →  judge
 *
 * Pure and synchronous. Work is bounded by fuel, not by time, so the same call always says the same.
 */

import { DEFAULT_FUEL, judgeAnswer, type Outcome, policyOf } from "./answer.ts";
import { boxes } from "./boxes.ts";
import { type ExtractOptions, extract } from "./extract.ts";
import { Fuel, Refusal } from "./fuel.ts";
import {
  becauseOf,
  type ErrorReason,
  type Extracted,
  isRight,
  type Judgement,
  type MathOptions,
} from "./judgement.ts";

const errors = new Set<string>(["gold-empty", "gold-unparsed"] satisfies ErrorReason[]);

/** Longest completion that is searched; the end of a longer one is. */
const LONGEST_COMPLETION = 1_000_000;

/** Judges what a completion puts forward as its answer. Never throws. */
export function verify(gold: string, completion: string, options: MathOptions = {}): Judgement {
  const fuel = new Fuel(options.fuel ?? DEFAULT_FUEL);
  const how = extractOptions(options);
  const reference = referenceOf(gold, how);
  const text = completion.length > LONGEST_COMPLETION ? completion.slice(-LONGEST_COMPLETION) : completion;
  const found = extract(text, how);
  if ("missing" in found) return judgement({ reason: found.missing }, reference, options, fuel);
  return judged(reference, found, options, fuel);
}

/** Judges an answer that stands alone. Never throws. */
export function equal(gold: string, answer: string, options: MathOptions = {}): Judgement {
  const fuel = new Fuel(options.fuel ?? DEFAULT_FUEL);
  const found: Extracted = { text: answer, start: 0, end: answer.length, via: "whole", boxes: 0 };
  return judged(referenceOf(gold, extractOptions(options)), found, options, fuel);
}

function extractOptions(options: MathOptions): ExtractOptions {
  return {
    lenient: options.mode === "math-lenient",
    targets: options.targets ?? ["latex", "expr"],
    boxedPriority: options.boxedPriority ?? 0,
    reasoningDelimiters: options.reasoningDelimiters,
  };
}

function judged(gold: string, found: Extracted, options: MathOptions, fuel: Fuel): Judgement {
  try {
    return judgement(judgeAnswer(gold, found.text, policyOf(options), fuel), gold, options, fuel, found);
  } catch (fault) {
    // a reference so large that reading it spends everything cannot be told from an answer that does
    if (!(fault instanceof Refusal) && !(fault instanceof RangeError)) throw fault;
    return judgement({ reason: "out-of-fuel" }, gold, options, fuel, found);
  }
}

/** The answer in a reference that may be a worked solution. */
function referenceOf(gold: string, how: ExtractOptions): string {
  const isSolution = boxes(gold).closed.length > 0 || gold.includes("####") || (how.lenient && isProse(gold));
  if (!isSolution) return gold;
  const found = extract(gold, { ...how, lenient: true, boxedPriority: 0, reasoningDelimiters: [] });
  return "missing" in found ? gold : found.text;
}

const isProse = (text: string): boolean =>
  text.length > 60 &&
  (text.replace(/\\[a-zA-Z]+(?:\{[^{}]*\})?/g, " ").match(/[A-Za-z]{3,}/g)?.length ?? 0) > 8;

function judgement(
  outcome: Outcome,
  gold: string,
  options: MathOptions,
  fuel: Fuel,
  found?: Extracted,
): Judgement {
  const { reason, evidence } = outcome;
  const details = {
    reason,
    mode: options.mode ?? "math",
    gold,
    fuel: fuel.spent,
    ...(found ? { found } : {}),
    ...(evidence?.points || evidence?.digits ? { evidence } : {}),
  };
  const because = becauseOf[reason];
  if (errors.has(reason)) return { kind: "error", because, ...details };
  const extracted = found ? { extracted: found.text } : {};
  return { kind: isRight(reason) ? "right" : "wrong", because, ...extracted, ...details };
}
