/**
 * Judging: rollouts → verdicts, and how many errors a run may bear.
 *
 * An answer that was cut off is wrong and is not shown to the verifier: it did not finish, and calling
 * it right would teach answers without an end.
 */
import { VerifierError } from "../errors.ts";
import type { Rollout, Verdict } from "./types.ts";
import type { VerifierPool } from "./verdicts/verify.ts";

/** Answers judged between two reports of progress. */
const chunk = 256;

/** @returns a verdict for each rollout, in order */
export async function judgeRollouts(
  pool: VerifierPool,
  rollouts: readonly Rollout[],
  progress?: (done: number, total: number) => void,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = rollouts.map(({ tokens }) => ({
    kind: "wrong",
    because: `not finished after ${tokens.length} tokens`,
  }));
  const finished = rollouts.flatMap((rollout, i) => (rollout.stop === "eos" ? [i] : []));
  for (let start = 0; start < finished.length; start += chunk) {
    const part = finished.slice(start, start + chunk);
    const items = part.map((i) => ({ problem: rollouts[i]!.problem, answer: rollouts[i]!.text }));
    const judged = await pool.verify(items);
    for (const [j, i] of part.entries()) verdicts[i] = judged[j]!;
    progress?.(start + part.length, finished.length);
  }
  return verdicts;
}

/**
 * @param rate  the largest share of errors among verdicts that a step may have
 * @throws VerifierError where there are more, with the reason seen most often
 */
export function checkVerifierErrors(verifier: string, verdicts: readonly Verdict[], rate: number): void {
  const reasons = verdicts.flatMap((verdict) => (verdict.kind === "error" ? [verdict.because] : []));
  if (reasons.length <= rate * verdicts.length) return;
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const [commonest, times] = [...counts].sort((a, b) => b[1] - a[1])[0]!;
  throw new VerifierError({
    where: `verifier ${verifier}`,
    expected: `errors in at most ${percent(rate)} of the verdicts (max_verifier_error_rate)`,
    got: `${reasons.length} of ${verdicts.length}, ${times} of them: ${commonest}`,
    next: "Mend the verifier and go on with --resume: errors teach nothing, so the run stopped before it learnt from what was left. rollouts.jsonl shows the answers.",
  });
}

function percent(rate: number): string {
  return `${Number((100 * rate).toFixed(1))} %`;
}
