/**
 * Judging: rollouts → rollouts with verdicts, and how many errors a run may bear.
 *
 * An answer that was cut off is wrong and is not shown to the verifier: it did not finish, and calling
 * it right would teach answers without an end.
 */
import { VerifierError } from "../errors.ts";
import type { JudgedAnswer } from "../run/records.ts";
import type { JudgedRollout, Rollout, Verdict } from "./types.ts";
import type { OpenedVerifier } from "./verdicts/opened-verifier.ts";

/** Answers under way at a time: enough for every thread, few enough to stop soon where the verifier fails. */
const AT_A_TIME = 32;

/** Judges rollouts as they come, while others are still being sampled. */
export class RolloutJudge {
  readonly #verifier: OpenedVerifier;
  readonly #mostErrors: number;
  readonly #waiting: { readonly rollout: Rollout; readonly settle: (verdict: Promise<Verdict>) => void }[] =
    [];
  /** Place in `#waiting` of the next. */
  #next = 0;
  #underWay = 0;
  #errors = 0;

  /**
   * @param mostErrors  once more verdicts than these are errors, the rest is not judged: a verifier that hangs takes
   *   its whole time for each answer
   */
  constructor(verifier: OpenedVerifier, mostErrors: number) {
    this.#verifier = verifier;
    this.#mostErrors = mostErrors;
  }

  /** @returns each rollout with its verdict, in order */
  judge(rollouts: readonly Rollout[]): Promise<JudgedRollout[]> {
    const judged = Promise.all(
      rollouts.map(async (rollout) => ({
        rollout,
        verdict: rollout.stop === "length" ? notFinished(rollout) : await this.#enqueue(rollout),
      })),
    );
    // it is waited for once sampling has ended, which may fail before
    judged.catch(() => {});
    return judged;
  }

  #enqueue(rollout: Rollout): Promise<Verdict> {
    return new Promise((settle) => {
      this.#waiting.push({ rollout, settle });
      this.#feed();
    });
  }

  #feed(): void {
    while (this.#next < this.#waiting.length && this.#underWay < AT_A_TIME) {
      const { rollout, settle } = this.#waiting[this.#next++]!;
      settle(this.#errors > this.#mostErrors ? Promise.resolve(notJudged) : this.#verdict(rollout));
    }
  }

  async #verdict({ problem, text }: Rollout): Promise<Verdict> {
    this.#underWay++;
    try {
      const [verdict] = await this.#verifier.verify([{ problem, answer: text }]);
      if (verdict!.kind === "error") this.#errors++;
      return verdict!;
    } finally {
      this.#underWay--;
      this.#feed();
    }
  }
}

const notFinished = ({ tokens }: Rollout): Verdict => ({
  kind: "wrong",
  because: `not finished after ${tokens.length} tokens`,
});

const notJudged = { kind: "error", because: "not judged, the verifier failed too often before" } as const;

/** What a record keeps of a verdict beside its kind. */
export function reasonOf(
  verdict: Verdict,
): Pick<JudgedAnswer, "because" | "extracted" | "score" | "isAmbiguous"> {
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
  // "not judged" only follows from a verifier's own reason
  const [reason, times] = [...counts].find(([each]) => each !== notJudged.because)!;
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
