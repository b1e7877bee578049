/**
 * A verifier of a user's own, from a module or from a caller of the library, as the object that the loop knows.
 *
 *   a function, or an object with `judge`  →  Verifier
 */
import { VerifierError } from "../../errors.ts";
import type { Judge, Verifier } from "../types.ts";

/** What a user may give: the function that judges, or that and what else is known of it. */
export type UserVerifier = Judge | (Omit<Verifier, "name"> & { readonly name?: string });

/**
 * @param value  what was given
 * @param name   what it is called where it does not say
 * @param where  it comes from, for the error
 * @throws VerifierError where it is neither a function nor such an object
 */
export function asVerifier(value: unknown, name: string, where: string): Verifier {
  if (typeof value === "function") return { name, judge: value as Judge };
  const refuse = (got: string): never => {
    throw new VerifierError({
      where,
      expected: "a function (problem, answer) => verdict, or an object { judge } that holds one",
      got,
      next: "Write: (problem, answer) => answer.includes(problem.answer).",
    });
  };
  if (typeof value !== "object" || value === null)
    return refuse(value === undefined ? "nothing" : `a ${typeof value}`);
  const { name: own = name, judge, sameAnswer, readsReference, goldForms } = value as Partial<Verifier>;
  if (typeof judge !== "function")
    return refuse(`an object with keys [${Object.keys(value).join(", ")}] and no function judge`);
  if (typeof own !== "string") return refuse(`a name that is a ${typeof own}`);
  if (sameAnswer !== undefined && typeof sameAnswer !== "function")
    return refuse(`a sameAnswer that is a ${typeof sameAnswer}`);
  if (goldForms !== undefined && typeof goldForms !== "function")
    return refuse(`a goldForms that is a ${typeof goldForms}`);
  if (readsReference !== undefined && typeof readsReference !== "boolean")
    return refuse(`a readsReference that is a ${typeof readsReference}`);
  // called as methods of what was given: an object of a class may read its own fields
  return {
    name: own,
    judge: (problem, answer) => (value as Verifier).judge(problem, answer),
    ...(sameAnswer && {
      sameAnswer: (one, other, vote) => (value as Verifier).sameAnswer!(one, other, vote),
    }),
    ...(readsReference !== undefined && { readsReference }),
    ...(goldForms && { goldForms: (problem) => (value as Verifier).goldForms!(problem) }),
  };
}
