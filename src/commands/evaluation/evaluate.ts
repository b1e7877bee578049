/**
 * `errata eval`: a model on held-out problems, on one data set or several, beside another model where one is named.
 *
 *   data sets  →  answers, kept in a folder  →  rates, differences, one table
 */
import { join } from "node:path";
import type { ModelFiles } from "../../formats/model-files.ts";
import { loadProblems } from "../../loop/problems/load.ts";
import { today } from "../../loop/rollouts/prompt.ts";
import { checkGoldAnswers } from "../../loop/session/checks.ts";
import { checkAnswers, loading } from "../../loop/session/datasets.ts";
import {
  checkValues,
  type EvaluateOptions,
  takeValues,
  type Values,
} from "../../loop/session/given-values.ts";
import type { Locating } from "../../loop/session/locate-model.ts";
import { modelName } from "../../loop/session/model-name.ts";
import { verifierOf } from "../../loop/session/train-session.ts";
import { type EvalSource, evalSources } from "../../options/eval-sources.ts";
import { readConfig } from "../../options/option-sources.ts";
import type { Options } from "../../options/options.ts";
import { resolveOptions } from "../../options/resolve-options.ts";
import { checkContext } from "../../run/check-context.ts";
import type { RunContext } from "../../run/events.ts";
import { type Tell, teller } from "../../run/reporter.ts";
import { isEvaluation, optionsPath } from "../../run/run-folder.ts";
import { checkCompareWith } from "./compare-with.ts";
import { unlike } from "./fingerprint-diff.ts";
import { keptComparison } from "./kept-comparison.ts";
import { type Comparison, compareResults } from "./paired.ts";
import { type EvalReport, meanOf, writeReport } from "./report.ts";
import { type EvalSet, type Examiner, type Measured, measureModel } from "./run-evaluation.ts";

/**
 * Measures a model. Stopped or killed, the same call goes on with what is missing, to the same results.
 *
 * @throws OptionError, DataError, ModelError, RunError, VerifierError
 */
export async function evaluate(given: EvaluateOptions, context: RunContext = {}): Promise<EvalReport> {
  checkContext("evaluate", context, ["onEvent", "signal"]);
  const tell = teller(context.onEvent);
  const taken = takeValues(given);
  const { dataset, ...others } = taken.values;
  const values: Values = dataset === undefined ? others : { evalDataset: dataset, ...others };
  const { options: asked, notes } = resolveOptions("eval", { given: taken.options });
  const options = {
    ...asked,
    chatTemplateDate: asked.chatTemplateDate ?? dayBegun(asked.outputDir) ?? today(),
  };
  checkValues(options, values);
  for (const text of notes) tell({ kind: "note", text });
  const locating = { onEvent: tell, signal: context.signal };
  const sets = await loadSets(evalSources(options), options, locating, values);
  const named = await checkCompareWith(options, sets, locating);
  const verifier = await verifierOf(options, values.verifier);
  try {
    for (const set of sets) {
      checkAnswers(set, verifier);
      await checkGoldAnswers(verifier, set, tell);
    }
    const examiner = { options, values, sets, verifier, tell, signal: context.signal };
    const own = await measureModel(options.model, options.outputDir, examiner);
    const alone = await reportOf(own, options);
    if (!own.finished) return alone;
    // before the other is measured and compared with: whatever comes of that, this is there
    await writeReport(alone);
    if (options.compareWith === undefined) {
      const { with: earlier } = alone.comparison ?? {};
      if (earlier !== undefined)
        tell({ kind: "note", text: `the comparison with ${earlier} is from before` });
      return alone;
    }
    const other =
      named !== undefined && "results" in named
        ? named
        : await measureOther(options.compareWith, own, examiner, named);
    if ("finished" in other && !other.finished) return { ...alone, finished: false };
    const report = { ...alone, comparison: compared(options.compareWith, own, other, tell) };
    await writeReport(report);
    return report;
  } finally {
    await verifier.close();
  }
}

/** The day that an evaluation in this folder tells chat templates; undefined where none was begun. */
function dayBegun(folder: string | undefined): string | undefined {
  if (folder === undefined || !isEvaluation(folder)) return undefined;
  const kept = readConfig(optionsPath(folder)).find(({ key }) => key === "chat_template_date")?.value;
  return typeof kept === "string" ? kept : undefined;
}

/** What is to be said of the model itself, and what its folder says of another already. */
async function reportOf({ folder, finished, records }: Measured, options: Options): Promise<EvalReport> {
  const mean = finished ? meanOf(records) : undefined;
  const comparison = finished ? await keptComparison(folder) : undefined;
  return {
    ...{ folder, finished, model: options.model, verifier: options.verifier, sets: records },
    ...(mean === undefined ? {} : { mean }),
    ...(comparison === undefined ? {} : { comparison }),
  };
}

/** Every data set, under a name that no other has. */
async function loadSets(
  sources: readonly EvalSource[],
  options: Options,
  locating: Locating,
  { evalDataset: rows }: Values,
): Promise<EvalSet[]> {
  const sets: (EvalSet & EvalSource)[] = [];
  for (const { source, k } of sources) {
    const loaded = await loadProblems(rows ?? source, loading(options, "test", locating));
    const { name, problems, notices, leftOut } = loaded;
    for (const text of notices) locating.onEvent?.({ kind: "warning", text });
    sets.push({ source, k, name, problems, leftOut });
  }
  return sets.map(({ source, name, problems, k, leftOut }) => {
    const shared = sets.filter((other) => other.name === name).length > 1;
    return { name: shared ? source : name, problems, k, leftOut };
  });
}

/** The other model's answers to the same problems, kept where its own evaluation would be, or inside a named folder. */
async function measureOther(
  other: string,
  own: Measured,
  examiner: Examiner,
  opened: ModelFiles | undefined,
): Promise<Measured> {
  const { options, tell } = examiner;
  tell({ kind: "note", text: `beside it ${other}, on the same problems` });
  const inside = join(own.folder, `compare-with-${modelName(other)}`);
  return measureModel(other, options.outputDir === undefined ? undefined : inside, examiner, opened);
}

function compared(
  named: string,
  own: Measured,
  other: Pick<Measured, "identity" | "results">,
  tell: Tell,
): Comparison {
  const differing = unlike(own.identity, other.identity);
  if (differing !== undefined)
    tell({ kind: "warning", text: `${named} was measured otherwise: ${differing}` });
  const names = own.records.map(({ dataset }) => dataset);
  const comparison = compareResults(named, names, own.results, other.results);
  for (const { dataset, problems } of own.records) {
    const both = comparison.sets.find((set) => set.dataset === dataset)?.problems ?? 0;
    if (both < problems)
      tell({ kind: "warning", text: `${dataset}: ${named} is compared on ${both} of ${problems} problems` });
  }
  return comparison;
}
