/**
 * Every number that a run's steps.jsonl and evals.jsonl may hold: its unit, what it means, where it is healthy
 * and what to do where it is not. `docs/metrics.md` is printed from this table.
 *
 * An objective of one's own adds the metrics that it returns, under names of its own.
 */
export interface MetricRow {
  /** As it stands in the file: a key of `metrics`, or in evals.jsonl of the line itself. */
  readonly key: string;
  readonly unit: string;
  /** In one sentence. */
  readonly means: string;
  /** In words; left out where it depends on the task alone. */
  readonly healthy?: string;
  /** What to do outside of that. */
  readonly act?: string;
}

export interface MetricGroup {
  readonly title: string;
  readonly file: "steps.jsonl" | "evals.jsonl";
  readonly rows: readonly MetricRow[];
}

const SHARE = "share, 0 to 1";
const SECONDS = "s";

/** The mean, least and greatest of one quantity. */
const spread = (
  key: string,
  unit: string,
  of: string,
  more: Pick<MetricRow, "healthy" | "act"> = {},
): readonly MetricRow[] => [
  { key: `${key}/mean`, unit, means: `Mean ${of}.`, ...more },
  { key: `${key}/min`, unit, means: `Least ${of}.` },
  { key: `${key}/max`, unit, means: `Greatest ${of}.` },
];

// biome-ignore format: a table reads by rows
export const metricTable: readonly MetricGroup[] = [
  { title: "How far the run is", file: "steps.jsonl", rows: [
    { key: "train/global_step", unit: "steps", means: "Steps taken, with this one." },
    { key: "train/epoch", unit: "passes", means: "Problems drawn so far, divided by the problems there are.", healthy: "below 10 or so", act: "Bring more problems: what is seen many times is learnt by heart; watch held-out problems." },
    { key: "train/num_rollouts", unit: "answers", means: "Answers sampled so far." },
    { key: "train/num_tokens", unit: "tokens", means: "Tokens sampled so far; in sft, tokens learnt from." },
  ] },
  { title: "Whether it answers better", file: "steps.jsonl", rows: [
    { key: "train/acc_all", unit: SHARE, means: "Right answers among those judged, of all that were sampled in the step (with screening_generations, of the first to each problem).", healthy: "rises over tens of steps; a single step says little", act: "At 0, begin with a cold start (`errata sft`) or easier problems; near 1, bring harder ones." },
    { key: "train/acc_selected", unit: SHARE, means: "The same of the groups that were learnt from.", healthy: "between 0.2 and 0.8, near 0.5 for most to learn", act: "Near 0 or 1 the groups teach little: bring easier or harder problems, or raise num_generations." },
  ] },
  { title: "Groups", file: "steps.jsonl", rows: [
    { key: "train/num_gen_batches", unit: "rounds", means: "Rounds of sampling the step took to find its groups.", healthy: "1 to 3", act: "Many rounds mean that most problems teach nothing: see `groups/solved_none` and `groups/solved_all`." },
    { key: "groups/sampled", unit: "groups", means: "Problems that were asked." },
    { key: "groups/kept", unit: "groups", means: "Groups that were learnt from.", healthy: "prompts_per_step", act: "Fewer mean that rounds ran out: change the problems, or raise filter_groups.max_num_gen_batches." },
    { key: "groups/solved_none", unit: SHARE, means: "Groups without a right answer, of those with a verdict.", healthy: "below 0.5", act: "Easier problems, a cold start, more num_generations, or a longer max_completion_length where answers are cut off." },
    { key: "groups/solved_some", unit: SHARE, means: "Groups with right and wrong answers, of those with a verdict.", healthy: "above 0.2", act: "As for `groups/solved_none` and `groups/solved_all`, whichever is high." },
    { key: "groups/predicted_solved_some", unit: SHARE, means: "What problem_selection predicted for `groups/solved_some`: the mean chance, over the problems it chose, that answers of both kinds are among those that each is given first.", healthy: "within 0.1 of `groups/solved_some`, over tens of steps", act: "Far above, the model or the verifier has changed: the predictions follow within some tens of steps." },
    { key: "groups/solved_all", unit: SHARE, means: "Groups without a wrong answer, of those with a verdict.", healthy: "below 0.5", act: "Harder problems." },
    { key: "groups/solved_some/low", unit: SHARE, means: "Groups with a solve rate over 0 and up to 1/3, of those with a verdict." },
    { key: "groups/solved_some/middle", unit: SHARE, means: "Groups with a solve rate over 1/3 and up to 2/3, of those with a verdict." },
    { key: "groups/solved_some/high", unit: SHARE, means: "Groups with a solve rate over 2/3 and below 1, of those with a verdict." },
    { key: "groups/effective_ratio", unit: SHARE, means: "Groups that teach, of all that were sampled: those with right and wrong answers, or with different rewards where the objective reads those; the line on the screen has it as `mixed`.", healthy: "above 0.2", act: "As for `groups/solved_none` and `groups/solved_all`, whichever is larger." },
    { key: "groups/answers_per_kept", unit: "answers", means: "Answers sampled for each answer learnt from; only where something was learnt.", healthy: "below 3", act: "screening_generations, or problems nearer to what the model can do." },
    ...spread("groups/solve_rate", SHARE, "solve rate of the groups that were learnt from", { healthy: "near 0.5" }),
  ] },
  { title: "Prompts and answers", file: "steps.jsonl", rows: [
    ...spread("prompt_length", "tokens", "length of the prompts"),
    ...spread("response_length", "tokens", "length of the answers", { healthy: "steady, or moving slowly", act: "A fall to a few tokens or a climb to the limit, with accuracy falling, is collapse: go back to an earlier checkpoint and lower learning_rate." }),
    { key: "response_length/clip_ratio", unit: SHARE, means: "Answers cut off at max_completion_length; they are wrong.", healthy: "below 0.1", act: "Raise max_completion_length, or ask for shorter answers." },
    { key: "response_length/right", unit: "tokens", means: "Mean length of right answers to problems that were solved in part.", healthy: "near `response_length/wrong`", act: "Where right answers are far shorter, read some: a trick is often short (`errata show`)." },
    { key: "response_length/wrong", unit: "tokens", means: "The same of wrong answers.", healthy: "near `response_length/right`", act: "Where wrong answers are far longer, they may be cut off: raise max_completion_length." },
    { key: "response_alike/right", unit: SHARE, means: "Right answers in the words of a right answer to a problem with another reference.", healthy: "near 0", act: "Where its interval lies above 0.1 the run warns: the verifier may take a trick for an answer. `errata show` has the answers, `errata verify --audit` tries the judge." },
    { key: "response_alike/wrong", unit: SHARE, means: "The same of wrong answers: how far the model says one thing whatever is asked.", healthy: "near 0", act: "Near 1 the model says one thing whatever is asked: begin with a cold start (`errata sft`) or an earlier checkpoint." },
    { key: "stop_reason/eos", unit: SHARE, means: "Answers that ended by themselves.", healthy: "above 0.9", act: "As for `response_length/clip_ratio`." },
    { key: "stop_reason/length", unit: SHARE, means: "Answers that did not; as `response_length/clip_ratio`.", healthy: "below 0.1" },
  ] },
  { title: "Verdicts", file: "steps.jsonl", rows: [
    { key: "verifier/error_rate", unit: SHARE, means: "Verdicts that are errors: the verifier crashed, ran out of time or could not read the reference.", healthy: "0", act: "Read their `because` in rollouts.jsonl, and try `errata check`; above max_verifier_error_rate the run stops." },
    { key: "verifier/turned_rate", unit: SHARE, means: "Verdicts that verifier_noise turned about; only where it did.", act: "It is an experiment: take verifier_noise away to learn from what is right." },
    ...spread("critic/score", "0 to 1", "score of an answer, where the verifier gives one", { healthy: "rises over tens of steps" }),
  ] },
  { title: "Sampling against learning", file: "steps.jsonl", rows: [
    { key: "sampling/logp_difference/mean", unit: "nats", means: "Mean distance between a token's log-probability as it was sampled and as the engine that learns scores it, over the answers that were scored.", healthy: "below 1e-3 here; with rollout_precision int8 below 0.1", act: "More means that two different policies sample and learn: report it, or set rollout_precision to float32." },
    { key: "sampling/logp_difference/max", unit: "nats", means: "The greatest of these distances.", healthy: "below 1e-3 here, but with rollout_precision int8", act: "As for its mean; one token apart is enough to stop a run at its first update, but with int8." },
    { key: "sampling/logp_difference/p99", unit: "nats", means: "What 99 of 100 of these distances are below, over the step's first mini-batch; with rollout_precision int8 alone, as the next.", healthy: "below 0.5", act: "As for the effective share." },
    { key: "sampling/effective_share", unit: SHARE, means: "How many tokens the step's first mini-batch is worth to the policy that learns, for each that the one of eight bits sampled: (Σ w)² / (n Σ w²), w being new over old probability.", healthy: "above 0.95", act: "Below 0.9 the run warns: eight bits are too coarse for this model. Begin anew without rollout_precision." },
  ] },
  { title: "The update", file: "steps.jsonl", rows: [
    { key: "actor/loss", unit: "the objective's", means: "Mean over the step's updates of the loss, each before its update.", healthy: "near 0 in the policy-gradient family; no measure of success in any but sft", act: "Judge by held-out accuracy, not by this." },
    { key: "actor/grad_norm", unit: "norm", means: "Mean over the step's updates of the gradient's norm, before it is clipped.", healthy: "steady, mostly below max_grad_norm", act: "Spikes that last: lower learning_rate. Exactly 0: nothing is learnt." },
    { key: "actor/grad_norm/max", unit: "norm", means: "The greatest of these norms.", healthy: "below some 10 times the mean", act: "Lower learning_rate, or max_grad_norm." },
    { key: "actor/update_norm", unit: "norm", means: "Mean over the step's updates of how far the weights moved.", healthy: "above 0, and in proportion to the learning rate", act: "0 means that nothing was learnt; a jump, that learning_rate is too high." },
    { key: "actor/entropy", unit: "nats a token", means: "Mean entropy of the policy over the tokens learnt from, before each update.", healthy: "falls slowly, and stays above a tenth of where it began", act: "A fast fall to 0 is collapse, a rise is noise: lower learning_rate." },
    { key: "actor/lr", unit: "a step", means: "The learning rate of this step.", healthy: "as lr_scheduler_type says" },
    { key: "actor/updates", unit: "updates", means: "Optimizer steps in this step.", healthy: "prompts_per_step / mini_batch_size × num_iterations, where all groups were found", act: "Fewer mean that groups were missing: see `groups/kept`." },
    { key: "actor/answers", unit: "answers", means: "Answers learnt from." },
    { key: "actor/tokens", unit: "tokens", means: "Tokens learnt from, in sft." },
  ] },
  { title: "Objectives: nft and rft", file: "steps.jsonl", rows: [
    { key: "nft/pos_loss", unit: "nats", means: "Mean over tokens of right answers of −log R, before a problem's weight; R is the new probability divided by the old.", healthy: "0 or a little below", act: "Well above 0, right answers are becoming less likely: lower learning_rate." },
    { key: "nft/neg_loss", unit: "nats", means: "Mean over tokens of wrong answers of −log of the implied negative ratio, which is held to clamp_negative at least.", healthy: "near 0" },
    { key: "nft/neg_clamp_frac", unit: SHARE, means: "Tokens of wrong answers whose implied negative ratio lies below clamp_negative: their loss no longer grows, their gradient goes on.", healthy: "at the default of 1, near 0.5 and below" },
    { key: "nft/implicit_neg_ratio/mean", unit: "ratio", means: "Mean of (1 − q·R) / (1 − q) over tokens of wrong answers, q being the group's solve rate: how far the policy that is implied for wrong answers has moved.", healthy: "near 1" },
    { key: "nft/implicit_neg_ratio/min", unit: "ratio", means: "The least of these; below 0 the implied policy is none.", healthy: "above 0", act: "Lower learning_rate, or make mini-batches larger: the policy moves far within a step." },
    { key: "nft/ratio_right/mean", unit: "ratio", means: "Mean of R over tokens of right answers.", healthy: "1 or a little above" },
    { key: "nft/ratio_wrong/mean", unit: "ratio", means: "Mean of R over tokens of wrong answers.", healthy: "1 or a little below" },
  ] },
  { title: "Objectives: grpo, dr_grpo, dapo, gspo, cispo", file: "steps.jsonl", rows: [
    { key: "actor/ppo_kl", unit: "nats", means: "Mean over tokens of log π_old − log π_new.", healthy: "within ±0.05", act: "Lower learning_rate, or make fewer updates of a step." },
    { key: "actor/ratio/min", unit: "ratio", means: "Least ratio of new to old probability, of tokens or in gspo of answers.", healthy: "above 0.1" },
    { key: "actor/ratio/max", unit: "ratio", means: "Greatest ratio of new to old probability, of tokens or in gspo of answers.", healthy: "below 10", act: "Lower learning_rate, or make fewer updates of a step." },
    { key: "actor/clip_ratio/low_mean", unit: SHARE, means: "Tokens whose ratio lies below 1 − epsilon.", healthy: "below 0.1; in gspo, whose clip is narrow, more" },
    { key: "actor/clip_ratio/high_mean", unit: SHARE, means: "Tokens whose ratio lies above 1 + epsilon_high.", healthy: "below 0.1; in gspo, whose clip is narrow, more" },
    { key: "actor/pg_clipfrac", unit: SHARE, means: "Tokens that the clip takes the gradient of.", healthy: "below 0.1; in gspo, whose clip is narrow, more", act: "Lower learning_rate, or widen epsilon and epsilon_high." },
  ] },
  { title: "Objectives: dpo", file: "steps.jsonl", rows: [
    { key: "dpo/score_right/mean", unit: "beta × nats", means: "Mean over right answers of beta times the sum of their tokens' log R.", healthy: "above that of wrong answers" },
    { key: "dpo/score_wrong/mean", unit: "beta × nats", means: "The same of wrong answers.", healthy: "below that of right answers", act: "Where both fall, set rpo_alpha." },
    { key: "dpo/share_right/mean", unit: SHARE, means: "Mean over right answers of the weight each has in the softmax of its group.", healthy: "rises within a step" },
  ] },
  { title: "Objectives: naive", file: "steps.jsonl", rows: [
    { key: "naive/log_ratio_right/mean", unit: "nats", means: "Mean of log R over tokens of right answers.", healthy: "0 or a little above" },
    { key: "naive/log_ratio_wrong/mean", unit: "nats", means: "Mean of log R over tokens of wrong answers, which has no bound below.", healthy: "within −1 and 0", act: "Lower neg_weight, or use nft, whose wrong answers have a floor." },
  ] },
  { title: "Supervised fine-tuning", file: "steps.jsonl", rows: [
    { key: "sft/nats_per_token", unit: "nats a token", means: "Mean −log probability of the solutions' tokens, before the update.", healthy: "falls", act: "Falling here and rising in evals.jsonl is learning by heart: fewer passes, more examples." },
  ] },
  { title: "Work and time", file: "steps.jsonl", rows: [
    { key: "perf/tokens", unit: "tokens", means: "Tokens sampled in the step." },
    { key: "perf/tokens_discarded", unit: "tokens", means: "Tokens of groups that were not learnt from.", healthy: "below half of `perf/tokens`", act: "As for `groups/effective_ratio`." },
    { key: "perf/throughput", unit: "tokens/s", means: "Tokens sampled (in sft: learnt from), divided by the whole step's seconds.", healthy: "steady", act: "A fall while answers do not grow longer means that something else uses the processor, or memory is swapped." },
    { key: "perf/max_memory_gb", unit: "GB", means: "The most memory that the process has held so far.", healthy: "below what the machine has", act: "Lower micro_batch_tokens or max_answers_in_flight." },
    { key: "perf/flops", unit: "operations", means: "Floating-point operations of matrix products in the step, counted from the programs." },
    { key: "perf/flops/gen", unit: "operations", means: "Those of sampling." },
    { key: "perf/flops/old_log_prob", unit: "operations", means: "Those of scoring the sampled answers." },
    { key: "perf/flops/update_actor", unit: "operations", means: "Those of the updates." },
    { key: "timing_s/gen", unit: SECONDS, means: "Sampling.", healthy: "most of `timing_s/step`", act: "Shorten max_completion_length where few answers need it, or raise max_answers_in_flight." },
    { key: "timing_s/verify", unit: SECONDS, means: "Verdicts.", healthy: "far below `timing_s/gen`", act: "Raise verifier_workers, or make the verifier faster." },
    { key: "timing_s/old_log_prob", unit: SECONDS, means: "Scoring sampled answers with the policy before the update: one group, to check the log-probs it was sampled with, or all.", healthy: "a tenth of `timing_s/update_actor` or less; a third where recompute_logprobs is true", act: "If all are scored although recompute_logprobs is false, sampling and scoring disagree: look at `sampling/logp_difference/max`." },
    { key: "timing_s/update_actor", unit: SECONDS, means: "The updates.", healthy: "steady", act: "A rise with steady lengths means that memory is short: lower micro_batch_tokens." },
    { key: "timing_s/token_records", unit: SECONDS, means: "Scoring a few groups once more after the updates, for tokens.jsonl.", healthy: "below a hundredth of `timing_s/step`", act: "Set logged_groups lower; 0 is none." },
    { key: "timing_s/step", unit: SECONDS, means: "The whole step, without the evaluation and the checkpoint that may follow it.", healthy: "steady", act: "Look which of its phases grew." },
  ] },
  { title: "Evaluations", file: "evals.jsonl", rows: [
    { key: "kind", unit: "word", means: "`solve`: answers sampled and judged; `loss`: worked solutions read, in sft." },
    { key: "step", unit: "steps", means: "Steps taken before; 0 is the model as it came." },
    { key: "asked", unit: "true", means: "Somebody asked for this evaluation while the run was at work (`errata tell`); others lack it." },
    { key: "dataset", unit: "name", means: "The held-out problems." },
    { key: "problems", unit: "problems", means: "How many they are.", healthy: "200 or more", act: "With few the interval is wide: differences within it are no differences." },
    { key: "k", unit: "answers", means: "Answers to each problem." },
    { key: "temperature", unit: "number", means: "Divides the logits; 0 takes the likeliest token." },
    { key: "topP", unit: SHARE, means: "As the option eval_top_p." },
    { key: "topK", unit: "tokens", means: "As the option eval_top_k." },
    { key: "avgAtK", unit: SHARE, means: "Mean over problems of the share of right answers, with its 95 % interval.", healthy: "rises", act: "This is the number to judge a run by." },
    { key: "passAtK", unit: SHARE, means: "Share of problems with a right answer among k, with its 95 % interval.", healthy: "does not fall while avgAtK rises", act: "A fall means that the model keeps fewer ways to an answer: stop earlier." },
    { key: "passAt", unit: SHARE, means: "The same of 1, 2, 4, … and k answers, estimated without bias from all k, with intervals that hold all at once in 95 % of samples." },
    { key: "majAtK", unit: SHARE, means: "Share of problems whose commonest answer is right, with its 95 % interval; only where the verifier says what it read." },
    { key: "sinceStart", unit: "−1 to 1", means: "Change of avgAtK since the run's first evaluation, problem by problem, with its 95 % interval.", healthy: "its whole interval above 0", act: "An interval with 0 in it says nothing yet: more problems, more steps." },
    { key: "verifierErrors", unit: "answers", means: "Answers without a verdict; no rate counts them.", healthy: "0" },
    { key: "truncated", unit: "answers", means: "Answers cut off at max_completion_length; they are wrong.", healthy: "below a tenth", act: "Raise max_completion_length." },
    { key: "ambiguous", unit: "answers", means: "Wrong answers that may mean two things, one of them the reference (`5 M`, `£5`, `1,5`), as the verifier says.", healthy: "few", act: "Read them in results.jsonl or rollouts.jsonl; ask in the prompt for the form that is meant." },
    { key: "meanTokens", unit: "tokens", means: "Mean length of the answers." },
    { key: "entropy", unit: "nats a token", means: "Mean over the answers' tokens of the entropy each was drawn from.", healthy: "as `actor/entropy`" },
    { key: "right", unit: "answers", means: "Right answers to each problem, in the data set's order." },
    { key: "judged", unit: "answers", means: "Answers to each problem that have a verdict." },
    { key: "loss", unit: "nats a token", means: "Mean −log probability of the held-out solutions' tokens, in sft.", healthy: "falls", act: "Rising while `sft/nats_per_token` falls: fewer passes." },
    { key: "seconds", unit: SECONDS, means: "What the evaluation took." },
  ] },
];
