/**
 * Every way of grading a written answer, by mode.
 *
 *   our own      math (boxed or announced answers only), math-lenient (for evaluation), exact
 *   official     dapo, dapo-boxed, dapo-skyrl, gsm8k, hendrycks; qwen-like comes close to its own
 */
import { OptionError } from "../../errors.ts";
import type { Judgement, MathOptions } from "../../maths/judgement.ts";
import { equal, verify } from "../../maths/verify.ts";
import { exact } from "./exact.ts";
import { dapo, dapoBoxed, dapoSkyrl } from "./official/dapo.ts";
import type { Grader } from "./official/grade.ts";
import { gsm8k } from "./official/gsm8k.ts";
import { hendrycks } from "./official/hendrycks.ts";
import { qwenLike } from "./official/qwen-like.ts";

const official: Readonly<Record<string, Grader>> = {
  dapo,
  "dapo-boxed": dapoBoxed,
  "dapo-skyrl": dapoSkyrl,
  gsm8k,
  hendrycks,
  "qwen-like": qwenLike,
};

export const modes: readonly string[] = ["math", "math-lenient", ...Object.keys(official), "exact"];

/**
 * @param gold    the reference answer
 * @param answer  a completion, or with `bare` an answer that stands alone
 * @throws OptionError where the mode has no such name
 */
export function grade(gold: string, answer: string, options: MathOptions = {}, bare = false): Judgement {
  const { mode = "math" } = options;
  if (mode === "math" || mode === "math-lenient") return (bare ? equal : verify)(gold, answer, options);
  if (mode === "exact") {
    const verdict = exact({ id: "", prompt: "", answer: gold }, answer);
    const reason =
      verdict.kind === "right" ? "string" : verdict.kind === "wrong" ? "different" : "gold-empty";
    return { ...verdict, reason, mode, gold, fuel: 0 };
  }
  const grader = Object.hasOwn(official, mode) ? official[mode] : undefined;
  if (!grader) {
    throw new OptionError({
      where: "mode",
      expected: `one of ${modes.join(", ")}`,
      got: mode,
      next: "Name one of these modes, or leave it out for math.",
    });
  }
  const { right, extracted } = grader(gold, answer);
  const found = extracted === undefined ? {} : { extracted };
  const details = { ...found, mode, gold, fuel: 0 };
  if (right) return { kind: "right", because: `${mode} accepts it`, reason: "string", ...details };
  return extracted === undefined
    ? { kind: "wrong", because: `${mode} finds no answer`, reason: "no-answer", ...details }
    : { kind: "wrong", because: `${mode} does not accept it`, reason: "different", ...details };
}
