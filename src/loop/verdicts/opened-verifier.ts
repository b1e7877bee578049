/**
 * A verifier at work: what the loop asks of it, wherever it runs.
 */
import type { Problem, Verdict } from "../types.ts";

/** An answer to judge. */
export interface Item {
  readonly problem: Problem;
  readonly answer: string;
}

export interface OpenedVerifier {
  readonly name: string;
  /** One of errata's own. */
  readonly isBuiltIn: boolean;
  /** Whether `goldForms` are all the forms it asks for: a reference that passes in none of them cannot be answered rightly. */
  readonly hasAllForms: boolean;
  /** As in `Verifier`. */
  readonly readsReference: boolean | undefined;
  /** @returns one verdict for each item, in order. Never rejects for what a verifier does. */
  verify(items: readonly Item[]): Promise<Verdict[]>;
  /**
   * Finds which of the answers to one problem say the same; by their text where the verifier has no equality of
   * its own, or fails.
   *
   * @returns  for each answer the place of the first answer of its class
   */
  compare(answers: readonly string[]): Promise<readonly number[]>;
  /** @returns for each problem the answers that are to pass; the usual forms where the verifier has none of its own */
  goldForms(problems: readonly Problem[]): Promise<readonly (readonly string[])[]>;
  /** Answers still waiting become errors. */
  close(): Promise<void>;
}

export interface VerifierOptions {
  /** Answers judged side by side; 2 unless given. */
  readonly workers?: number;
  /** The longest one answer may take, in milliseconds; 5,000 unless given. */
  readonly timeoutMs?: number;
  /** In [0, 1]: where a verifier gives a score alone, the answer is right from here on; 0.5 unless given. */
  readonly scoreThreshold?: number;
}
