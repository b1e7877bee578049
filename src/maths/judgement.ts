/**
 * What the maths verifier says of an answer, and the options it is asked with.
 *
 * A judgement is a verdict with its evidence: the reason as a word, what was extracted and where, and
 * how much work it took. `error` is for our own failures alone; whatever a model writes is right or wrong.
 */

const rightReasons = [
  "string",
  "choice",
  "exact",
  "decimal",
  "constant-80",
  "random",
  "set",
  "interval",
  "relation",
  "matrix",
  "text",
] as const;

/** Why an answer was accepted. */
export type RightReason = (typeof rightReasons)[number];

export const isRight = (reason: Reason): reason is RightReason =>
  (rightReasons as readonly Reason[]).includes(reason);

/** Why it was not. */
export type WrongReason =
  | "different"
  | "ambiguous"
  | "no-answer"
  | "empty-box"
  | "unclosed-box"
  | "reasoning-open"
  | "negated"
  | "pred-unparsed"
  | "too-long"
  | "too-deep"
  | "out-of-fuel";

/** Why no verdict was possible: the reference answer is empty or cannot be read. */
export type ErrorReason = "gold-empty" | "gold-unparsed";

export type Reason = RightReason | WrongReason | ErrorReason;

/** How an answer was found in a completion; "whole" where the text was the answer itself. */
export type Via = "boxed" | "boxed-list" | "hash" | "anchor" | "env" | "number" | "letter" | "whole";

export interface Extracted {
  readonly text: string;
  /** Offsets into the completion. */
  readonly start: number;
  readonly end: number;
  readonly via: Via;
  /** Closed boxes in the completion. */
  readonly boxes: number;
}

export interface Details {
  readonly reason: Reason;
  readonly mode: string;
  readonly found?: Extracted;
  /** The reference answer as it was read. */
  readonly gold: string;
  /** Points of a random evaluation, or digits of a numeric one. */
  readonly evidence?: { readonly points?: number; readonly digits?: number };
  /** Steps taken, out of the options' `fuel`. */
  readonly fuel: number;
}

/** What was concluded, in words. */
export type Conclusion =
  | { readonly kind: "right"; readonly because?: string; readonly extracted?: string }
  | { readonly kind: "wrong"; readonly because: string; readonly extracted?: string }
  | { readonly kind: "error"; readonly because: string };

export type Judgement = Conclusion & Details;

export type Target = "latex" | "expr" | "letters";

export interface MathOptions {
  readonly mode?: string;
  /** What counts as an answer outside boxes and anchors, in the lenient mode. */
  readonly targets?: readonly Target[];
  /** Decimals to which a decimal answer must agree. */
  readonly precision?: number;
  /** false: the names of variables do not matter. */
  readonly strict?: boolean;
  /** Whether a reference interval may be answered by an inequality. */
  readonly allowSetRelation?: boolean;
  /** From 50 on, anchored answers are looked for before boxes. */
  readonly boxedPriority?: number;
  /** Closing tags of the reasoning, one of which must then be present; none given: `</think>`, wanted only where `<think>` was seen. */
  readonly reasoningDelimiters?: readonly string[];
  /** Steps allowed to one verdict, parsing and evaluation included. */
  readonly fuel?: number;
}

/** Sentences for people; the reason's word stays in the judgement. */
export const becauseOf: Readonly<Record<Reason, string>> = {
  string: "the same text",
  choice: "the same choice",
  exact: "exactly equal",
  decimal: "equal to the precision asked for",
  "constant-80": "equal to 50 digits",
  random: "equal wherever both were evaluated",
  set: "the same elements",
  interval: "the same interval",
  relation: "the same relation",
  matrix: "the same matrix",
  text: "the same words",
  different: "not equal to the reference answer",
  ambiguous: "it may mean two things, one of which is the reference answer",
  "no-answer": "no boxed or announced answer",
  "empty-box": "the last box is empty",
  "unclosed-box": "the box is never closed",
  "reasoning-open": "the reasoning is never closed, so nothing was answered",
  negated: "the answer is introduced as not being it",
  "pred-unparsed": "the answer cannot be read as mathematics",
  "too-long": "the answer is too long to read",
  "too-deep": "the answer is nested too deeply",
  "out-of-fuel": "the answer takes too much work to check",
  "gold-empty": "the reference answer is empty",
  "gold-unparsed": "the reference answer cannot be read as mathematics",
};
