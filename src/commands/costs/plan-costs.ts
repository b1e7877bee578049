/**
 * What a run costs on GPUs or by hosted prices, before it begins.
 *
 *   options, model, GPUs or prices, mean lengths  →  tokens, seconds, memory, hours, money
 *
 * Worked out, not measured: each line says its arithmetic. The mean length of an answer decides most of it, and no
 * one knows it before the first step, so the caller has to say it.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OptionError } from "../../errors.ts";
import { parseConfig } from "../../models/config-json.ts";
import { parameterCount } from "../../models/parameter-shapes.ts";
import { roundsOf, updatesPerStep } from "../../options/batch-sizes.ts";
import type { Incomplete } from "../../options/options.ts";
import { digits, size, time } from "../doctor/finding.ts";
import {
  type GpuStep,
  gpuMemory,
  gpuStepSeconds,
  peakShare,
  type StepSeconds,
  USE_OF_BANDWIDTH,
} from "./gpu-step.ts";
import { type ModelFigures, type PriceList, readPriceList, rowOf, sameName } from "./price-list.ts";

export interface CostRequest {
  /** Mean tokens of an answer. */
  readonly answer: number;
  /** Mean tokens of a prompt. */
  readonly prompt: number;
  /** Rounds of sampling a step takes on average. */
  readonly rounds: number;
  /** A row of data/costs.yaml, and how many; left out, no time is told. */
  readonly hardware?: string | undefined;
  readonly gpus: number;
  /** GPUs that hold one copy of the model while sampling. */
  readonly gpusPerCopy: number;
  /** A hosted model of data/costs.yaml, whose prices are taken. */
  readonly hosted?: string | undefined;
}

export interface CostLine {
  readonly section: "taken" | "tokens" | "seconds" | "memory" | "run" | "not known";
  readonly name: string;
  /** The arithmetic in words, with its source where there is one. */
  readonly text: string;
  /** The numbers of the text, their units in their names. */
  readonly values?: Readonly<Record<string, number>>;
}

/** Of one step. */
interface StepTokens {
  readonly prefilled: number;
  readonly sampled: number;
  readonly forward: number;
  readonly trained: number;
}

/** @throws OptionError where the model, the GPUs or the hosted model is not known */
export function planCosts(options: Incomplete<"train">, request: CostRequest): CostLine[] {
  const { promptsPerStep, numGenerations, numIterations, maxCompletionLength, maxSteps } = options;
  const { answer, prompt, rounds } = request;
  if (answer > maxCompletionLength) throw tooLong(answer, maxCompletionLength);
  if (request.gpus % request.gpusPerCopy !== 0) throw uneven(request);
  const problems = roundsOf(options).problems * rounds;
  const sampled = problems * numGenerations;
  const learnt = promptsPerStep * numGenerations;
  const tokens: StepTokens = {
    prefilled: problems * prompt,
    sampled: sampled * answer,
    forward: learnt * (prompt + answer),
    trained: numIterations * learnt * (prompt + answer),
  };
  const list = readPriceList();
  const n = `(${digits(prompt)} + ${digits(answer)})`;
  const lines: CostLine[] = [
    {
      section: "taken",
      name: "lengths",
      text: `prompts of ${digits(prompt)} tokens and answers of ${digits(answer)} on average, ${digits(rounds)} rounds of sampling a step`,
      values: { promptTokens: prompt, answerTokens: answer, rounds },
    },
    line("prefilled", `${digits(problems)} prompts × ${digits(prompt)}`, tokens.prefilled),
    line("sampled", `${digits(problems)} × ${numGenerations} answers × ${digits(answer)}`, tokens.sampled),
    line("forward", `old log-probs of ${digits(learnt)} answers × ${n}`, tokens.forward),
    line(
      "trained",
      `${numIterations} × ${digits(learnt)} answers × ${n}, in ${updatesPerStep(options)} updates`,
      tokens.trained,
    ),
  ];
  if (request.hardware !== undefined) {
    const { hardware, gpus, gpusPerCopy } = request;
    const step: GpuStep = {
      model: figuresOf(options.model, list),
      hardware: rowOf(
        list.hardware,
        hardware,
        "--hardware",
        "Add a row to data/costs.yaml from its data sheet.",
      ),
      ...{ gpus, gpusPerCopy, sampled, trained: numIterations * learnt, prompt, answer },
      longest: maxCompletionLength,
      forwards: 1 / numIterations,
      lora: options.loraRank !== undefined,
    };
    const seconds = gpuStepSeconds(step);
    lines.push(...gpuLines(step, seconds, `${gpus} ${hardware.toUpperCase()}`, maxSteps));
    const hours = (seconds.total * gpus * maxSteps) / 3600;
    for (const { low, high, date, source } of list.rents.filter((rent) =>
      sameName(rent.hardware, hardware),
    )) {
      lines.push({
        section: "run",
        name: "rent",
        text: `${digits(hours)} GPU-hours × $${low} to $${high} = $${digits(hours * low)} to $${digits(hours * high)}, within 2 times; ${source}, ${date}`,
        values: { gpuHours: hours, dollarsLow: hours * low, dollarsHigh: hours * high },
      });
    }
  }
  if (request.hosted !== undefined)
    lines.push(...hostedLines(tokens, numGenerations, request.hosted, list, maxSteps));
  return [...lines, ...unknowns(request)];
}

function line(name: string, arithmetic: string, tokens: number): CostLine {
  return { section: "tokens", name, text: `${arithmetic} = ${digits(tokens)} a step`, values: { tokens } };
}

function gpuLines(step: GpuStep, taken: StepSeconds, machine: string, steps: number): CostLine[] {
  const { decode, forwards, train, transfer, total } = taken;
  const seconds = (name: string, how: string, value: number): CostLine => ({
    section: "seconds",
    name,
    text: `${how} = ${time(value)}`,
    values: { seconds: value },
  });
  const parameters = `${digits(step.model.parameters / 1e9)}e9 parameters`;
  const { training, weights, cache } = gpuMemory(step);
  const needed = training + weights + cache;
  const fits =
    needed <= step.hardware.memory ? "" : "; beyond it answers wait, or training state is taken off the GPU";
  return [
    seconds(
      "decode",
      `${digits(step.answer)} tokens with all answers in flight, then to ${digits(step.longest)} with ever fewer, at ${percent(USE_OF_BANDWIDTH)} of the bandwidth`,
      decode,
    ),
    seconds(
      "old log-probs",
      `2 × ${parameters} × tokens, on ${machine} at ${percent(peakShare(step))} of the peak`,
      forwards,
    ),
    seconds("update", `${step.lora ? 4 : 6} × ${parameters} × tokens, the same`, train),
    seconds("transfer", "weights to the sampler, taken", transfer),
    seconds("step", "all of them, ± 30 %", total),
    {
      section: "memory",
      name: "each GPU",
      text: `training ${size(training)} + sampling ${size(weights)} + cache ${size(cache)} = ${size(needed)} of ${size(step.hardware.memory)}, without activations${fits}`,
      values: { trainingBytes: training, samplingBytes: weights, cacheBytes: cache },
    },
    {
      section: "run",
      name: "time",
      text: `${steps} steps × ${time(total)} = ${time(steps * total)}, ± 30 %, without evaluations, saves and what stands still`,
      values: { seconds: steps * total, gpuHours: (steps * total * step.gpus) / 3600 },
    },
  ];
}

const percent = (share: number): string => `${100 * share} %`;

/** Of a prompt that is in the cache this share of its price is charged. */
const CACHED_SHARE = 0.2;

/**
 * From the least that may be charged, a prompt's other answers from the cache and no old log-probs, to the most: each
 * answer's prompt in full, and old log-probs as training. Which it is, no source says.
 */
function hostedLines(
  tokens: StepTokens,
  answers: number,
  name: string,
  list: PriceList,
  steps: number,
): CostLine[] {
  const rows = Object.fromEntries(list.hosted.map((row) => [row.model, row]));
  const { prefill, sample, train, date, source } = rowOf(
    rows,
    name,
    "--hosted",
    "Add a row to data/costs.yaml.",
  );
  const always = tokens.sampled * sample + tokens.trained * train;
  const low = (always + tokens.prefilled * (1 + CACHED_SHARE * (answers - 1)) * prefill) / 1e6;
  const high = (always + tokens.prefilled * answers * prefill + tokens.forward * train) / 1e6;
  return [
    {
      section: "run",
      name: "hosted",
      text: `a step: sampled × $${sample} + trained × $${train} for a million tokens, prompts × $${prefill} once and then from the cache = $${digits(low)}; with every prompt in full and old log-probs as training $${digits(high)}; × ${steps} = $${digits(steps * low)} to $${digits(steps * high)}, within 2 times; ${source}, ${date}`,
      values: { dollarsLow: steps * low, dollarsHigh: steps * high },
    },
  ];
}

function unknowns({ hosted }: CostRequest): CostLine[] {
  const say = (name: string, text: string): CostLine => ({ section: "not known", name, text });
  return [
    say(
      "lengths",
      "the mean answer and the rounds of a step change as the model learns; the first step shows them",
    ),
    ...(hosted === undefined
      ? []
      : [say("hosted time", "a hosted service's time cannot be told beforehand")]),
  ];
}

/** A folder with its config.json, or a model named as data/costs.yaml or the hub names it. */
function figuresOf(model: string | undefined, { models }: PriceList): ModelFigures {
  const next = "Name one of these, or a folder with the model's config.json.";
  if (model === undefined)
    throw new OptionError({
      where: "model",
      expected: "a model",
      got: "none",
      next: `${next} ${Object.keys(models).join(", ")}`,
    });
  const path = join(model, "config.json");
  if (!existsSync(path)) return rowOf(models, model.split("/").at(-1)!, "model", next);
  const config = parseConfig(JSON.parse(readFileSync(path, "utf8")), path);
  const { layers, kvHeads, headDim } = config;
  return { parameters: parameterCount(config), layers, kvHeads, headDim };
}

function tooLong(answer: number, longest: number): OptionError {
  return new OptionError({
    where: "--answer-length",
    expected: `a mean of at most max_completion_length, ${longest}`,
    got: String(answer),
    next: "Set max_completion_length higher, or name the preset that is meant.",
  });
}

function uneven({ gpus, gpusPerCopy }: CostRequest): OptionError {
  return new OptionError({
    where: "--gpus-per-copy",
    expected: `a number that divides --gpus, ${gpus}`,
    got: String(gpusPerCopy),
    next: "Every copy of the model that samples takes as many GPUs.",
  });
}
