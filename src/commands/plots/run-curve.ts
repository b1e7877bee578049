/**
 * One run in a picture: how well held-out problems are answered over its steps, and what was sampled to learn from.
 *
 *   a run's folder  →  SVG
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "yaml";
import { RunError } from "../../errors.ts";
import { readRun } from "../../run/read-run.ts";
import type { EvalRecord, SolveEval, StepRecord } from "../../run/records.ts";
import { optionsPath } from "../../run/run-folder.ts";
import { averaged } from "./averaged.ts";
import type { Axis } from "./axis.ts";
import { methodColours } from "./colours.ts";
import { chart, type Line, type LinePanel } from "./svg-chart.ts";

const steps: Axis = { label: "steps", kind: "whole" };
const BESIDE = "#888888";

/**
 * The picture of a run, finished or under way.
 *
 * @throws RunError where the folder is no run, or nothing has been measured yet
 */
export async function drawRun(folder: string): Promise<string> {
  const run = readRun(folder);
  const [taken, evals] = [await run.steps(), await run.evals()];
  if (taken.length + evals.length === 0) {
    throw new RunError({
      where: folder,
      expected: "a run that has measured something",
      got: "one that has not yet",
      next: "Let it run on: the first evaluation or step is enough.",
    });
  }
  const {
    algorithm = "sft",
    model,
    dataset,
  } = parse(readFileSync(optionsPath(folder), "utf8")) as Record<string, string>;
  const colour = methodColours([algorithm]).get(algorithm)!;
  const solved = evals.filter((record): record is SolveEval => record.kind === "solve");
  const groups = sampled(taken, colour);
  const panels = [heldOut(solved, colour), heldOutLoss(evals, taken, colour), groups];
  const mixed = groups === undefined ? [] : ["Mixed: right and wrong answers to one problem."];
  return chart({
    title: `${basename(model!)} trained on ${basename(dataset!)} with ${algorithm}`,
    note: [...noteOf(solved), ...mixed].join(" "),
    panels: panels.filter((panel) => panel !== undefined),
  });
}

function noteOf([first]: readonly SolveEval[]): readonly string[] {
  if (first === undefined) return ["One run."];
  const { problems, k } = first;
  const answers = k === 1 ? "one answer each" : `${k} answers each`;
  return [`One run; ${problems} held-out problems, ${answers}.`, "Band: 95 % interval over problems."];
}

function heldOut(evals: readonly SolveEval[], colour: string): LinePanel | undefined {
  if (evals.length === 0) return undefined;
  const percent = (of: (record: SolveEval) => number) => evals.map((record) => 100 * of(record));
  const line: Line = {
    label: "right",
    colour,
    x: evals.map(({ step }) => step),
    y: percent(({ avgAtK }) => avgAtK.mean),
    low: percent(({ avgAtK }) => avgAtK.low),
    high: percent(({ avgAtK }) => avgAtK.high),
  };
  return { kind: "lines", x: steps, y: { label: "Held-out accuracy, %" }, lines: [line] };
}

/** Of supervised fine-tuning, the loss while training beside it. */
function heldOutLoss(
  evals: readonly EvalRecord[],
  taken: readonly StepRecord[],
  colour: string,
): LinePanel | undefined {
  const read = evals.filter((record) => record.kind === "loss");
  const isSft = read.length > 0 || taken.every(({ metrics }) => !("train/acc_all" in metrics));
  if (!isSft) return undefined;
  const held: Line = {
    label: "held out",
    colour,
    x: read.map(({ step }) => step),
    y: read.map(({ loss }) => loss),
  };
  const lines = [held, series("training", BESIDE, taken, "actor/loss", 1)];
  return {
    kind: "lines",
    x: steps,
    y: { label: "Loss, nats per token" },
    lines: lines.filter(({ y }) => y.length > 0),
  };
}

function sampled(taken: readonly StepRecord[], colour: string): LinePanel | undefined {
  const lines = [
    series("right", colour, taken, "train/acc_all", 100),
    series("mixed groups", BESIDE, taken, "groups/effective_ratio", 100),
  ].filter(({ y }) => y.length > 0);
  return lines.length === 0
    ? undefined
    : { kind: "lines", x: steps, y: { label: "Sampled to learn from, %" }, lines };
}

function series(
  label: string,
  colour: string,
  taken: readonly StepRecord[],
  metric: string,
  times: number,
): Line {
  const curve = averaged(taken.map(({ metrics }) => (metric in metrics ? times * metrics[metric]! : null)));
  const there = curve.values.flatMap((value, i) =>
    value === null ? [] : [{ x: curve.steps[i]!, y: value }],
  );
  return { label, colour, x: there.map(({ x }) => x), y: there.map(({ y }) => y) };
}
