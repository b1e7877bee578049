/**
 * What an official grader concludes: its verdict, and the text it took for the answer.
 *
 * These are ports for comparable numbers, faults included. Strings are cut by code points, as Python
 * cuts them, and every scan is bounded or linear.
 */
export interface Grade {
  readonly right: boolean;
  /** undefined where the grader found no answer. */
  readonly extracted: string | undefined;
}

export type Grader = (gold: string, completion: string) => Grade;

/** Python's text[-count:]. */
export function lastCodePoints(text: string, count: number): string {
  // a code point takes at most two units
  return Array.from(text.slice(-2 * count))
    .slice(-count)
    .join("");
}

/** The last `\boxed{…}` with its braces counted, escaped ones too; undefined where it is never closed. */
export function lastBoxed(text: string, from: number): string | undefined {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "{") depth++;
    else if (text[i] === "}" && --depth === 0) return text.slice(from, i + 1);
  }
  return undefined;
}
