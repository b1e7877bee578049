/**
 * Exit codes, the same for every command; docs/command.md prints them.
 */
export const exitCodes = {
  /** Done; where the command judges: right, all pass, ready. */
  done: 0,
  /** It failed; where the command judges: wrong, some do not pass, not ready. */
  failed: 1,
  /** It was asked for something it does not do. */
  usage: 2,
  /** A run ended without having learnt anything. */
  nothingLearnt: 3,
} as const;

/** Of a command that a signal stopped, whether or not it saved first. */
export function stoppedBy(signal: number): number {
  return 128 + signal;
}
