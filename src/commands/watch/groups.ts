/**
 * One group, as a person compares its answers.
 *
 *   the lines of rollouts.jsonl of one problem at one step  →  right, wrong, errors; where wrong ones leave right ones
 */
import type { RolloutRecord } from "../../run/records.ts";
import { rolloutGroups } from "../../run/rollout-groups.ts";

export interface ComparedAnswer {
  readonly record: RolloutRecord;
  /** What the answer was cut off at is in its tokens; it is wrong as well. */
  readonly isCutOff: boolean;
  /** Of a wrong answer: the right one that it stays with longest, and the first token (or character) that differs. */
  readonly leaves?: { readonly index: number; readonly at: number };
}

export interface ComparedGroup {
  readonly step: number;
  readonly draw: number;
  readonly problem: string;
  readonly prompt: string;
  readonly reference: string;
  readonly solveRate: number | null;
  readonly kept: boolean;
  /** Whether `shared` and `leaves.at` count tokens, as in groups that were learnt from, or characters. */
  readonly unit: "tokens" | "characters";
  /** The beginning that all answers share. */
  readonly shared: number;
  readonly right: readonly ComparedAnswer[];
  readonly wrong: readonly ComparedAnswer[];
  readonly errors: readonly ComparedAnswer[];
}

/** Groups of one step, in the order that they were drawn. */
export function groupsOf(rollouts: readonly RolloutRecord[]): ComparedGroup[] {
  return rolloutGroups(rollouts).map(compared);
}

function compared(rollouts: readonly RolloutRecord[]): ComparedGroup {
  const [{ step, draw, problem, prompt, answer, solveRate }] = rollouts as [RolloutRecord];
  const judged = rollouts.filter(({ verdict }) => verdict !== "error");
  const hasTokens = judged.length > 0 && judged.every(({ tokens }) => tokens !== undefined);
  const unitsOf = ({ tokens, text }: RolloutRecord): ArrayLike<unknown> => (hasTokens ? tokens! : text);
  const right = judged.filter(({ verdict }) => verdict === "right");
  const of = (verdict: RolloutRecord["verdict"]) =>
    rollouts
      .filter((record) => record.verdict === verdict)
      .map((record): ComparedAnswer => {
        const leaves = verdict === "wrong" ? nearest(record, right, unitsOf) : undefined;
        return { record, isCutOff: record.stop === "length", ...(leaves && { leaves }) };
      });
  return {
    ...{ step, draw, problem, prompt, reference: answer, solveRate },
    kept: rollouts.some(({ kept }) => kept),
    unit: hasTokens ? "tokens" : "characters",
    shared: judged.reduce(
      (least, one) => Math.min(least, sharedLength(unitsOf(judged[0]!), unitsOf(one))),
      judged.length === 0 ? 0 : Number.POSITIVE_INFINITY,
    ),
    ...{ right: of("right"), wrong: of("wrong"), errors: of("error") },
  };
}

function nearest(
  wrong: RolloutRecord,
  right: readonly RolloutRecord[],
  unitsOf: (record: RolloutRecord) => ArrayLike<unknown>,
): ComparedAnswer["leaves"] {
  let best: ComparedAnswer["leaves"];
  for (const one of right) {
    const at = sharedLength(unitsOf(wrong), unitsOf(one));
    if (best === undefined || at > best.at) best = { index: one.index, at };
  }
  return best;
}

/** How long the beginning is that two lists share. */
function sharedLength(one: ArrayLike<unknown>, other: ArrayLike<unknown>): number {
  const most = Math.min(one.length, other.length);
  for (let i = 0; i < most; i++) if (one[i] !== other[i]) return i;
  return most;
}
