/**
 * The maths verifiers a run names: `math` for training, `math-lenient` for evaluation, and the official
 * graders.
 */

import type { MathOptions } from "../../maths/judgement.ts";
import { equal } from "../../maths/verify.ts";
import type { Verifier, Vote } from "../types.ts";
import { grade } from "./grade.ts";

/** A verifier in one mode. A problem may carry options of its own under `extra.options`. */
export function mathVerifier(mode: string): Verifier {
  return {
    name: mode,
    readsReference: true,
    sameAnswer,
    judge: (problem, answer) => {
      const judgement = grade(problem.answer, answer, { ...optionsOf(problem.extra?.options), mode });
      const { kind, because, reason } = judgement;
      if (kind === "error")
        return { kind, because: `${because}: ${JSON.stringify(problem.answer.slice(0, 200))}` };
      const found = judgement.extracted === undefined ? {} : { extracted: judgement.extracted };
      if (kind === "right") return { kind, because: because ?? kind, ...found };
      const isAmbiguous = reason === "ambiguous" ? ({ isAmbiguous: true } as const) : {};
      return { kind, because, ...found, ...isAmbiguous };
    },
  };
}

/** Work of one comparison in a vote; an answer that takes more is compared as text. */
const FUEL_OF_ONE = 10_000;

function sameAnswer(one: string, other: string, vote: Vote): boolean {
  if (vote.fuel <= 0) return false;
  const { kind, fuel } = equal(one, other, { fuel: FUEL_OF_ONE });
  vote.fuel -= fuel;
  return kind === "right";
}

/** What a data row may decide about its own grading, checked. */
export function optionsOf(value: unknown): MathOptions {
  if (typeof value !== "object" || value === null) return {};
  const { mode, targets, precision, strict, allowSetRelation, boxedPriority, reasoningDelimiters } =
    value as Record<string, unknown>;
  const isTarget = (target: unknown): target is "latex" | "expr" | "letters" =>
    target === "latex" || target === "expr" || target === "letters";
  const strings = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every((item) => typeof item === "string");
  const delimiters = typeof reasoningDelimiters === "string" ? [reasoningDelimiters] : reasoningDelimiters;
  return {
    ...(typeof mode === "string" ? { mode } : {}),
    ...(Array.isArray(targets) ? { targets: targets.filter(isTarget) } : {}),
    ...(Number.isInteger(precision) && Number(precision) >= 0 && Number(precision) <= 60
      ? { precision: Number(precision) }
      : {}),
    ...(typeof strict === "boolean" ? { strict } : {}),
    ...(typeof allowSetRelation === "boolean" ? { allowSetRelation } : {}),
    ...(typeof boxedPriority === "number" ? { boxedPriority } : {}),
    ...(strings(delimiters) ? { reasoningDelimiters: delimiters.filter((tag) => !/^<[^/]/.test(tag)) } : {}),
  };
}
