/**
 * The learning rate of each step: up in a line, then as the schedule says.
 *
 * Counted in steps of the loop, not in optimizer steps. The first step has one part of the warm-up and not
 * none of it: a step at rate 0 would sample, judge and learn nothing.
 */

export interface Schedule {
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly lrSchedulerType: "constant" | "linear" | "cosine";
}

/**
 * @param step   from 1
 * @param steps  of the whole run; linear and cosine end just above 0 there
 */
export function learningRateAt(schedule: Schedule, step: number, steps: number): number {
  const { learningRate, warmupSteps, lrSchedulerType } = schedule;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  const left = (steps - step + 1) / Math.max(1, steps - warmupSteps);
  switch (lrSchedulerType) {
    case "constant":
      return learningRate;
    case "linear":
      return learningRate * left;
    case "cosine":
      return (learningRate * (1 - Math.cos(Math.PI * left))) / 2;
    default:
      return lrSchedulerType satisfies never;
  }
}
