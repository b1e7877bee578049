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
export { type AuditOptions, type AuditReport, type AttackResult, audit } from "./commands/audit/audit.ts";
export { attackMeanings, attackNames } from "./commands/audit/attacks.ts";
export type { AuditedStep, Changed, Rejudged } from "./commands/audit/rejudge.ts";
export { type DoctorContext, type DoctorReport, doctor } from "./commands/doctor/doctor.ts";
export type { CostLine } from "./commands/costs/cost-line.ts";
export { type MeanStep, type MeasuredRun, measuredRun } from "./commands/costs/measured-run.ts";
export { type CostRequest, planCosts } from "./commands/costs/plan-costs.ts";
export { type DryRun, dryRun } from "./commands/doctor/dry-run.ts";
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
export { isSet, presetYaml, printOptions } from "./options/print-options.ts";
export {
  givenOf,
  type OptionSources,
  type ResolvedOptions,
  resolveOptions,
} from "./options/resolve-options.ts";
export { resolveRunOptions } from "./run/run-options.ts";

// What a run tells, and what it gives back
export {
  type EndReason,
  type LoggedEvent,
  type OnEvent,
  type Phase,
  type RequestName,
  requestNames,
  type RunContext,
  type RunEvent,
} from "./run/events.ts";
export { ask, canAsk } from "./run/requests.ts";
export { holderOf } from "./run/run-lock.ts";
export type { RunResult } from "./loop/session/saving.ts";
export type { EvaluateOptions, SftOptions, TrainOptions } from "./loop/session/given-values.ts";

// The pieces of a step, in its order: examples/loop.ts is the loop made of them
// A model: what runs it, and how it reads text
export { type LoadedModel, loadModel } from "./loop/session/load-model.ts";
export { type Locating, locateModel } from "./loop/session/locate-model.ts";
export { type AnyEngineOptions, openEngine } from "./engine/open-engine.ts";
export type { ServerOptions } from "./engine/remote/open-remote.ts";
export type {
  Completion,
  Engine,
  EngineFacts,
  EngineOptions,
  Example,
  Progress,
  Prompt,
  SampledToken,
  SampleWatch,
  Sampling,
  Score,
  Sequence,
  Step,
  UpdateReport,
  Watch,
} from "./engine/engine.ts";
export { reservedVariables } from "./formats/tokenizer/chat-template.ts";
export type { Tokenizer } from "./formats/tokenizer/tokenizer.ts";

// Problems
export { type DataSet, type LoadOptions, loadProblems, type Rows } from "./loop/problems/load.ts";
export { type FieldName, type Fields, readFields } from "./loop/problems/fields.ts";
export { type GeneratorOptions, generators } from "./loop/problems/generators.ts";
export { ShuffledSampler } from "./loop/problems/shuffled-sampler.ts";

// Rollouts, verdicts, groups
export {
  type PromptOptions,
  promptRenderer,
  type RenderedPrompt,
  type RenderPrompt,
} from "./loop/rollouts/prompt.ts";
export { type AskedProblem, type Fitting, fittingProblems } from "./loop/rollouts/filter-prompts.ts";
export { type Drawn, type SampleRolloutsWatch, sampleRollouts } from "./loop/rollouts/sample.ts";
export type {
  Group,
  Judge,
  JudgedRollout,
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
export { type RewardFunction, rewardFunctions } from "./loop/verdicts/reward-functions.ts";
export { judgeOne, openVerifier } from "./loop/verdicts/open-verifier.ts";
export type { Item, OpenedVerifier, VerifierOptions } from "./loop/verdicts/opened-verifier.ts";
export { loadVerifier, readsMaths, readsReference, verifierNames } from "./loop/verdicts/verifiers.ts";
export { type PoolOptions, VerifierPool } from "./loop/verdicts/verifier-pool.ts";
export {
  type GoldOutcome,
  goldOutcome,
  howToTry,
  type Refused,
  refusedReferences,
  type Tried,
  unreadReferences,
} from "./loop/verdicts/gold-answers.ts";
export { grade, modes as gradingModes } from "./loop/verdicts/grade.ts";
export {
  type Case,
  gradeCases,
  printJudgement,
  printReport,
  type Report,
  readCases,
} from "./loop/verdicts/report.ts";

export { differsInScore, isJudged, isMixed, scoreOf, solveRate, toGroup } from "./loop/groups/group.ts";
export {
  type ColumnName,
  type ColumnOptions,
  type Columns,
  type ComparedRollout,
  columnMeanings,
  withColumns,
} from "./loop/groups/columns.ts";
export {
  type AdvantageOptions,
  advantages,
  type OverlongBuffer,
  type RewardStd,
  reward,
  type ScaleRewards,
} from "./loop/groups/advantages.ts";
export { miniBatches, type ScoredRollout, sequenceOf, withScores } from "./loop/groups/examples.ts";

// Objectives, and how their losses and steps are scaled
export type { Metric, Objective, ObjectiveInputs, ObjectiveOutputs } from "./engine/objective.ts";
export { type NftOptions, nft } from "./loop/objectives/nft.ts";
export { rft } from "./loop/objectives/rft.ts";
export type { ClipOptions } from "./loop/objectives/policy-gradient.ts";
export { grpo } from "./loop/objectives/grpo.ts";
export { drGrpo } from "./loop/objectives/dr-grpo.ts";
export { dapo } from "./loop/objectives/dapo.ts";
export { gspo } from "./loop/objectives/gspo.ts";
export { cispo } from "./loop/objectives/cispo.ts";
export { type DpoOptions, dpo } from "./loop/objectives/dpo.ts";
export { naive } from "./loop/objectives/naive.ts";
export { makeObjective, type ObjectiveOptions, objectiveNames } from "./loop/objectives/objectives.ts";
export { type ObjectiveOps, objectiveOps } from "./loop/objectives/objective-ops.ts";
export type { GivenObjective, UserObjective } from "./loop/objectives/load-objective.ts";
export { aggregated, type LossAgg, lossScale, type MiniBatchSize } from "./loop/objectives/aggregation.ts";
export { learntTokens } from "./engine/objective-inputs.ts";
export { learningRateAt, type Schedule } from "./loop/schedule.ts";

// Records: the lines of a run's files, and what is made of them
export {
  type AnswerRecord,
  type AnswerTokens,
  type EvalRecord,
  type Interval,
  isSolveEval,
  type LossEval,
  type RolloutRecord,
  type ShownAnswer,
  type SolveEval,
  type StepRecord,
  type TokenRecord,
  type TokenUpdate,
  type WrongAnswers,
} from "./run/records.ts";
export { endOf, type Followed, follow, START, stampOf } from "./run/follow.ts";
export { type PhaseSpan, phasesOf } from "./run/phases.ts";
export { type Fate, type ProblemHistory, problemHistories } from "./commands/watch/flips.ts";
export { type SinceStart, sinceStart, wordOf } from "./commands/watch/progress.ts";
export { type ComparedAnswer, type ComparedGroup, groupsOf } from "./commands/watch/groups.ts";
export { endInReference, type Reason, reasonsOf, shortestRight } from "./commands/watch/doubts.ts";
export { type StepTime, type TimedPhase, timedPhases, timesOf } from "./commands/watch/times.ts";
export { pushUnder } from "./commands/watch/pushes.ts";
export { type EvalReport, evalTables, type SetMean } from "./commands/evaluation/report.ts";
export type { Comparison, SetComparison } from "./commands/evaluation/paired.ts";
export type { ComparePlan, CompareRequest, PlannedRun } from "./commands/compare/plan.ts";
export type { ComparedRun, CompareResults } from "./commands/compare/results.ts";
export { type CompareSummary, summarize } from "./commands/compare/summary.ts";
export type { Finding } from "./commands/doctor/finding.ts";
export type { Proof } from "./commands/export/proof.ts";
export { type ReadRun, readRun } from "./run/read-run.ts";
export { rolloutGroups } from "./run/rollout-groups.ts";
export { writeWhole } from "./files/atomic-write.ts";
export { type MetricGroup, type MetricRow, metricTable } from "./run/metric-table.ts";
export { pairedDifference } from "./statistics/intervals.ts";

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
