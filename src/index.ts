// biome-ignore-all assist/source/organizeImports: in the order of the flow
/**
 * The public API, in the order of the flow. The command uses this and nothing else from inside, each thing from
 * the module that has it, so that it loads what it runs.
 */

// What is run
export { type TrainResult, train } from "./loop/train.ts";
export { type SftResult, sft } from "./loop/sft.ts";
export { evaluate } from "./commands/evaluation/evaluate.ts";
export {
  type CompareContext,
  type CompareResult,
  compare,
  writeComparison,
} from "./commands/compare/compare.ts";
export { drawRun } from "./commands/plots/run-curve.ts";
export { type DoctorContext, type DoctorReport, doctor } from "./commands/doctor/doctor.ts";
export { type Plan, plan } from "./commands/doctor/plan.ts";
export { type ExportContext, type Exported, exportModel } from "./commands/export/export.ts";
export { type Answer, Chat, type Listening } from "./commands/chat/chat.ts";
export {
  type AnswerDelta,
  type CompletionRequest,
  type Prepared,
  Responder,
} from "./commands/chat/responder.ts";

// Options: one table for the command, YAML files and callers
export {
  type Command,
  defaultOf,
  flagOf,
  type GivenOptions,
  type OptionRow,
  type Options,
  type OptionValue,
  optionTable,
  rowsOf,
  type Section,
  sections,
} from "./options/options.ts";
export { isSetting } from "./options/option-sources.ts";
export { aliasesOf } from "./options/option-names.ts";
export { takes } from "./options/option-values.ts";
export { isRead, learnerOf } from "./options/read-by-algorithm.ts";
export { algorithmOptions } from "./loop/session/algorithm-options.ts";
export { defaultText } from "./loop/session/default-text.ts";
export { type Preset, presetOf, presets } from "./options/presets.ts";
export { presetYaml, printOptions } from "./options/print-options.ts";
export { type OptionSources, type ResolvedOptions, resolveOptions } from "./options/resolve-options.ts";
export { resolveRunOptions } from "./run/run-options.ts";

// What a run tells, and what it gives back
export type { EndReason, OnEvent, Phase, RunContext, RunEvent } from "./run/events.ts";
export type { RunResult } from "./loop/session/saving.ts";
export type { EvaluateOptions, SftOptions, TrainOptions } from "./loop/session/given-values.ts";

// Problems
export { type DataSet, type LoadOptions, loadProblems, type Rows } from "./loop/problems/load.ts";
export { type FieldName, type Fields, readFields } from "./loop/problems/fields.ts";
export { type GeneratorOptions, generators } from "./loop/problems/generators.ts";

// Rollouts, verdicts, groups
export type {
  Group,
  Judge,
  LeftOut,
  Message,
  Problem,
  Rollout,
  Verdict,
  Verifier,
  Vote,
} from "./loop/types.ts";
export { equal, verify } from "./maths/verify.ts";
export type { Judgement, MathOptions } from "./maths/judgement.ts";
export type { UserVerifier } from "./loop/verdicts/as-verifier.ts";
export { judgeOne, openVerifier } from "./loop/verdicts/open-verifier.ts";
export type { Item, OpenedVerifier, VerifierOptions } from "./loop/verdicts/opened-verifier.ts";
export { loadVerifier, readsMaths, verifierNames } from "./loop/verdicts/verifiers.ts";
export { type PoolOptions, VerifierPool } from "./loop/verdicts/verifier-pool.ts";
export { type Refused, refusedReferences, unreadReferences } from "./loop/verdicts/gold-answers.ts";
export { grade, modes as gradingModes } from "./loop/verdicts/grade.ts";
export {
  type Case,
  gradeCases,
  printJudgement,
  printReport,
  type Report,
  readCases,
} from "./loop/verdicts/report.ts";

// Objectives
export { objectiveNames } from "./loop/objectives/objectives.ts";
export type { ObjectiveOps } from "./loop/objectives/objective-ops.ts";
export type { GivenObjective, UserObjective } from "./loop/objectives/load-objective.ts";

// Records: the lines of a run's files, and what is made of them
export type {
  EvalRecord,
  Interval,
  LossEval,
  RolloutRecord,
  ShownAnswer,
  SolveEval,
  StepRecord,
  WrongAnswers,
} from "./run/records.ts";
export { type EvalReport, evalTables, type SetMean } from "./commands/evaluation/report.ts";
export type { Comparison, SetComparison } from "./commands/evaluation/paired.ts";
export type { ComparePlan, CompareRequest, PlannedRun } from "./commands/compare/plan.ts";
export type { ComparedRun, CompareResults } from "./commands/compare/results.ts";
export { type CompareSummary, summarize } from "./commands/compare/summary.ts";
export type { Finding } from "./commands/doctor/finding.ts";
export type { Proof } from "./commands/export/proof.ts";
export { type ReadRun, readRun } from "./run/read-run.ts";

// Errors
export {
  ContextError,
  DataError,
  EngineError,
  ErrataError,
  HubError,
  InternalError,
  ModelError,
  OptionError,
  RunError,
  ShapeError,
  VerifierError,
} from "./errors.ts";
export { version } from "./version.ts";
