/**
 * Generated problems with worked solutions.
 *
 *   name, seed, split, count  →  problems
 *
 * The text of a problem alone decides whether it belongs to train or test, so no seed and no count can
 * let one into both.
 */
import { DataError } from "../../errors.ts";
import type { Problem } from "../types.ts";
import { countdown } from "./countdown.ts";
import { Draw, hash } from "./counter-rng.ts";
import { functions } from "./functions.ts";
import type { Sketch } from "./generated-problem.ts";
import { pocket } from "./sums.ts";
import { words } from "./words.ts";

export interface GeneratorOptions {
  /** Problems wanted, all of them different: 1 to 100,000. */
  readonly count: number;
  readonly seed: number;
  readonly split: "train" | "test";
}

/** Every generator by name. Throws DataError for a count outside 1 to 100,000. */
export const generators: Readonly<Record<string, (options: GeneratorOptions) => Problem[]>> = {
  pocket: (options) => generate("pocket", pocket, options),
  words: (options) => generate("words", words, options),
  functions: (options) => generate("functions", functions, options),
  countdown: (options) => generate("countdown", countdown, options),
};

/** One problem in ten is held out. */
export function splitOf(prompt: string): "train" | "test" {
  return hash(prompt) % 10 === 0 ? "test" : "train";
}

/** Far fewer than the different problems each generator can make of either split, so that a new one is always soon found. */
const MOST = 100_000;

/**
 * Different problems of one split, by a function that makes one of a random kind.
 *
 * @param name  of the generator, in ids and errors
 * @throws DataError for a count outside 1 to 100,000
 */
export function generate(
  name: string,
  sketch: (draw: Draw) => Sketch,
  { count, seed, split }: GeneratorOptions,
): Problem[] {
  if (!(Number.isInteger(count) && count >= 1 && count <= MOST)) {
    throw new DataError({
      where: `generator ${name}`,
      expected: `a count from 1 to ${MOST}`,
      got: String(count),
      next: "Ask for as many problems as the run can see; a step needs only a few dozen.",
    });
  }
  const problems = new Map<string, Problem>();
  for (let place = 0; problems.size < count; place++) {
    const { kind, prompt, answer, solution, extra } = sketch(new Draw(seed, place));
    if (splitOf(prompt) !== split || problems.has(prompt)) continue;
    const id = `${name}-${split}-${seed}-${problems.size}`;
    problems.set(prompt, { id, prompt, answer, solution, extra: { kind, ...extra } });
  }
  return [...problems.values()];
}
