/**
 * A line of a plan: one number that a run costs, and how it was worked out.
 */
export interface CostLine {
  readonly section: "taken" | "tokens" | "seconds" | "memory" | "run" | "not known";
  readonly name: string;
  /** The arithmetic in words, with its source where there is one. */
  readonly text: string;
  /** The numbers of the text, their units in their names. */
  readonly values?: Readonly<Record<string, number>>;
}

/** A line of seconds. */
export function secondsLine(name: string, text: string, seconds: number): CostLine {
  return { section: "seconds", name, text, values: { seconds } };
}
