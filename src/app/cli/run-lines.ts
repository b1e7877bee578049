/**
 * The lines of a run's steps and evaluations.
 *
 *   step  40/200   right  62%   mixed  41/64   held out +11.7   grad  0.84   tokens  31.4     9.1 s
 *
 * Each figure tells whether training works; the loss of a policy update does not, and is in steps.jsonl alone.
 */
import type { EvalRecord, Interval, LossEval, SolveEval, StepRecord } from "../../run/records.ts";
import { type Cell, fitted, wrapped } from "./columns.ts";
import { bold } from "./terminal.ts";

/** What the words of a training step's line mean, said once. */
export const STEP_WORDS =
  "right: answers the verifier took. mixed: problems with both right and wrong answers, or different scores where those are learnt from, of those asked; they alone teach. held out: change of the held-out accuracy since the start, in points. grad: the gradient's norm. tokens: mean length of an answer.";

/** @param heldOut  the latest change of the held-out accuracy since the start, where it is measured */
export function stepLine(
  { step, skipped, metrics }: StepRecord,
  steps: number,
  heldOut: number | undefined,
  width: number,
): string {
  const sampled = metrics["groups/sampled"];
  const mixed = sampled && Math.round((metrics["groups/effective_ratio"] ?? 0) * sampled);
  return fitted(
    [
      counter("step", step, steps),
      cell("right", percent(metrics["train/acc_all"]), 4),
      cell("mixed", sampled === undefined ? undefined : `${mixed}/${sampled}`, 7),
      cell("held out", heldOut === undefined ? undefined : signed(heldOut), 5),
      cell("", skipped && "nothing to learn from", 0, 4),
      cell("grad", short(metrics["actor/grad_norm"]), 7, 1),
      cell("tokens", metrics["response_length/mean"]?.toFixed(1), 6, 2),
      cell("", seconds(metrics["timing_s/step"]), 8, 3),
    ],
    width,
  );
}

export function sftLine({ step, metrics }: StepRecord, steps: number, width: number): string {
  return fitted(
    [
      counter("step", step, steps),
      cell("loss", metrics["actor/loss"]?.toFixed(3), 7),
      cell("grad", short(metrics["actor/grad_norm"]), 7, 1),
      cell("lr", metrics["actor/lr"]?.toExponential(1), 7, 2),
      cell("", seconds(metrics["timing_s/step"]), 8, 3),
    ],
    width,
  );
}

/** One evaluation; `steps` of the run it belongs to, 0 where it stands alone. */
export function evalLine(record: EvalRecord, steps: number, width: number): string {
  return wrapped(
    [
      steps === 0 ? undefined : counter(bold("eval"), record.step, steps),
      ...(record.kind === "loss" ? lossCells(record) : solveCells(record)),
      cell("", seconds(record.seconds)),
    ],
    width,
    8,
  );
}

function lossCells({ dataset, problems, loss }: LossEval): Cell[] {
  return [
    { label: dataset, value: `${problems} examples` },
    { label: "loss", value: loss.toFixed(4) },
  ];
}

function solveCells({ dataset, problems, k, ...record }: SolveEval): (Cell | undefined)[] {
  const { avgAtK, passAtK, majAtK, sinceStart, verifierErrors, truncated, ambiguous } = record;
  return [
    { label: dataset, value: `${problems} problems${k > 1 ? ` × ${k} answers` : ""}` },
    { label: "right", value: interval(avgAtK) },
    k > 1 ? cell(`pass@${k}`, passAtK && interval(passAtK)) : undefined,
    cell(`maj@${k}`, majAtK && interval(majAtK)),
    cell("since start", sinceStart && points(sinceStart)),
    verifierErrors > 0 ? { label: "verifier errors", value: String(verifierErrors) } : undefined,
    truncated > 0 ? { label: "cut off", value: String(truncated) } : undefined,
    ambiguous ? { label: "ambiguous", value: String(ambiguous) } : undefined,
  ];
}

/** What the run did for the model, first evaluation against last; undefined where there are not two. */
export function outcome(evals: readonly EvalRecord[], width: number): string | undefined {
  const [first, last] = [evals[0], evals.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  if (first.kind === "solve" && last.kind === "solve") {
    return wrapped(
      [
        { label: bold("right"), value: `  before ${interval(first.avgAtK)}` },
        { label: "after", value: interval(last.avgAtK) },
        cell("change", last.sinceStart && points(last.sinceStart)),
        { label: "", value: `(${last.problems} held-out problems, 95% intervals)` },
      ],
      width,
      8,
    );
  }
  if (first.kind === "loss" && last.kind === "loss") {
    return wrapped(
      [
        { label: bold("loss"), value: `   before ${first.loss.toFixed(4)}` },
        { label: "after", value: last.loss.toFixed(4) },
        { label: "", value: `(nats per token of ${last.problems} held-out solutions)` },
      ],
      width,
      8,
    );
  }
  return undefined;
}

function cell(label: string, value: string | undefined, width = 0, leaves?: number): Cell | undefined {
  if (value === undefined) return undefined;
  return { label, value, width, ...(leaves === undefined ? {} : { leaves }) };
}

function counter(label: string, step: number, steps: number): Cell {
  return { label, value: `${step}/${steps}`, width: 2 * String(steps).length + 1 };
}

function percent(rate: number | undefined): string | undefined {
  return rate === undefined ? undefined : `${Math.round(rate * 100)}%`;
}

/** `0.84`, `12.3`, `9.4e-4`: of any size, in few columns. */
function short(value: number | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value !== 0 && (value < 0.01 || value >= 1e4)) return value.toExponential(1);
  return value.toFixed(value < 10 ? 2 : 1);
}

function seconds(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${value.toFixed(1)} s`;
}

/** `62.1% [55.0, 68.7]` */
function interval(rate: Interval): string {
  return `${hundredths(rate.mean)}% [${hundredths(rate.low)}, ${hundredths(rate.high)}]`;
}

/** `+12.0 points [8.1, 15.8]` */
function points(change: Interval): string {
  return `${signed(change.mean)} points [${hundredths(change.low)}, ${hundredths(change.high)}]`;
}

function signed(change: number): string {
  return `${change > 0 ? "+" : ""}${hundredths(change)}`;
}

function hundredths(rate: number): string {
  return (rate * 100).toFixed(1);
}
