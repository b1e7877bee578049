/**
 * Reward functions of TRL's shape as one verifier.
 *
 *   (prompts, completions, columns) → a number for each completion, or null where a function has nothing to say
 *
 * The score is their weighted mean, so that functions in [0, 1] give a score in [0, 1].
 */
import { VerifierError } from "../../errors.ts";
import type { Problem, Verifier } from "../types.ts";

/** `columns` has a list for each column of the row, `answer` among them, as TRL hands them on by name. */
export type RewardFunction = (
  prompts: readonly Problem["prompt"][],
  completions: readonly string[],
  columns: Readonly<Record<string, readonly unknown[]>>,
) => readonly (number | null)[] | Promise<readonly (number | null)[]>;

/**
 * @param weights  one for each function, above 0; 1 unless given
 * @returns  what `verifier` takes: `export default rewardFunctions([shortEnough, near], [1, 3])`
 * @throws VerifierError where there is no function, or not a weight for each
 */
export function rewardFunctions(
  functions: readonly RewardFunction[],
  weights: readonly number[] = functions.map(() => 1),
): Verifier {
  if (
    functions.length === 0 ||
    weights.length !== functions.length ||
    weights.some((weight) => !(weight > 0))
  )
    throw new VerifierError({
      where: "rewardFunctions",
      expected: "functions, and a weight above 0 for each where there are weights",
      got: `${functions.length} functions and the weights [${weights.join(", ")}]`,
      next: "Write rewardFunctions([first, second], [1, 3]), or leave the weights out.",
    });
  const judge = async (problem: Problem, answer: string): Promise<number> => {
    const { prompt, answer: reference, extra } = problem;
    const columns = Object.fromEntries(
      Object.entries({ ...extra, answer: reference }).map(([name, value]) => [name, [value]]),
    );
    const rewards = await Promise.all(functions.map((one) => one([prompt], [answer], columns)));
    let [sum, weight] = [0, 0];
    for (const [i, reward] of rewards.entries()) {
      const own = reward[0];
      if (own === null || own === undefined) continue;
      sum += own * weights[i]!;
      weight += weights[i]!;
    }
    if (weight === 0) throw new Error("no reward function gave this answer a number");
    return sum / weight;
  };
  return { name: "reward functions", judge };
}
