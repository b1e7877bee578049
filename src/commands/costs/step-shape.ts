/**
 * What a step is made of: as somebody said, else as a run has shown, else as is assumed, and which of them it was.
 */
import { OptionError } from "../../errors.ts";
import { roundsOf } from "../../options/batch-sizes.ts";
import type { Incomplete } from "../../options/options.ts";
import type { StepShape } from "../doctor/estimate.ts";
import { digits } from "../doctor/finding.ts";
import type { CostLine } from "./cost-line.ts";
import type { MeasuredRun } from "./measured-run.ts";

/** What may be said of a step; what is left out is measured or assumed. */
export interface SaidOfStep {
  /** Mean tokens of an answer. */
  readonly answer?: number | undefined;
  /** Mean tokens of a prompt. */
  readonly prompt?: number | undefined;
  /** Rounds of sampling a step takes on average. */
  readonly rounds?: number | undefined;
  /** A run whose first steps are taken for what is not said. */
  readonly measured?: MeasuredRun | undefined;
}

/** Tokens of a prompt where nobody says. */
const ASSUMED_PROMPT = 150;
/** Share of the longest answer that a mean one has, where nobody says. */
const ASSUMED_SHARE = 1 / 4;

/** @throws OptionError where the mean answer would be longer than the longest */
export function shapeOf(options: Incomplete<"train">, said: SaidOfStep): Required<StepShape> {
  const { maxCompletionLength: most, promptsPerStep } = options;
  const { mean } = said.measured ?? {};
  if (said.answer !== undefined && said.answer > most) throw tooLong(said.answer, most);
  const answer = said.answer ?? Math.min(most, mean?.answer ?? Math.ceil(ASSUMED_SHARE * most));
  const round = roundsOf(options);
  const expected =
    mean === undefined || round.most === 1
      ? { rounds: 1, problems: Math.min(promptsPerStep, round.problems) }
      : expectedRounds(promptsPerStep, round.problems, mean.mixedRate, round.most);
  const { rounds, problems } =
    said.rounds === undefined ? expected : { rounds: said.rounds, problems: promptsPerStep };
  return {
    prompt: said.prompt ?? mean?.prompt ?? ASSUMED_PROMPT,
    answer,
    learntAnswer: mean === undefined ? answer : Math.min(most, answer * (mean.learntAnswer / mean.answer)),
    // where some were cut off, longer ones would have been longer
    longest: mean === undefined || mean.cutRate > 0 ? most : Math.min(most, mean.longest),
    rounds,
    problems,
  };
}

/** Where each of it comes from. */
export function shapeLines(shape: StepShape & { readonly rounds: number }, said: SaidOfStep): CostLine[] {
  const { measured } = said;
  const from = (value: number | undefined, assumed: string) =>
    value !== undefined
      ? "as said"
      : measured !== undefined
        ? `as ${measured.steps} steps of ${measured.folder} took`
        : assumed;
  const line = (name: string, text: string, values: Readonly<Record<string, number>>): CostLine => ({
    section: "taken",
    name,
    text,
    values,
  });
  return [
    line(
      "answers",
      `${digits(shape.answer)} tokens on average, ${from(said.answer, "assumed: a quarter of max_completion_length. The cost follows it; --answer-length says it")}`,
      { answerTokens: shape.answer },
    ),
    line("prompts", `${digits(shape.prompt)} tokens on average, ${from(said.prompt, "assumed")}`, {
      promptTokens: shape.prompt,
    }),
    line("rounds", `${digits(shape.rounds)} of sampling a step, ${from(said.rounds, "assumed")}`, {
      rounds: shape.rounds,
    }),
  ];
}

/**
 * Rounds until enough problems are solved in part, each with the same chance by itself.
 *
 * @param wanted  problems to learn from
 * @param round   problems of one round
 * @param rate    share of problems solved in part, in [0, 1]
 * @param most    rounds after which a step goes on with what it has
 * @returns       the expected number of rounds, and of problems that are then learnt from
 */
export function expectedRounds(
  wanted: number,
  round: number,
  rate: number,
  most: number,
): { readonly rounds: number; readonly problems: number } {
  let rounds = 1;
  for (let taken = 1; taken < most; taken++) {
    const short = shortOf(wanted, taken * round, rate).chance;
    rounds += short;
    if (short < 1e-9) break;
  }
  const { chance, sum } = shortOf(wanted, most * round, rate);
  return { rounds, problems: sum + wanted * (1 - chance) };
}

/** Of a binomial number X of `n` trials: Pr(X < wanted), and the sum of X · Pr(X) below it. */
function shortOf(wanted: number, n: number, rate: number): { chance: number; sum: number } {
  if (rate <= 0) return { chance: 1, sum: 0 };
  if (rate >= 1) return n < wanted ? { chance: 1, sum: n } : { chance: 0, sum: 0 };
  let [chance, sum] = [0, 0];
  let log = n * Math.log1p(-rate);
  for (let x = 0; x < wanted && x <= n; x++) {
    chance += Math.exp(log);
    sum += x * Math.exp(log);
    log += Math.log(((n - x) / (x + 1)) * (rate / (1 - rate)));
  }
  return { chance: Math.min(1, chance), sum };
}

function tooLong(answer: number, longest: number): OptionError {
  return new OptionError({
    where: "--answer-length",
    expected: `a mean of at most max_completion_length, ${longest}`,
    got: String(answer),
    next: "Set max_completion_length higher, or name the preset that is meant.",
  });
}
