/**
 * Opening a verifier.
 *
 *   a name or a module's path   →  threads that can be killed (verifier-pool.ts)
 *   a function of the caller's  →  the caller's own process (caller-verifier.ts)
 */
import type { Problem, Verdict } from "../types.ts";
import { asVerifier, type UserVerifier } from "./as-verifier.ts";
import { CallerVerifier } from "./caller-verifier.ts";
import type { OpenedVerifier, VerifierOptions } from "./opened-verifier.ts";
import { VerifierPool } from "./verifier-pool.ts";

/**
 * @param verifier  a name from `verifierNames`, the path of a module whose default export is a `UserVerifier`, or one
 * @throws VerifierError where it cannot be loaded, or is none
 */
export async function openVerifier(
  verifier: string | UserVerifier,
  options: VerifierOptions = {},
): Promise<OpenedVerifier> {
  if (typeof verifier === "string") return VerifierPool.open(verifier, options);
  const name = (typeof verifier === "function" ? verifier.name : "") || "verifier";
  return new CallerVerifier(asVerifier(verifier, name, "the verifier that was given"), options);
}

/**
 * One answer judged by any verifier.
 *
 * @param problem  its reference answer, and what else the verifier reads
 * @throws VerifierError where the verifier cannot be loaded
 */
export async function judgeOne(
  verifier: string | UserVerifier,
  problem: Pick<Problem, "answer"> & Partial<Problem>,
  answer: string,
  options: VerifierOptions = {},
): Promise<Verdict> {
  const opened = await openVerifier(verifier, { ...options, workers: 1 });
  try {
    const [verdict] = await opened.verify([{ problem: { id: "one", prompt: "", ...problem }, answer }]);
    return verdict;
  } finally {
    await opened.close();
  }
}
