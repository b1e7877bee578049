/**
 * A step on GPUs: seconds by phase, memory, hours and rent; by the arithmetic of `gpu-step.ts` alone, or corrected by
 * what a run on such GPUs has taken.
 */
import { OptionError } from "../../errors.ts";
import type { Incomplete } from "../../options/options.ts";
import type { StepShape } from "../doctor/estimate.ts";
import { digits, size, time } from "../doctor/finding.ts";
import { type CostLine, secondsLine } from "./cost-line.ts";
import {
  type GpuStep,
  gpuMemory,
  gpuStepSeconds,
  peakShare,
  type StepSeconds,
  USE_OF_BANDWIDTH,
} from "./gpu-step.ts";
import type { MeasuredRun } from "./measured-run.ts";
import { adapterParameters, figuresOf } from "./model-figures.ts";
import { type PriceList, rowOf, sameName } from "./price-list.ts";

export interface GpuRequest {
  /** A row of data/costs.yaml. */
  readonly hardware: string;
  readonly gpus: number;
  /** GPUs that hold one copy of the model while sampling. */
  readonly gpusPerCopy: number;
}

/** @throws OptionError where the model or the GPUs are not known, or the copies do not share the GPUs out */
export async function gpuLines(
  options: Incomplete<"train">,
  shape: Required<StepShape> & { readonly sampled: number },
  request: GpuRequest,
  list: PriceList,
  measured: MeasuredRun | undefined,
): Promise<CostLine[]> {
  const { hardware: name, gpus, gpusPerCopy } = request;
  if (gpus % gpusPerCopy !== 0) throw uneven(request);
  const next = "Add a row to data/costs.yaml from its data sheet.";
  const hardware = rowOf(list.hardware, name, "--hardware", next);
  const stepOf: StepOf = async (of, sampled, learnt, { prompt, answer }) => {
    const model = await figuresOf(of, list);
    return {
      ...{ model, hardware, gpus, gpusPerCopy, sampled, prompt, answer },
      trained: of.numIterations * learnt,
      longest: of.maxCompletionLength,
      forwards: 1 / of.numIterations,
      adapters: of.loraRank === undefined ? undefined : adapterParameters(model, of),
    };
  };
  const step = await stepOf(options, shape.sampled, shape.problems * options.numGenerations, shape);
  const factors = measured && (await factorsOf(measured, stepOf));
  const worked = gpuStepSeconds(step);
  const verify = measured === undefined ? 0 : shape.sampled * verdictSeconds(measured);
  const seconds = corrected(worked, factors);
  const total = seconds.total + verify;
  const machine = `${gpus} ${name.toUpperCase()}`;
  const hours = (total * gpus * options.maxSteps) / 3600;
  return [
    ...phaseLines(step, worked, seconds, factors, machine),
    ...(verify === 0
      ? []
      : [secondsLine("verdicts", `what sampling did not hide = ${time(verify)}`, verify)]),
    secondsLine("step", `all of them, ± 30 % = ${time(total)}`, total),
    memoryLine(step),
    {
      section: "run",
      name: "time",
      text: `${options.maxSteps} steps × ${time(total)} = ${time(options.maxSteps * total)}, ± 30 %, without evaluations, saves and what stands still`,
      values: { seconds: options.maxSteps * total, gpuHours: hours },
    },
    ...list.rents
      .filter(({ hardware: rented }) => sameName(rented, name))
      .map(
        ({ low, high, date, source }): CostLine => ({
          section: "run",
          name: "rent",
          text: `${digits(hours)} GPU-hours × $${low} to $${high} = $${digits(hours * low)} to $${digits(hours * high)}, within 2 times; ${source}, ${date}`,
          values: { gpuHours: hours, dollarsLow: hours * low, dollarsHigh: hours * high },
        }),
      ),
  ];
}

/** How many times as long as worked out a run's phases took. */
interface Factors {
  readonly folder: string;
  readonly sampling: number;
  readonly forwards: number;
  readonly train: number;
}

/** A step of these options, of so many answers sampled and learnt from, on the GPUs that are asked for. */
type StepOf = (
  of: Incomplete<"train">,
  sampled: number,
  learnt: number,
  lengths: StepShape,
) => Promise<GpuStep>;

async function factorsOf({ folder, options, mean }: MeasuredRun, stepOf: StepOf): Promise<Factors> {
  const { numGenerations: G } = options;
  const worked = gpuStepSeconds(await stepOf(options, mean.sampled * G, mean.learnt * G, mean));
  return {
    folder,
    sampling: mean.seconds.sample / (worked.decode + worked.transfer),
    forwards: mean.seconds.score / worked.forwards,
    train: mean.seconds.update / worked.train,
  };
}

/** Of one answer. */
const verdictSeconds = ({ mean, options }: MeasuredRun): number =>
  mean.seconds.verify / (mean.sampled * options.numGenerations);

function corrected(worked: StepSeconds, factors: Factors | undefined): StepSeconds {
  if (factors === undefined) return worked;
  const decode = factors.sampling * worked.decode;
  const transfer = factors.sampling * worked.transfer;
  const forwards = factors.forwards * worked.forwards;
  const train = factors.train * worked.train;
  return { decode, forwards, train, transfer, total: decode + forwards + train + transfer };
}

function phaseLines(
  step: GpuStep,
  worked: StepSeconds,
  seconds: StepSeconds,
  factors: Factors | undefined,
  machine: string,
): CostLine[] {
  const line = (name: string, how: string, phase: keyof StepSeconds, factor: number | undefined) =>
    secondsLine(
      name,
      factor === undefined
        ? `${how} = ${time(seconds[phase])}`
        : `${how} = ${time(worked[phase])}; × ${digits(factor)} as ${factors!.folder} took = ${time(seconds[phase])}`,
      seconds[phase],
    );
  const { parameters, active } = step.model;
  const size = `${digits((active ?? parameters) / 1e9)}e9 parameters`;
  return [
    line(
      "decode",
      `${digits(step.answer)} tokens with all answers in flight, then to ${digits(step.longest)} with ever fewer, at ${percent(USE_OF_BANDWIDTH)} of the bandwidth`,
      "decode",
      factors?.sampling,
    ),
    line(
      "old log-probs",
      `2 × ${size} × tokens, on ${machine} at ${percent(peakShare(step))} of the peak`,
      "forwards",
      factors?.forwards,
    ),
    line(
      "update",
      `${step.adapters === undefined ? 6 : 4} × ${size} × tokens, the same`,
      "train",
      factors?.train,
    ),
    line("transfer", "weights to the sampler, taken", "transfer", factors?.sampling),
  ];
}

function memoryLine(step: GpuStep): CostLine {
  const { training, weights, cache } = gpuMemory(step);
  const needed = training + weights + cache;
  const fits =
    needed <= step.hardware.memory ? "" : "; beyond it answers wait, or training state is taken off the GPU";
  return {
    section: "memory",
    name: "each GPU",
    text: `training ${size(training)} + sampling ${size(weights)} + cache ${size(cache)} = ${size(needed)} of ${size(step.hardware.memory)}, without activations${fits}`,
    values: { trainingBytes: training, samplingBytes: weights, cacheBytes: cache },
  };
}

const percent = (share: number): string => `${100 * share} %`;

function uneven({ gpus, gpusPerCopy }: GpuRequest): OptionError {
  return new OptionError({
    where: "--gpus-per-copy",
    expected: `a number that divides --gpus, ${gpus}`,
    got: String(gpusPerCopy),
    next: "Every copy of the model that samples takes as many GPUs.",
  });
}
