/**
 * Gathering: draw, sample, verify and group until a step has enough groups to learn from. The answers to a problem
 * are judged as soon as the last of them has ended, while those to others are sampled.
 *
 * Groups that are all right or all wrong are replaced by fresh problems (dynamic sampling). This never
 * fails for lack of them: after `max_num_gen_batches` rounds the step goes on with what it has.
 */
import type { Objective } from "../engine/objective.ts";
import type { VerifierError } from "../errors.ts";
import { roundsOf, screeningOf } from "../options/batch-sizes.ts";
import type { PhaseProgress } from "../run/reporter.ts";
import { differsInScore, isJudged, isMixed, toGroup, verdictsIn } from "./groups/group.ts";
import { RolloutJudge, verifierFault } from "./judge-rollouts.ts";
import type { Outcome } from "./problems/shuffled-sampler.ts";
import { type Drawn, sampleRollouts } from "./rollouts/sample.ts";
import type { TrainSession } from "./session/train-session.ts";
import type { Group, JudgedRollout, Verdict } from "./types.ts";
import { withNoise } from "./verdicts/noise.ts";

/** A group and the place in the run its problem was drawn at. */
export interface DrawnGroup {
  readonly drawn: Drawn;
  readonly group: Group;
}

export interface Gathered {
  /** Every group sampled, in the order drawn. */
  readonly all: readonly DrawnGroup[];
  /** Those to learn from, at most `prompts_per_step`. */
  readonly kept: readonly Group[];
  /** How many of all there are that teach: their answers differ in what the objective learns from. */
  readonly teaching: number;
  /** Answers that every problem was given; more where these differed. */
  readonly screening: number;
  readonly rounds: number;
  /** What is wrong with the verifier, where it gave more errors than the run may bear: then nothing is to be learnt. */
  readonly fault: VerifierError | undefined;
}

/**
 * @param step   from 1
 * @param draws  problems drawn before this step
 * @returns      undefined where the run was asked to stop while it sampled or between two rounds
 */
export async function gather(
  session: TrainSession,
  step: number,
  draws: number,
): Promise<Gathered | undefined> {
  const { options, objective, verifier } = session;
  const { promptsPerStep } = options;
  const differs = differsFor(objective);
  // without the filter every group is learnt from, also one whose answers are worth the same
  const isKept = objective.mixedGroups === true || options.filterGroupsEnable ? differs : isJudged;
  const round = roundsOf(options);

  const all: DrawnGroup[] = [];
  const kept: Group[] = [];
  let rounds = 0;
  let fault: VerifierError | undefined;
  while (kept.length < promptsPerStep && rounds < round.most && fault === undefined) {
    if (session.stopped()) return undefined;
    const wanted = options.filterGroupsEnable ? promptsPerStep - kept.length : undefined;
    const drawn = await oneRound(session, step, draws, all, round.problems, wanted).catch(
      (cause: unknown) => {
        if (!session.stopped() || cause !== session.signal?.reason) throw cause;
        return undefined;
      },
    );
    if (drawn === undefined) return undefined;
    rounds++;
    all.push(...drawn);
    for (const group of drawn) session.order.hear?.(outcomeOf(step, group));
    kept.push(...drawn.map(({ group }) => group).filter(isKept));
    const verdicts = verdictsIn(all.map(({ group }) => group));
    fault = verifierFault(verifier.name, verdicts, options.maxVerifierErrorRate);
  }
  const teaching = all.filter(({ group }) => differs(group)).length;
  return {
    ...{ all, kept: kept.slice(0, promptsPerStep), teaching, rounds, fault },
    screening: screeningOf(options),
  };
}

function outcomeOf(step: number, { drawn, group }: DrawnGroup): Outcome {
  const count = (kind: Verdict["kind"]) =>
    group.rollouts.filter(({ verdict }) => verdict.kind === kind).length;
  const { problem } = group;
  return { problem: problem.id, step, draw: drawn.draw, right: count("right"), wrong: count("wrong") };
}

/** Whether a group's answers differ: for an objective that reads rewards in those, whether or not somebody was right. */
function differsFor({ columns, mixedGroups }: Objective): (group: Group) => boolean {
  const readsRewards = columns.includes("advantage") || columns.includes("reward");
  return readsRewards && mixedGroups !== true ? differsInScore : isMixed;
}

async function oneRound(
  session: TrainSession,
  step: number,
  draws: number,
  before: readonly DrawnGroup[],
  most: number,
  wanted: number | undefined,
): Promise<DrawnGroup[]> {
  const { options, problems, order, verifier } = session;
  const firstDraw = draws + before.length;
  const drawn: Drawn[] = order
    .choose(step, firstDraw, most, wanted)
    .map(({ index, ...chosen }, i) => ({ ...problems.asked[index]!, ...chosen, draw: firstDraw + i }));
  const seen = verdictsIn(before.map(({ group }) => group));
  const budget = options.maxVerifierErrorRate * (seen.length + drawn.length * options.numGenerations);
  const judge = new RolloutJudge(verifier, budget - seen.filter(({ kind }) => kind === "error").length);
  const screening = screeningOf(options);
  const first = await judgedAnswers(session, step, drawn, judge, 0, screening);
  const rest = options.numGenerations - screening;
  if (rest === 0) return first;
  // the same answers as all at once: their random numbers are of their place in the group
  const differs = differsFor(session.objective);
  const promising = first.filter(({ group }) => differs(group));
  const asked = promising.map((one) => one.drawn);
  const more = await judgedAnswers(session, step, asked, judge, screening, rest);
  const whole = new Map(promising.map(({ drawn, group }, i) => [drawn, joined(group, more[i]!.group)]));
  return first.map(({ drawn, group }) => ({ drawn, group: whole.get(drawn) ?? group }));
}

const joined = (one: Group, other: Group): Group =>
  toGroup(one.problem, [...one.rollouts, ...other.rollouts]);

/** Answers to each problem, from the one of a number on, judged while others are sampled. */
async function judgedAnswers(
  { options, engine, tokenizer, noise, tell, signal }: TrainSession,
  step: number,
  drawn: readonly Drawn[],
  judge: RolloutJudge,
  firstAnswer: number,
  answers: number,
): Promise<DrawnGroup[]> {
  const { temperature, topP, topK, seed, maxCompletionLength: maxTokens } = options;
  const precision = options.rolloutPrecision === "int8" ? ({ precision: "int8" } as const) : {};
  const sampling = { answers, firstAnswer, maxTokens, temperature, topP, topK, seed, step, ...precision };
  const judging: Promise<JudgedRollout[]>[] = [];
  await tell.timed("gen", step, (onProgress) =>
    sampleRollouts(engine, tokenizer, drawn, sampling, {
      onProgress,
      signal,
      onGroup: (place, own) => {
        judging[place] = judge.judge(own);
      },
    }),
  );
  // what sampling has not hidden of the time that judging takes
  const judged = await tell.timed("verify", step, (progress) => allOf(judging, progress));
  return drawn.map((one, i) => {
    const own = noise === undefined ? judged[i]! : withNoise(judged[i]!, noise, seed, one.draw);
    return { drawn: one, group: toGroup(one.problem, own) };
  });
}

function allOf<T>(waiting: readonly Promise<T>[], progress: PhaseProgress): Promise<T[]> {
  let done = 0;
  return Promise.all(
    waiting.map(async (one) => {
      const result = await one;
      progress(++done, waiting.length);
      return result;
    }),
  );
}
