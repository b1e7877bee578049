/**
 * A verifier of your own: right answers, but only short ones.
 *
 *   errata train --verifier ./examples/own-verifier.ts …
 *
 * The default export judges one answer at a time in a thread of its own. It may return a verdict, or true
 * and false; it may throw or take too long, and then only that answer is lost, as an error.
 */
import { equal, type UserVerifier } from "errata";

const longest = 400;

const shortAndRight: UserVerifier = (problem, answer) => {
  if (answer.length > longest) return { kind: "wrong", because: `longer than ${longest} characters` };
  const boxed = /\\boxed\{([^{}]*)\}[^{}]*$/.exec(answer)?.[1];
  if (boxed === undefined) return { kind: "wrong", because: "no box at the end" };
  return equal(problem.answer, boxed).kind === "right";
};

export default shortAndRight;
