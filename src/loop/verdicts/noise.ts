/**
 * Noise in verdicts: how a method learns where its verifier is sometimes mistaken, as an experiment.
 *
 *   verdicts of a step  →  the same, some turned about
 *
 * Whether one is turned is a function of seed, draw and answer alone, so that a resumed run and a method beside it have
 * the same mistakes. Evaluations, and answers that were cut off, which no verifier sees, have none.
 */
import { uniform } from "../../engine/random.ts";
import type { JudgedRollout, Verdict } from "../types.ts";

/** Chances in [0, 1]. */
export interface VerdictNoise {
  /** That a wrong answer is called right. */
  readonly falseAccept: number;
  /** That a right answer is called wrong. */
  readonly falseReject: number;
}

/** Undefined where neither is asked for. */
export function noiseOf(falseAccept = 0, falseReject = 0): VerdictNoise | undefined {
  return falseAccept + falseReject > 0 ? { falseAccept, falseReject } : undefined;
}

/** What a run says before it begins. */
export function noiseWarning({ falseAccept, falseReject }: VerdictNoise): string {
  return `verifier_noise is on: of the answers learnt from, ${percent(falseAccept)} of the wrong ones are called right and ${percent(falseReject)} of the right ones wrong, on purpose. train/acc_all and solve rates are of those verdicts; evaluations are not changed`;
}

/** Sets this stream of numbers apart from those that sample tokens, whose steps are far below. */
const STREAM = 0xffff_fffe;

/** @param draw  which problem of the run, from 0 */
export function withNoise(
  judged: readonly JudgedRollout[],
  noise: VerdictNoise,
  seed: number,
  draw: number,
): JudgedRollout[] {
  return judged.map(({ rollout, verdict }) => {
    const chance = verdict.kind === "wrong" ? noise.falseAccept : noise.falseReject;
    const stays = verdict.kind === "error" || rollout.stop === "length";
    const turns = !stays && uniform(seed, STREAM, draw, rollout.index, 0) < chance;
    return { rollout, verdict: turns ? turned(verdict) : verdict };
  });
}

/** A score goes with what it was the score of. */
function turned(verdict: Exclude<Verdict, { kind: "error" }>): Verdict {
  const { extracted } = verdict;
  return {
    kind: verdict.kind === "right" ? "wrong" : "right",
    because: `turned by verifier_noise, was ${verdict.kind}${verdict.because === undefined ? "" : `: ${verdict.because}`}`,
    ...(extracted === undefined ? {} : { extracted }),
    isTurned: true,
  };
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
