/**
 * A step on the machine that a run has been measured on: the doctor's estimate, by the run's own speeds.
 */
import { OptionError } from "../../errors.ts";
import type { Incomplete } from "../../options/options.ts";
import { estimateStep, evaluationsOf, type StepShape } from "../doctor/estimate.ts";
import { digits, size, time } from "../doctor/finding.ts";
import { type CostLine, secondsLine } from "./cost-line.ts";
import { type MeasuredRun, speedsOf } from "./measured-run.ts";

/**
 * @param run  on that machine
 * @throws OptionError where it trained another model, or adapters in place of all weights
 */
export function ownLines(
  options: Incomplete<"train">,
  shape: Required<StepShape>,
  run: MeasuredRun,
): CostLine[] {
  refuseOther(options, run);
  const speeds = speedsOf(run);
  const { seconds, sampledAnswers, learntTokens, scoredTokens, updates } = estimateStep(
    options,
    speeds,
    shape,
  );
  const { evaluation, peakBytes, folder } = run;
  const { maxSteps, numIterations, evalDataset, evalFraction, evalDatasetSize, evalNumGenerations } = options;
  const measures = evaluation !== undefined && (evalDataset !== undefined || evalFraction !== undefined);
  const evaluations = measures ? evaluationsOf(options) : 0;
  const evaluated = (evalDatasetSize ?? evaluation?.problems ?? 0) * evalNumGenerations;
  const evaluating = evaluated * (evaluation?.secondsPerAnswer ?? 0);
  const whole = maxSteps * seconds.step + evaluations * evaluating;
  return [
    secondsLine(
      "sampling",
      `${digits(sampledAnswers)} answers × ${digits(shape.answer)} tokens, and prompts, × ${time(speeds.secondsPerToken)} + ${digits(shape.rounds * shape.longest)} decoding steps × ${time(speeds.secondsPerDecodingStep)} = ${time(seconds.sample)}`,
      seconds.sample,
    ),
    secondsLine(
      "verdicts",
      `${digits(sampledAnswers)} × ${time(speeds.secondsPerVerdict)}, what sampling does not hide = ${time(seconds.verify)}`,
      seconds.verify,
    ),
    secondsLine(
      "old log-probs",
      `${digits(scoredTokens)} tokens ÷ ${digits(speeds.scoredPerSecond)}/s = ${time(seconds.score)}`,
      seconds.score,
    ),
    secondsLine(
      "update",
      `${numIterations} × ${digits(learntTokens)} tokens in ${digits(updates)} updates ÷ ${digits(speeds.updatedPerSecond)}/s = ${time(seconds.update)}`,
      seconds.update,
    ),
    secondsLine(
      "step",
      `all of them, ± 30 %, on the machine of ${folder} = ${time(seconds.step)}`,
      seconds.step,
    ),
    ...(peakBytes === undefined
      ? []
      : [
          {
            section: "memory",
            name: "the process",
            text: `${size(peakBytes)} at most in ${folder}; larger batches take more`,
            values: { peakBytes },
          } as const,
        ]),
    {
      section: "run",
      name: "time",
      text: `${maxSteps} steps × ${time(seconds.step)}${evaluations === 0 ? "" : ` + ${evaluations} evaluations × ${time(evaluating)}`} = ${time(whole)}, ± 30 %, without saves`,
      values: { seconds: whole },
    },
  ];
}

function refuseOther(options: Incomplete<"train">, run: MeasuredRun): void {
  const said = ({ model, loraRank }: Incomplete<"train">) =>
    `${model ?? "no model"}, ${loraRank === undefined ? "all weights" : `adapters of rank ${loraRank}`}`;
  if (said(options) === said(run.options)) return;
  throw new OptionError({
    where: `--measured ${run.folder}`,
    expected: `a run of ${said(options)}, as these options train`,
    got: said(run.options),
    next: "Its seconds are of what it trained. Name a run of the same, or GPUs with --hardware.",
  });
}
