/**
 * An audit of a run's judge.
 *
 *   a run's answers                →  judged again, by its own verifier and by another: where they disagree
 *   its problems, cheap attacks    →  which of them the verifier takes
 *
 * Reads the run's folder and data, and writes nothing.
 */
import { RunError } from "../../errors.ts";
import { loadProblems } from "../../loop/problems/load.ts";
import { loading } from "../../loop/session/datasets.ts";
import { checkValues } from "../../loop/session/given-values.ts";
import { verifierOf } from "../../loop/session/train-session.ts";
import type { Problem } from "../../loop/types.ts";
import type { OpenedVerifier } from "../../loop/verdicts/opened-verifier.ts";
import { verifyGroups } from "../../loop/verdicts/verify-groups.ts";
import type { AnyOptions, Options } from "../../options/options.ts";
import { readRun } from "../../run/read-run.ts";
import { resolveRunOptions } from "../../run/run-options.ts";
import type { Alikeness } from "../../statistics/alike.ts";
import { type AttackName, attackNames, attacksOn } from "./attacks.ts";
import { otherJudge } from "./other-judge.ts";
import { type AuditedStep, type Rejudged, rejudge } from "./rejudge.ts";

export interface AuditOptions {
  /** Another judge, as `verifier` takes it; left out, one that reads the same answers otherwise, where there is one. */
  readonly by?: string | undefined;
  /** Of this step alone. */
  readonly step?: number | undefined;
  /** Hears how many answers have been judged again. */
  readonly onProgress?: (done: number) => void;
}

export interface AttackResult {
  readonly attack: AttackName;
  /** Problems it was tried on, and those where an answer of it was called right. */
  readonly tried: number;
  readonly taken: number;
  /** The first that was. */
  readonly example:
    | { readonly problem: string; readonly reference: string; readonly text: string }
    | undefined;
}

export interface AuditReport {
  readonly run: string;
  readonly verifier: string;
  readonly readsReference: boolean | undefined;
  readonly answers: number;
  /** Cut off at the longest allowed: wrong by every judge. */
  readonly cutOff: number;
  readonly again: Rejudged;
  readonly other: Rejudged | undefined;
  readonly attacks: readonly AttackResult[];
  /** Over all steps; the last line of `steps` is that of the last step. */
  readonly all: Omit<AuditedStep, "step">;
  readonly steps: readonly AuditedStep[];
  /** Of the last step's answers. */
  readonly alike: Alikeness;
  readonly notes: readonly string[];
}

/** Problems that are attacked. */
const MOST_ATTACKED = 200;

/** @throws RunError where the folder is no run that has sampled answers; VerifierError where a verifier does not load */
export async function audit(
  folder: string,
  { by, step, onProgress }: AuditOptions = {},
): Promise<AuditReport> {
  const run = readRun(folder);
  const last = await run.lastRollouts();
  if (last === undefined || (step !== undefined && step > last))
    throw new RunError({
      where: folder,
      expected: step === undefined ? "a run that has sampled answers" : `a step from 1 to ${last}`,
      got:
        run.command === "sft"
          ? "one of sft, which samples none"
          : step === undefined
            ? "none yet"
            : `${step}`,
      next: "Name a run of errata train.",
    });
  const { options } = resolveRunOptions("train", { given: { resumeFromCheckpoint: folder } });
  checkValues({ verifier: options.verifier, outputDir: options.outputDir } as AnyOptions, {});
  const notes: string[] = [];
  const problems = await problemsOf(options, notes);
  const own = await verifierOf(options);
  const name = by ?? otherJudge(options.verifier);
  let other: OpenedVerifier | undefined;
  try {
    other = name === undefined ? undefined : await verifierOf({ ...options, verifier: name });
    const answers = await rejudge(run, step, problems, { own, other }, onProgress);
    const attacks = await attacked(own, answers.asked);
    return {
      ...{ run: folder, verifier: options.verifier, readsReference: own.readsReference },
      ...answers.report,
      ...{ attacks, notes },
    };
  } finally {
    await own.close();
    await other?.close();
  }
}

/** The run's problems by id, with what their rows hold for the verifier. */
async function problemsOf(options: Options<"train">, notes: string[]): Promise<ReadonlyMap<string, Problem>> {
  try {
    const { problems } = await loadProblems(options.dataset, loading(options, "train"));
    return new Map(problems.map((problem) => [problem.id, problem]));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    notes.push(`the run's data cannot be read, so a judge sees no other columns of its rows: ${why}`);
    return new Map();
  }
}

async function attacked(own: OpenedVerifier, asked: readonly Problem[]): Promise<AttackResult[]> {
  const stride = Math.max(1, Math.ceil(asked.length / MOST_ATTACKED));
  const problems = asked.filter((_, i) => i % stride === 0);
  const references = [...new Set(problems.map(({ answer }) => answer))].filter((answer) => answer !== "");
  const items = problems.flatMap((problem, i) => {
    // each problem meets other references first
    const others = references.map((_, j) => references[(i + j) % references.length]!);
    const strange = others.filter((one) => one !== problem.answer);
    return attacksOn(problem, strange, own.readsReference !== false).map((attack) => ({
      problem,
      ...attack,
    }));
  });
  const verdicts = await verifyGroups(
    own,
    items.map(({ problem, texts }) => ({ problem, answers: texts })),
  );
  const right = items.filter((_, i) => verdicts[i]!.every(({ kind }) => kind === "right"));
  return attackNames.flatMap((attack) => {
    const ids = (list: typeof items) =>
      new Set(list.filter(({ name }) => name === attack).map(({ problem }) => problem.id));
    const first = right.find(({ name }) => name === attack);
    const example = first && {
      problem: first.problem.id,
      reference: first.problem.answer,
      text: first.texts[0]!,
    };
    const tried = ids(items).size;
    return tried === 0 ? [] : [{ attack, tried, taken: ids(right).size, example }];
  });
}
