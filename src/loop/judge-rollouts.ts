/**
 * Judging: rollouts → verdicts, and how many errors a run may bear.
 *
 * An answer that was cut off is wrong and is not shown to the verifier: it did not finish, and calling
 * it right would teach answers without an end.
 */
import { VerifierError } from "../errors.ts";
import type { JudgedAnswer } from "../run/records.ts";
import type { Rollout, Verdict } from "./types.ts";
import type { OpenedVerifier } from "./verdicts/opened-verifier.ts";

/** Answers judged at a time: enough for every thread, few enough to stop soon where the verifier fails. */
const chunk = 32;

/**
 * @param mostErrors  once more verdicts than these are errors, the rest is not judged: a verifier that hangs takes
 *   its whole time for each answer
 * @returns           a verdict for each rollout, in order
 */
export async function judgeRollouts(
  verifier: OpenedVerifier,
  rollouts: readonly Rollout[],
  mostErrors: number,
  progress?: (done: number, total: number) => void,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = rollouts.map(({ stop, tokens }) =>
    stop === "length"
      ? { kind: "wrong", because: `not finished after ${tokens.length} tokens` }
      : { kind: "error", because: "not judged, the verifier failed too often before" },
  );
  const finished = rollouts.flatMap((rollout, i) => (rollout.stop === "eos" ? [i] : []));
  let errors = 0;
  for (let start = 0; start < finished.length && errors <= mostErrors; start += chunk) {
    const part = finished.slice(start, start + chunk);
    const items = part.map((i) => ({ problem: rollouts[i]!.problem, answer: rollouts[i]!.text }));
    const judged = await verifier.verify(items);
    for (const [j, i] of part.entries()) verdicts[i] = judged[j]!;
    errors += judged.filter(({ kind }) => kind === "error").length;
    progress?.(start + part.length, finished.length);
  }
  return verdicts;
}

/** What a record keeps of a verdict beside its kind. */
export function reasonOf(verdict: Verdict): Pick<JudgedAnswer, "because" | "extracted" | "score"> {
  if (verdict.kind === "error") return { because: verdict.because };
  const { kind: _, ...reason } = verdict;
  return reason;
}

/**
 * What is wrong with a verifier that gave more errors than a run may bear, or undefined.
 *
 * @param rate  the largest share of errors among verdicts that a step may have
 */
export function verifierFault(
  verifier: string,
  verdicts: readonly Verdict[],
  rate: number,
): VerifierError | undefined {
  const reasons = verdicts.flatMap((verdict) => (verdict.kind === "error" ? [verdict.because] : []));
  if (reasons.length <= rate * verdicts.length) return undefined;
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  // the first reason is a verifier's own; "not judged" only follows it
  const [reason, times] = [...counts][0]!;
  return new VerifierError({
    where: `verifier ${verifier}`,
    expected: `errors in at most ${percent(rate)} of the verdicts (max_verifier_error_rate)`,
    got: `${reasons.length} of ${verdicts.length}, ${times} of them: ${reason}`,
    next: "Errors teach nothing, so the run stopped before it learnt from what was left; rollouts.jsonl shows the answers. Mend the verifier and go on with --resume.",
  });
}

function percent(rate: number): string {
  return `${Number((100 * rate).toFixed(1))} %`;
}
