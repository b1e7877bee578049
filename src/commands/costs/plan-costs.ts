/**
 * What a run costs on GPUs, by hosted prices, or on the machine of a run that has begun.
 *
 *   options, and GPUs, prices or a measured run  →  tokens, seconds, memory, hours, money
 *
 * Each line says its arithmetic. The mean length of an answer decides most of it, and no one knows it before the
 * first step.
 */
import { roundsOf, updatesPerStep } from "../../options/batch-sizes.ts";
import type { Incomplete } from "../../options/options.ts";
import { scoredShare } from "../doctor/estimate.ts";
import { digits } from "../doctor/finding.ts";
import type { CostLine } from "./cost-line.ts";
import { gpuLines } from "./gpu-cost.ts";
import { hostedLines, type StepTokens } from "./hosted-cost.ts";
import { ownLines } from "./own-cost.ts";
import { readPriceList } from "./price-list.ts";
import { type SaidOfStep, shapeLines, shapeOf } from "./step-shape.ts";

export interface CostRequest extends SaidOfStep {
  /**
   * A row of data/costs.yaml. Left out, time is told where there is a measured run: that of its machine. With both,
   * each phase is corrected by what the run took, which has to be one on such GPUs.
   */
  readonly hardware?: string | undefined;
  /** How many; 8 unless given. */
  readonly gpus?: number | undefined;
  /** GPUs that hold one copy of the model while sampling; 1 unless given. */
  readonly gpusPerCopy?: number | undefined;
  /** A hosted model of data/costs.yaml, whose prices are taken. */
  readonly hosted?: string | undefined;
}

const ORDER = ["taken", "tokens", "seconds", "memory", "run", "not known"] as const;

/** @throws OptionError where the model, the GPUs or the hosted model is not known */
export async function planCosts(options: Incomplete<"train">, request: CostRequest): Promise<CostLine[]> {
  const { hardware, gpus = 8, gpusPerCopy = 1, hosted, measured } = request;
  const shape = shapeOf(options, request);
  const { prompt, answer, learntAnswer, rounds, problems: learnt } = shape;
  const { numGenerations: G, numIterations } = options;
  const problems = rounds * roundsOf(options).problems;
  // on a server all are scored
  const isHere = measured !== undefined && hardware === undefined && hosted === undefined;
  const scored = learnt * (isHere ? scoredShare(options, learnt) : 1);
  const tokens: StepTokens = {
    prefilled: problems * prompt,
    sampled: problems * G * answer,
    forward: scored * G * (prompt + learntAnswer),
    trained: numIterations * learnt * G * (prompt + learntAnswer),
  };
  const n = `(${digits(prompt)} + ${digits(learntAnswer)})`;
  const updates = updatesPerStep({ ...options, promptsPerStep: learnt });
  const list = readPriceList();
  const lines: CostLine[] = [
    ...shapeLines(shape, request),
    line("prefilled", `${digits(problems)} prompts × ${digits(prompt)}`, tokens.prefilled),
    line("sampled", `${digits(problems)} × ${G} answers × ${digits(answer)}`, tokens.sampled),
    line("forward", `old log-probs of ${digits(scored * G)} answers × ${n}`, tokens.forward),
    line(
      "trained",
      `${numIterations} × ${digits(learnt * G)} answers × ${n}, in ${digits(updates)} updates`,
      tokens.trained,
    ),
  ];
  if (hardware !== undefined) {
    const sampled = { ...shape, sampled: problems * G };
    lines.push(...(await gpuLines(options, sampled, { hardware, gpus, gpusPerCopy }, list, measured)));
  } else if (measured !== undefined) lines.push(...ownLines(options, shape, measured));
  if (hosted !== undefined) lines.push(...hostedLines(options, tokens, hosted, list));
  lines.push(...unknowns(options, request));
  return ORDER.flatMap((section) => lines.filter((one) => one.section === section));
}

function line(name: string, arithmetic: string, tokens: number): CostLine {
  return { section: "tokens", name, text: `${arithmetic} = ${digits(tokens)} a step`, values: { tokens } };
}

function unknowns(options: Incomplete<"train">, { hosted, measured }: CostRequest): CostLine[] {
  const say = (name: string, text: string): CostLine => ({ section: "not known", name, text });
  const cut = measured?.mean.cutRate ?? 0;
  const wasShorter = (measured?.options.maxCompletionLength ?? 0) < options.maxCompletionLength;
  return [
    say(
      "lengths",
      "the mean answer and the rounds of a step change as the model learns; the first steps show them (--measured RUN)",
    ),
    ...(cut > 0 && wasShorter
      ? [
          say(
            "cut answers",
            `${digits(100 * cut)} % of ${measured!.folder}'s answers were cut off at ${measured!.options.maxCompletionLength} tokens; with ${options.maxCompletionLength} they would be longer`,
          ),
        ]
      : []),
    ...(hosted === undefined
      ? []
      : [say("hosted time", "a hosted service's time cannot be told beforehand")]),
  ];
}
