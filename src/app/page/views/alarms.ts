/**
 * The one thing that is wrong, where something is: the first row that applies to the last steps.
 *
 * What to do is in the table of metrics, under the row's key.
 */
import type { StepRecord } from "../../../run/records.ts";

interface Alarm {
  readonly key: string;
  /** @param now the mean of the last steps that have it; start, of the first */
  readonly isWrong: (now: number, start: number) => boolean;
  readonly says: string;
}

const alarms: readonly Alarm[] = [
  { key: "verifier/error_rate", isWrong: (now) => now > 0.05, says: "The verifier fails on many answers" },
  { key: "response_length/clip_ratio", isWrong: (now) => now > 0.1, says: "Many answers are cut off" },
  {
    key: "response_alike/right",
    isWrong: (now) => now > 0.1,
    says: "Right answers to different problems are in the same words",
  },
  { key: "actor/grad_norm", isWrong: (now) => now === 0, says: "Nothing is learnt: the gradient is 0" },
  {
    key: "sampling/logp_difference/mean",
    isWrong: (now) => now > 0.05,
    says: "Two different policies sample and learn",
  },
  { key: "groups/solved_none", isWrong: (now) => now > 0.75, says: "Most problems are too hard" },
  { key: "groups/solved_all", isWrong: (now) => now > 0.75, says: "Most problems are too easy" },
  { key: "groups/effective_ratio", isWrong: (now) => now < 0.1, says: "Few groups teach anything" },
  {
    key: "actor/entropy",
    isWrong: (now, start) => now < start / 10,
    says: "The policy's entropy has collapsed",
  },
];

const FEW = 5;

export function alarmOf(
  steps: readonly StepRecord[],
): { readonly key: string; readonly says: string; readonly now: number } | undefined {
  const mean = (some: readonly StepRecord[], key: string) => {
    const values = some.flatMap(({ metrics }) => metrics[key] ?? []);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  for (const { key, isWrong, says } of alarms) {
    const now = mean(steps.slice(-FEW), key);
    if (isWrong(now, mean(steps.slice(0, FEW), key))) return { key, says, now };
  }
  return undefined;
}
