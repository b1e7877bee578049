/**
 * Evaluation: held-out problems → rollouts → verdicts, reported as rates with their intervals.
 *
 * Every evaluation of a run draws with the same random numbers, so that what changes between two of
 * them is the policy alone.
 */
import type { Engine } from "../engine/engine.ts";
import type { Tokenizer } from "../engine/models/tokenizer.ts";
import { checkGoldAnswers } from "./checks.ts";
import type { RunContext } from "./events.ts";
import { solveRate } from "./groups/group.ts";
import { clustered, type Interval, pairedDifference, wilson } from "./intervals.ts";
import { judgeRollouts, verifierFault } from "./judge-rollouts.ts";
import { openPolicy } from "./open-engine.ts";
import type { GivenOptions, Options } from "./options.ts";
import { loadProblems } from "./problems/load.ts";
import type { SolveEval } from "./records.ts";
import { resolveOptions } from "./resolve-options.ts";
import { promptRenderer } from "./rollouts/prompt.ts";
import { sampleRollouts } from "./rollouts/sample.ts";
import { modelPath } from "./run-folder.ts";
import { type Asked, fitting, loading, openVerifier } from "./session.ts";
import { type Tell, teller } from "./tell.ts";
import type { Rollout, Verdict } from "./types.ts";
import type { VerifierPool } from "./verdicts/verify.ts";

export interface Examined {
  readonly options: Options;
  readonly engine: Engine;
  readonly tokenizer: Tokenizer;
  readonly verifier: VerifierPool;
  readonly tell: Tell;
}

/**
 * Measures the policy as it is now.
 *
 * @param step   steps taken before
 * @param start  the run's first evaluation, for the change since
 * @throws VerifierError where too many verdicts are errors
 */
export async function evaluatePolicy(
  { options, engine, tokenizer, verifier, tell }: Examined,
  heldOut: Asked,
  step: number,
  start?: SolveEval,
): Promise<SolveEval> {
  const began = performance.now();
  const { evalNumGenerations: k, evalTemperature: temperature, evalTopP: topP, evalTopK: topK } = options;
  const drawn = heldOut.asked.map((asked, draw) => ({ ...asked, draw }));
  // training samples at steps from 1 on: step 0 has random numbers of its own
  const sampling = {
    answers: k,
    maxTokens: options.maxCompletionLength,
    temperature,
    topP,
    topK,
    seed: options.seed,
    step: 0,
  };
  const { rollouts, verdicts } = await tell.timed("eval", step, async (progress) => {
    const sampled = await sampleRollouts(engine, tokenizer, drawn, sampling, progress);
    return {
      rollouts: sampled.flat(),
      verdicts: await judgeRollouts(
        verifier,
        sampled.flat(),
        options.maxVerifierErrorRate * drawn.length * k,
      ),
    };
  });
  const fault = verifierFault(options.verifier, verdicts, options.maxVerifierErrorRate);
  if (fault !== undefined) throw fault;

  const byProblem = drawn.map((_, i) => verdicts.slice(i * k, (i + 1) * k));
  const record: SolveEval = {
    kind: "solve",
    step,
    dataset: heldOut.name,
    problems: drawn.length,
    k,
    temperature,
    topP,
    topK,
    ...rates(byProblem, k),
    verifierErrors: verdicts.filter(({ kind }) => kind === "error").length,
    truncated: rollouts.filter(({ stop }) => stop === "length").length,
    meanTokens: rollouts.reduce((sum, { tokens }) => sum + tokens.length, 0) / rollouts.length,
    entropy: meanEntropy(rollouts),
    right: byProblem.map((own) => own.filter(({ kind }) => kind === "right").length),
    judged: byProblem.map((own) => own.filter(({ kind }) => kind !== "error").length),
    seconds: Math.round(performance.now() - began) / 1000,
  };
  const change = start && changeSince(start, record);
  return change === undefined ? record : { ...record, sinceStart: change };
}

/** Nats, over all tokens of all answers. */
function meanEntropy(rollouts: readonly Rollout[]): number {
  let [total, tokens] = [0, 0];
  for (const { entropies } of rollouts) {
    for (const entropy of entropies) total += entropy;
    tokens += entropies.length;
  }
  return total / tokens;
}

/** Problems all of whose verdicts are errors say nothing and are left out of every rate. */
function rates(
  byProblem: readonly (readonly Verdict[])[],
  k: number,
): Pick<SolveEval, "avgAtK" | "passAtK" | "majAtK"> {
  const judged = byProblem.filter((own) => !Number.isNaN(solveRate(own)));
  const answers = judged.flat().filter(({ kind }) => kind !== "error").length;
  const own = judged.map(solveRate);
  const passed = own.filter((rate) => rate > 0).length;
  const votes = judged.map(majority);
  const extracts =
    k > 1 && judged.flat().some((verdict) => verdict.kind !== "error" && verdict.extracted !== undefined);
  return {
    avgAtK: clustered(own, answers),
    passAtK: wilson(passed, judged.length),
    ...(extracts
      ? {
          majAtK: wilson(
            votes.reduce((sum, vote) => sum + vote, 0),
            judged.length,
          ),
        }
      : {}),
  };
}

/** Whether the answer given most often is right; where several are, the share of those that are. */
function majority(verdicts: readonly Verdict[]): number {
  const counts = new Map<string, { times: number; right: boolean }>();
  for (const verdict of verdicts) {
    if (verdict.kind === "error" || verdict.extracted === undefined) continue;
    const before = counts.get(verdict.extracted)?.times ?? 0;
    counts.set(verdict.extracted, { times: before + 1, right: verdict.kind === "right" });
  }
  const most = Math.max(0, ...[...counts.values()].map(({ times }) => times));
  const leaders = [...counts.values()].filter(({ times }) => times === most);
  return leaders.length === 0 ? 0 : leaders.filter(({ right }) => right).length / leaders.length;
}

/** Problem by problem, over those judged both times; undefined where the two are not of the same problems. */
export function changeSince(start: SolveEval, now: SolveEval): Interval | undefined {
  if (start.step === now.step || start.dataset !== now.dataset || start.problems !== now.problems)
    return undefined;
  const both = now.judged.flatMap((count, i) => (count > 0 && start.judged[i]! > 0 ? [i] : []));
  if (both.length === 0) return undefined;
  return pairedDifference(
    both.map((i) => start.right[i]! / start.judged[i]!),
    both.map((i) => now.right[i]! / now.judged[i]!),
  );
}

/**
 * `errata eval`: a model on held-out problems; nothing is written.
 *
 * @throws OptionError, DataError, ModelError, VerifierError
 */
export async function evaluate(given: GivenOptions, context: RunContext = {}): Promise<SolveEval> {
  const tell = teller(context.onEvent);
  const { options, notes } = resolveOptions("eval", { given });
  for (const text of notes) tell({ kind: "note", text });
  const data = await loadProblems(options.evalDataset, loading(options, "test"));
  const { problems } = data;
  for (const text of data.notices) tell({ kind: "warning", text });
  const verifier = await openVerifier(options);
  try {
    const gold = await checkGoldAnswers(verifier, options.verifier, { name: data.name, problems });
    tell({ kind: "check", name: "gold answers", text: gold });
    tell({ kind: "phase", phase: "open", step: 0 });
    const { engine, tokenizer } = await openPolicy(modelPath(options.model), options);
    try {
      const render = promptRenderer(tokenizer, options);
      const heldOut = fitting({ name: data.name, problems }, render, engine, options, tell);
      const record = await evaluatePolicy({ options, engine, tokenizer, verifier, tell }, heldOut, 0);
      tell({ kind: "eval", step: 0, record });
      return record;
    } finally {
      await engine.close();
    }
  } finally {
    await verifier.close();
  }
}
