/**
 * A step of these options: its work measured on the real model, then multiplied, with the arithmetic shown.
 */
import { trainedCount } from "../../engine/embedded/memory.ts";
import type { Engine } from "../../engine/engine.ts";
import { objectiveOf } from "../../loop/session/build-objective.ts";
import { openPolicy } from "../../loop/session/open-policy.ts";
import type { AnyOptions, Incomplete } from "../../options/options.ts";
import type { ExaminedData } from "./data.ts";
import type { Disk } from "./disk.ts";
import { estimateRun, estimateStep, type MeanLengths, type Speeds, type StepEstimate } from "./estimate.ts";
import { digits, type OnFinding, problemOf, size, time } from "./finding.ts";
import { type LearningSpeed, measureLearning } from "./measure-learning.ts";
import { measureSampling, type SamplingSpeed } from "./measure-sampling.ts";
import { examineMemory } from "./memory.ts";
import { type Lengths, runBatches } from "./memory-plan.ts";
import { type ExaminedModel, QUESTION } from "./model.ts";

/** Bytes of a parameter in a checkpoint: the weight and AdamW's two moments. */
const CHECKPOINT_BYTES = 12;

/**
 * Where it fits the memory, which is told first.
 *
 * @param disk  undefined where nothing can be written
 */
export async function examineStep(
  options: Incomplete<"train">,
  model: ExaminedModel,
  data: ExaminedData,
  disk: Disk | undefined,
  tell: OnFinding,
): Promise<void> {
  // what a server holds is not held here
  if (
    options.engine === undefined &&
    !examineMemory(model.config, options, longestIn(model, data, options), tell)
  )
    return;
  let engine: Engine | undefined;
  try {
    const objective = await objectiveOf(options);
    const began = performance.now();
    ({ engine } = await openPolicy(model.files, options));
    const opened = (performance.now() - began) / 1000;
    tell({
      section: "speed",
      name: "opening",
      status: "ok",
      text:
        options.engine === undefined
          ? `the weights are read in ${time(opened)}`
          : `${options.engine}, a server of the kind ${options.engineDialect}, has a model ready in ${time(opened)}`,
      values: { seconds: opened },
    });
    for (const text of engine.facts.remarks) tell({ section: "speed", name: "engine", status: "ok", text });
    const prompts =
      data.asked.length > 0 ? data.asked.map(({ tokens }) => tokens) : [standIn(model, options)];
    const prompt = prompts.reduce((sum, { length }) => sum + length, 0) / prompts.length;
    const longest = { prompt: Math.ceil(prompt), answer: options.maxCompletionLength };
    const { inFlight } = runBatches("train", model.config, options, longest);
    const sampling = await measureSampling(engine, prompts, inFlight!, options);
    tellSampling(sampling, tell);
    const lengths = { prompt, answer: sampling.length.mean };
    const { microBatch } = runBatches("train", model.config, options, {
      prompt: Math.ceil(prompt),
      answer: Math.ceil(lengths.answer),
    });
    const learning = await measureLearning(engine, objective, sampling, microBatch, options);
    tellLearning(learning, tell);
    const speeds = {
      ...{ ...sampling, ...learning },
      // it was measured with as many answers as a run decodes together
      secondsPerDecodingStep: 0,
      secondsPerVerdict: data.secondsPerVerdict ?? 0,
    };
    tellStep(options, speeds, lengths, data.asked.length > 0, tell);
    tellRun(options, speeds, lengths, { model, data, disk }, tell);
  } catch (fault) {
    tell(problemOf("speed", "measuring", fault));
  } finally {
    await engine?.close();
  }
}

/** Tokens of the longest prompt, or of what one may have, and of the longest answer. */
function longestIn(
  { config }: ExaminedModel,
  { asked }: ExaminedData,
  { maxPromptLength, maxCompletionLength: answer }: Incomplete<"train">,
): Lengths {
  if (asked.length === 0) return { prompt: Math.min(maxPromptLength, config.contextLength - answer), answer };
  return { prompt: asked.reduce((most, { tokens }) => Math.max(most, tokens.length), 1), answer };
}

/** A question of our own, as much of it as the context leaves room for. */
function standIn({ render, config }: ExaminedModel, { maxCompletionLength }: AnyOptions): Int32Array {
  const { tokens } = render({ id: "doctor", prompt: QUESTION, answer: "" });
  return tokens.slice(maxCompletionLength - config.contextLength);
}

function tellSampling(sampling: SamplingSpeed, tell: OnFinding): void {
  const { inFlight, secondsPerToken, secondsPerPromptToken, length } = sampling;
  tell({
    section: "speed",
    name: "sampling",
    status: "ok",
    text: `${digits(1 / secondsPerToken)} tokens/s, ${inFlight} answers at a time; a prompt's token is read in ${time(secondsPerPromptToken)}`,
    values: { inFlight, secondsPerToken, secondsPerPromptToken },
  });
  const { mean, answers, ended, longest } = length;
  const finding = {
    section: "speed",
    name: "answer length",
    text: `taken as ${digits(mean)} tokens: ${ended} of ${answers} sampled answers ended within ${longest}`,
    values: { mean, answers, ended, longest },
  } as const;
  if (ended > 0) tell({ ...finding, status: "ok" });
  else {
    const next = `None was seen to end, so all are taken to be max_completion_length long; they may be shorter.`;
    tell({ ...finding, status: "note", next });
  }
}

function tellLearning(
  { tokens, scoredPerSecond, updatedPerSecond, optimizerSeconds }: LearningSpeed,
  tell: OnFinding,
): void {
  tell({
    section: "speed",
    name: "learning",
    status: "ok",
    text: `a micro-batch of ${digits(tokens)} tokens: scored at ${digits(scoredPerSecond)} tokens/s, learnt from at ${digits(updatedPerSecond)} tokens/s; AdamW ${time(optimizerSeconds)}`,
    values: { tokens, scoredPerSecond, updatedPerSecond, optimizerSeconds },
  });
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  tell({
    section: "speed",
    name: "memory",
    status: "ok",
    text: `${size(peakBytes)} at most, up to here; longer answers take more`,
    values: { peakBytes },
  });
}

function tellStep(
  options: Incomplete<"train">,
  speeds: Speeds,
  lengths: MeanLengths,
  known: boolean,
  tell: OnFinding,
): void {
  const estimate = estimateStep(options, speeds, lengths);
  const say = (name: string, text: string, values: Readonly<Record<string, number>>) =>
    tell({ section: "step", name, status: "ok", text, values });
  const { round, sampledAnswers, problems, learntTokens, scoredTokens, updates, seconds } = estimate;
  const { numGenerations: G, numIterations } = options;
  const [answer, prompt] = [digits(lengths.answer), digits(lengths.prompt)];
  say(
    "sample",
    `${round} problems × ${G} answers × ${answer} tokens × ${time(speeds.secondsPerToken)} + ${round} prompts × ${prompt}${known ? "" : " (taken)"} × ${time(speeds.secondsPerPromptToken)} = ${time(seconds.sample)}`,
    { seconds: seconds.sample },
  );
  say(
    "verify",
    speeds.secondsPerVerdict === 0
      ? "not measured without a data set"
      : `${sampledAnswers} answers × ${time(speeds.secondsPerVerdict)} = ${time(seconds.verify)}`,
    { seconds: seconds.verify },
  );
  say(
    "score",
    `${digits(scoredTokens)} tokens of the old policy ÷ ${digits(speeds.scoredPerSecond)}/s = ${time(seconds.score)}`,
    { seconds: seconds.score },
  );
  say(
    "update",
    `${numIterations} × ${problems} × (${prompt} + ${G} × ${answer}) = ${digits(numIterations * learntTokens)} tokens ÷ ${digits(speeds.updatedPerSecond)}/s + ${updates} × ${time(speeds.optimizerSeconds)} of AdamW = ${time(seconds.update + seconds.optimizer)}`,
    { seconds: seconds.update + seconds.optimizer },
  );
  const shorter = estimateStep(options, speeds, { ...lengths, answer: lengths.answer / 2 });
  const longer = estimateStep(options, speeds, { ...lengths, answer: options.maxCompletionLength });
  const range = `${time(shorter.seconds.step)} where answers are half as long, ${time(longer.seconds.step)} where all have ${options.maxCompletionLength} tokens`;
  say("in all", `${time(seconds.step)} a step; ${range}${rounds(options, estimate)}`, {
    seconds: seconds.step,
    secondsShorter: shorter.seconds.step,
    secondsLonger: longer.seconds.step,
  });
}

/** What groups that are all right or all wrong add. */
function rounds(options: Incomplete<"train">, { seconds }: StepEstimate): string {
  const most = options.filterGroupsMaxNumGenBatches;
  if (!options.filterGroupsEnable || most === 1) return "";
  return `; each further round of sampling, up to ${most}, adds ${time(seconds.sample + seconds.verify)}`;
}

function tellRun(
  options: Incomplete<"train">,
  speeds: Speeds,
  lengths: MeanLengths,
  {
    model,
    data,
    disk,
  }: { readonly model: ExaminedModel; readonly data: ExaminedData; readonly disk: Disk | undefined },
  tell: OnFinding,
): void {
  const checkpoint = CHECKPOINT_BYTES * trainedCount(model.config);
  const step = estimateStep(options, speeds, lengths).seconds.step;
  const run = estimateRun(options, speeds, lengths, step, {
    heldOut: data.heldOut.length,
    checkpoint,
    bytesPerSecond: disk?.bytesPerSecond ?? Number.POSITIVE_INFINITY,
  });
  const { evaluations, evaluationSeconds, checkpoints, checkpointSeconds, seconds } = run;
  tell({
    section: "step",
    name: "whole run",
    status: "ok",
    text: `${options.maxSteps} steps × ${time(step)} + ${evaluations} evaluations × ${time(evaluationSeconds)} + ${checkpoints} checkpoints × ${time(checkpointSeconds)} = ${time(seconds)}, with one round of sampling in each step`,
    values: { seconds, steps: options.maxSteps, evaluations, evaluationSeconds },
  });
  if (disk === undefined) return;
  // one more than are kept is there while the oldest goes
  const needed = checkpoint * (Math.min(options.saveTotalLimit, checkpoints) + 1);
  const finding = {
    section: "step",
    name: "checkpoints",
    text: `${size(checkpoint)} each, ${size(needed)} at most of the ${size(disk.freeBytes)} free`,
    values: { checkpointBytes: checkpoint, neededBytes: needed },
  } as const;
  if (needed < disk.freeBytes) tell({ ...finding, status: "ok" });
  else {
    const next = "Free space, set save_total_limit lower, or name another folder as output_dir.";
    tell({ ...finding, status: "problem", next });
  }
}
