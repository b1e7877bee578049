/**
 * The plots of docs/evidence.md, means over seeds with 95 % intervals.
 */
import { chart, type Line, type LinePanel } from "../../src/commands/compare/svg-chart.ts";
import { meanInterval } from "../../src/statistics/intervals.ts";
import { type ArmName, arms } from "./arms.ts";
import { mean, runsOf } from "./measures.ts";
import type { ComparisonRecord, RecordedRun } from "./record.ts";

/** Values of a run, and where on the x axis they are. */
type Curve = (run: RecordedRun) => { readonly x: readonly number[]; readonly y: readonly (number | null)[] };

const steps = ({ evals }: RecordedRun) => evals.step;
/** Training FLOPs up to each evaluation. */
const flops = ({ evals, spent: { flopsRollout, flopsScore, flopsUpdate } }: RecordedRun) => {
  let all = 0;
  return evals.step.map((_, i) => {
    if (i > 0) all += flopsRollout[i - 1]! + flopsScore[i - 1]! + flopsUpdate[i - 1]!;
    return all;
  });
};
const accuracy: Curve = (run) => ({ x: steps(run), y: run.evals.accuracy });

interface Plot {
  readonly title: string;
  readonly arms: readonly ArmName[];
  readonly panels: readonly { readonly title: string; readonly xLabel: string; readonly curve: Curve }[];
}

/** By name, as claims name them. */
export const plots: Readonly<Record<string, Plot>> = {
  methods: {
    title: "Methods",
    arms: ["nft", "rft", "grpo", "dapo"],
    panels: [
      { title: "held-out accuracy", xLabel: "steps", curve: accuracy },
      {
        title: "held-out accuracy",
        xLabel: "training FLOPs",
        curve: (run) => ({ x: flops(run), y: run.evals.accuracy }),
      },
      {
        title: "held-out entropy, nats per token",
        xLabel: "steps",
        curve: (run) => ({ x: steps(run), y: run.evals.entropy }),
      },
    ],
  },
  floor: {
    title: "The floor ε of NFT",
    arms: ["floorNone", "floorTenth", "nft", "floorFour"],
    panels: [
      { title: "held-out accuracy", xLabel: "steps", curve: accuracy },
      {
        title: "log₁₀ of the largest gradient norm of a step",
        xLabel: "steps",
        curve: ({ gradNormMax }) => ({
          x: gradNormMax.map((_, i) => i + 1),
          y: gradNormMax.map((value) => (value === null || value <= 0 ? null : Math.log10(value))),
        }),
      },
    ],
  },
  limit: {
    title: "At most 32 tokens to an answer",
    arms: ["nftShort", "rftShort"],
    panels: [
      {
        title: "share of answers cut off",
        xLabel: "steps",
        curve: (run) => ({ x: steps(run), y: run.evals.truncated }),
      },
      {
        title: "length of answers, tokens",
        xLabel: "steps",
        curve: (run) => ({ x: steps(run), y: run.evals.length }),
      },
      { title: "held-out accuracy", xLabel: "steps", curve: accuracy },
    ],
  },
};

/** SVG texts, by file name. */
export function evidencePlots(records: readonly ComparisonRecord[]): Record<string, string> {
  const drawn = Object.entries(plots).map(([name, { title, arms: names, panels }]) => {
    const drawnPanels = panels.map<LinePanel>(({ title: own, xLabel, curve }) => ({
      kind: "lines",
      title: own,
      xLabel,
      lines: names.map((arm) => line(arms[arm].label, runsOf(records, arm).map(curve))),
    }));
    return [`${name}.svg`, chart(title, drawnPanels)];
  });
  return Object.fromEntries(drawn);
}

/** Point by point over the runs: the nth of each, for all runs are evaluated at the same steps. */
function line(label: string, curves: readonly ReturnType<Curve>[]): Line {
  const longest = Math.max(0, ...curves.map(({ x }) => x.length));
  const points = Array.from({ length: longest }, (_, i) => i).flatMap((i) => {
    const there = curves.flatMap(({ x, y }) => {
      const value = y[i];
      return value === null || value === undefined ? [] : [{ x: x[i]!, value }];
    });
    if (there.length === 0) return [];
    return [{ at: mean(there.map(({ x }) => x)), ...meanInterval(there.map(({ value }) => value)) }];
  });
  return {
    label,
    x: points.map(({ at }) => at),
    y: points.map(({ mean: value }) => value),
    low: points.map(({ low }) => low),
    high: points.map(({ high }) => high),
  };
}
