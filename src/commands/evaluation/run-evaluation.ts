/**
 * One model on every data set: asked, judged, kept, chunk by chunk; what is there already is not asked again.
 */
import { VerifierError } from "../../errors.ts";
import type { ModelFiles } from "../../formats/model-files.ts";
import { answer, type Examined, judgedAnswers, solveEval, verdictsOf } from "../../loop/eval-step.ts";
import { verifierFault } from "../../loop/judge-rollouts.ts";
import { formatOf } from "../../loop/rollouts/prompt.ts";
import { fitting, rendererFor } from "../../loop/session/datasets.ts";
import type { Values } from "../../loop/session/given-values.ts";
import { listLeftOut } from "../../loop/session/list-skipped.ts";
import { findModel } from "../../loop/session/load-model.ts";
import { openPolicy } from "../../loop/session/open-policy.ts";
import { shownAnswers } from "../../loop/shown-answers.ts";
import type { LeftOut, Problem } from "../../loop/types.ts";
import type { OpenedVerifier } from "../../loop/verdicts/opened-verifier.ts";
import type { Options } from "../../options/options.ts";
import type { ResultRecord, SolveEval } from "../../run/records.ts";
import type { PhaseProgress, Tell } from "../../run/reporter.ts";
import { type AskedSet, type Identity, identityOf } from "./fingerprint.ts";
import { type Chunk, chunksOf, defaultFolder, openResults, type ResultFolder } from "./result-folder.ts";
import { problemKey } from "./result-lines.ts";

export interface EvalSet {
  readonly name: string;
  readonly problems: readonly Problem[];
  /** Answers to each problem. */
  readonly k: number;
  /** Bad rows. */
  readonly leftOut: readonly LeftOut[];
}

export interface Examiner {
  readonly options: Options;
  /** What the options only name. */
  readonly values: Values;
  readonly sets: readonly EvalSet[];
  readonly verifier: OpenedVerifier;
  readonly tell: Tell;
  readonly signal: AbortSignal | undefined;
}

export interface Measured {
  readonly folder: string;
  readonly identity: Identity;
  /** False where it was stopped before the last answer. */
  readonly finished: boolean;
  /** Of every data set that is whole. */
  readonly records: readonly SolveEval[];
  readonly results: readonly ResultRecord[];
}

/**
 * @param model   as `locateModel` takes it
 * @param opened  its files, where they are open already
 * @param folder  where its answers are kept; left out, `defaultFolder`
 * @throws ModelError, DataError, RunError; VerifierError where too many of a data set's verdicts are errors
 */
export async function measureModel(
  model: string,
  folder: string | undefined,
  { options, values, sets, verifier, tell, signal }: Examiner,
  opened?: ModelFiles,
): Promise<Measured> {
  tell({ kind: "phase", phase: "open", step: 0 });
  const files = opened ?? (await findModel(model, { onEvent: tell, signal }));
  const { engine, tokenizer } = await openPolicy(files, options, { onEvent: tell, signal });
  try {
    const render = rendererFor(tokenizer, options, tell);
    const asked = sets.map((set) => ({ k: set.k, ...fitting(set, render, engine, options, tell) }));
    const identity = await identityOf(files, options, formatOf(tokenizer, options), asked, values.verifier);
    const keys = asked.flatMap((set) => set.asked.map(({ problem }) => problemKey(problem)));
    const place = folder ?? defaultFolder(model, identity);
    const kept = await openResults(place, identity, options, keys);
    try {
      await listLeftOut(
        kept.folder,
        [...sets, ...asked].flatMap(({ leftOut }) => leftOut),
        tell,
      );
      if (kept.done.length > 0)
        tell({
          kind: "note",
          text: `${kept.folder}: ${kept.done.length} of ${keys.length} problems are there`,
        });
      const examined = { options, engine, tokenizer, verifier, tell };
      return { identity, ...(await askAll(examined, asked, chunksOf(identity), kept, signal)) };
    } finally {
      await kept.close();
    }
  } finally {
    await engine.close();
  }
}

async function askAll(
  examined: Examined,
  sets: readonly AskedSet[],
  chunks: readonly Chunk[],
  kept: ResultFolder,
  signal: AbortSignal | undefined,
): Promise<Omit<Measured, "identity">> {
  const { tell } = examined;
  const results = [...kept.done];
  const records: SolveEval[] = [];
  const total = sets.reduce((sum, { asked, k }) => sum + asked.length * k, 0);
  let done = 0;
  let passed = 0;
  for (const [at, set] of sets.entries()) {
    const began = performance.now();
    const own = kept.done.slice(passed, passed + set.asked.length);
    passed += set.asked.length;
    done += own.length * set.k;
    const left = chunks.filter((chunk) => chunk.set === at && chunk.from >= own.length);
    for (const chunk of left) {
      if (signal?.aborted === true) return { folder: kept.folder, finished: false, records, results };
      const fresh = await tell.timed("eval", 0, (progress) =>
        askChunk(examined, set, chunk, own, (ended) => progress(done + ended, total)),
      );
      await refuseTooManyErrors(examined, set, [...own, ...fresh], () => kept.setAside(fresh));
      await kept.append(fresh);
      own.push(...fresh);
      results.push(...fresh);
      done += fresh.length * set.k;
    }
    const answers = own.map((result) => result.answers);
    const seconds = (performance.now() - began) / 1000;
    const record = await solveEval(examined, set.name, 0, set.k, answers, seconds);
    records.push(record);
    tell({ kind: "eval", step: 0, record, answers: shownAnswers(judgedAnswers(set.asked, answers)) });
  }
  return { folder: kept.folder, finished: true, records, results };
}

async function askChunk(
  examined: Examined,
  { name, k, asked }: AskedSet,
  { from, to }: Chunk,
  before: readonly ResultRecord[],
  progress: PhaseProgress,
): Promise<ResultRecord[]> {
  const drawn = asked.slice(from, to).map((problem, i) => ({ ...problem, draw: from + i }));
  const bearable = examined.options.maxVerifierErrorRate * asked.length * k;
  const answers = await answer(examined, drawn, k, bearable - errorsIn(before), progress);
  return drawn.map(({ problem }, i) => ({
    dataset: name,
    problem: problem.id,
    key: problemKey(problem),
    reference: problem.answer,
    answers: answers[i]!,
  }));
}

function errorsIn(results: readonly ResultRecord[]): number {
  return results.flatMap(({ answers }) => answers).filter(({ verdict }) => verdict === "error").length;
}

/**
 * @param results   of the data set, so far
 * @param setAside  keeps what was asked last
 * @throws VerifierError where more verdicts are errors than the whole data set may have
 */
async function refuseTooManyErrors(
  { verifier, options }: Pick<Examined, "verifier" | "options">,
  { name, k, asked }: AskedSet,
  results: readonly ResultRecord[],
  setAside: () => Promise<string>,
): Promise<void> {
  const { maxVerifierErrorRate, outputDir } = options;
  if (errorsIn(results) <= maxVerifierErrorRate * asked.length * k) return;
  const verdicts = verdictsOf(results.flatMap(({ answers }) => answers));
  const fault = verifierFault(verifier.name, verdicts, maxVerifierErrorRate);
  if (fault === undefined) return;
  const mended =
    outputDir === undefined ? "the same command begins in a new folder" : "begin in another output_dir";
  throw new VerifierError({
    where: `${fault.where} on ${name}`,
    expected: fault.expected,
    got: fault.got,
    next: `Errors are no answers, and rates of what is left would mislead; ${await setAside()} shows the last of them. ${
      verifier.isBuiltIn
        ? "Mend the problems' references, or give it more time with verifier_timeout_ms."
        : `Mend the verifier; then ${mended}, as its earlier verdicts are not mixed with new ones.`
    }`,
  });
}
