/**
 * Verdicts that look doubtful, of the answers of one step or of many.
 *
 *   lines of rollouts.jsonl  →  wrong answers that end in the reference's number, short right ones, reasons of errors
 */
import { equal } from "../../maths/verify.ts";
import type { RolloutRecord } from "../../run/records.ts";

const anyNumber = /[-−]?\d+(?:[.,]\d+)*(?:\s*\/\s*\d+)?/g;

/** Wrong answers that ended by themselves and whose last number is the reference. */
export function endInReference(rollouts: readonly RolloutRecord[]): RolloutRecord[] {
  return rollouts.filter(({ verdict, stop, text, answer }) => {
    if (verdict !== "wrong" || stop === "length") return false;
    const last = text.match(anyNumber)?.at(-1);
    return last !== undefined && equal(answer, last).kind === "right";
  });
}

/** Right answers, those of fewest characters first: a trick is often short. */
export function shortestRight(rollouts: readonly RolloutRecord[], most = 10): RolloutRecord[] {
  return rollouts
    .filter(({ verdict }) => verdict === "right")
    .sort((a, b) => a.text.length - b.text.length)
    .slice(0, most);
}

export interface Reason {
  readonly because: string;
  readonly count: number;
}

/** Why verdicts of one kind are what they are, the commonest first; reasons that differ in a number alone are one. */
export function reasonsOf(rollouts: readonly RolloutRecord[], verdict: RolloutRecord["verdict"]): Reason[] {
  const counts = new Map<string, { because: string; count: number }>();
  for (const { verdict: own, because = "" } of rollouts) {
    if (own !== verdict) continue;
    const key = because.replace(/\d+/g, "0");
    const reason = counts.get(key);
    if (reason === undefined) counts.set(key, { because, count: 1 });
    else reason.count++;
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}
