/**
 * The forms in which a problem's reference is put to a verifier.
 */
import type { Problem, Verifier } from "../types.ts";

/** A verifier's own forms, or the usual ones where it has none: one that reads only one of them still finds it. */
export function goldForms(
  { goldForms: own }: Pick<Verifier, "goldForms">,
  problem: Problem,
): readonly string[] {
  if (own === undefined) return usualForms(problem);
  const forms: unknown = own(problem);
  if (Array.isArray(forms) && forms.every((form) => typeof form === "string")) return forms;
  throw new TypeError("goldForms returned no list of texts");
}

/** In a box, bare, announced in two ways, and the worked solution. */
export function usualForms({ answer, solution }: Problem): readonly string[] {
  const announced =
    answer === "" ? [] : [`\\boxed{${answer}}`, answer, `Answer: ${answer}`, `#### ${answer}`];
  return [...announced, ...(solution === undefined ? [] : [solution])];
}
