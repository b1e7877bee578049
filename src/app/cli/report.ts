/**
 * Reports: a run's events as lines a person reads.
 *
 *   step 40/200   right 62%   mixed 41/64 groups   loss 0.318   grad 0.84   9.1 s   saved step-0040
 */
import { basename } from "node:path";
import type { Phase, RunEvent } from "../../run/events.ts";
import type { EvalRecord, Interval, LossEval, SolveEval, StepRecord } from "../../run/records.ts";
import { showDownloads } from "./downloads.ts";
import { progressLine } from "./progress.ts";
import { bold, faint, type Terminal } from "./terminal.ts";

/** What a run is busy with, in the words of the flow. */
const phases: Readonly<Record<Phase, string>> = {
  open: "opening the model",
  gen: "rollouts",
  verify: "verdicts",
  old_log_prob: "old log-probs",
  update_actor: "update",
  eval: "evaluation",
  save: "checkpoint",
};

/** Lines of a long supervised run; the steps between are in steps.jsonl. */
const mostLines = 200;

/** Prints each event as it comes. */
export function reporter(terminal: Terminal): (event: RunEvent) => void {
  let steps = 0;
  let phase: { readonly name: Phase; readonly begin: number } = { name: "open", begin: performance.now() };
  const downloads = showDownloads(terminal);
  // a line waits for the checkpoint that may follow, to say so in the same line
  let waiting: string | undefined;
  const flush = (more = "") => {
    if (waiting !== undefined) terminal.line(waiting + more);
    waiting = undefined;
  };
  const show = (step: number, done = 0, total = 0) => {
    const label = `${steps === 0 ? "" : `step ${step}/${steps}  `}${phases[phase.name]}`;
    const seconds = (performance.now() - phase.begin) / 1000;
    terminal.status(total === 0 ? `${label} …` : progressLine(label, done, total, seconds));
  };
  return (event) => {
    if (
      event.kind !== "saved" &&
      event.kind !== "progress" &&
      !(event.kind === "phase" && event.phase === "save")
    ) {
      flush();
    }
    switch (event.kind) {
      case "start":
        steps = event.steps;
        terminal.line(`${bold("model")}   ${event.model}`);
        terminal.line(
          `${bold("run")}     ${event.folder}${event.resumedAt > 0 ? `, resumed after step ${event.resumedAt}` : ""}`,
        );
        return;
      case "note":
        terminal.aside(faint(event.text));
        return;
      case "warning":
        terminal.aside(`Warning: ${event.text}`);
        return;
      case "check":
        terminal.line(`${bold("check")}   ${event.name}: ${event.text}`);
        return;
      case "download":
        downloads(event);
        return;
      case "phase":
        phase = { name: event.phase, begin: performance.now() };
        show(event.step);
        return;
      case "progress":
        show(event.step, event.done, event.total);
        return;
      case "step":
        terminal.status(undefined);
        waiting = stepLine(event.record, event.steps);
        return;
      case "sft-step":
        terminal.status(undefined);
        if (event.step % Math.ceil(event.steps / mostLines) === 0 || event.step === event.steps) {
          waiting = sftLine(event.record, event.steps);
        }
        return;
      case "eval":
        terminal.status(undefined);
        // outside a run no checkpoint follows
        if (steps === 0) terminal.line(evalLine(event.record, steps));
        else waiting = evalLine(event.record, steps);
        return;
      case "saved":
        terminal.status(undefined);
        flush(`   saved ${basename(event.folder)}`);
        return;
      case "end":
        terminal.status(undefined);
        return;
      default:
        event satisfies never;
    }
  };
}

function stepLine({ step, skipped, metrics }: StepRecord, steps: number): string {
  const sampled = metrics["groups/sampled"];
  const mixed = sampled && Math.round((metrics["groups/effective_ratio"] ?? 0) * sampled);
  return columns([
    counter("step", step, steps),
    ["right", percent(metrics["train/acc_all"]), 4],
    ["mixed", sampled === undefined ? undefined : `${mixed}/${sampled} groups`, 12],
    skipped === undefined ? ["loss", fixed(metrics["actor/loss"]), 7] : ["skipped:", skipped, 0],
    ["grad", fixed(metrics["actor/grad_norm"]), 6],
    ["tokens", fixed(metrics["response_length/mean"], 1), 5],
    ["", seconds(metrics["timing_s/step"]), 7],
  ]);
}

function sftLine({ step, metrics }: StepRecord, steps: number): string {
  return columns([
    counter("step", step, steps),
    ["loss", fixed(metrics["actor/loss"]), 7],
    ["grad", fixed(metrics["actor/grad_norm"]), 6],
    ["lr", metrics["actor/lr"]?.toExponential(1), 7],
    ["", seconds(metrics["timing_s/step"]), 7],
  ]);
}

/** One evaluation; `steps` of the run it belongs to, 0 where it stands alone. */
export function evalLine(record: EvalRecord, steps: number): string {
  return columns([
    steps === 0 ? undefined : counter(bold("eval"), record.step, steps),
    ...(record.kind === "loss" ? lossCells(record) : solveCells(record)),
    ["", seconds(record.seconds), 0],
  ]);
}

function lossCells({ dataset, problems, loss }: LossEval): Cell[] {
  return [
    [dataset, `${problems} examples`, 0],
    ["loss", loss.toFixed(4), 0],
  ];
}

function solveCells({ dataset, problems, k, ...record }: SolveEval): Cell[] {
  return [
    [dataset, `${problems} problems${k > 1 ? ` × ${k} answers` : ""}`, 0],
    ["right", interval(record.avgAtK), 0],
    k > 1 && record.passAtK ? [`pass@${k}`, interval(record.passAtK), 0] : undefined,
    record.majAtK && [`maj@${k}`, interval(record.majAtK), 0],
    record.sinceStart && ["since start", points(record.sinceStart), 0],
    record.verifierErrors > 0 ? ["verifier errors", String(record.verifierErrors), 0] : undefined,
    record.truncated > 0 ? ["cut off", String(record.truncated), 0] : undefined,
  ];
}

/** What the run did for the model, first evaluation against last; undefined where there are not two. */
export function outcome(evals: readonly EvalRecord[]): string | undefined {
  const [first, last] = [evals[0], evals.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  if (first.kind === "solve" && last.kind === "solve") {
    const change = last.sinceStart === undefined ? "" : `   change ${points(last.sinceStart)}`;
    return `${bold("right")}   before ${interval(first.avgAtK)}   after ${interval(last.avgAtK)}${change}   (${last.problems} held-out problems, 95% intervals)`;
  }
  if (first.kind === "loss" && last.kind === "loss") {
    return `${bold("loss")}    before ${first.loss.toFixed(4)}   after ${last.loss.toFixed(4)}   (nats per token of ${last.problems} held-out solutions)`;
  }
  return undefined;
}

type Cell = readonly [label: string, value: string | undefined, width: number] | undefined;

/** Cells side by side; one whose value was not measured is left out. */
function columns(cells: readonly Cell[]): string {
  return cells
    .flatMap((cell) => {
      if (cell?.[1] === undefined) return [];
      const [label, value, width] = cell;
      return [label === "" ? value.padStart(width) : `${label} ${value.padStart(width)}`];
    })
    .join("   ");
}

function counter(label: string, step: number, steps: number): Cell {
  return [label, `${step}/${steps}`, 2 * String(steps).length + 1];
}

function percent(rate: number | undefined): string | undefined {
  return rate === undefined ? undefined : `${Math.round(rate * 100)}%`;
}

function fixed(value: number | undefined, digits = 3): string | undefined {
  if (value === undefined) return undefined;
  return value !== 0 && Math.abs(value) < 10 ** -digits ? value.toExponential(1) : value.toFixed(digits);
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
  const sign = change.mean > 0 ? "+" : "";
  return `${sign}${hundredths(change.mean)} points [${hundredths(change.low)}, ${hundredths(change.high)}]`;
}

function hundredths(rate: number): string {
  return (rate * 100).toFixed(1);
}
