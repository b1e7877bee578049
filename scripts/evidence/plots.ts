/**
 * The plots of docs/evidence.md, means over seeds with 95 % intervals.
 */
import type { Axis } from "../../src/commands/plots/axis.ts";
import { methodColours } from "../../src/commands/plots/colours.ts";
import { chart, type Line, type LinePanel } from "../../src/commands/plots/svg-chart.ts";
import { meanInterval } from "../../src/statistics/intervals.ts";
import { type ArmName, arms } from "./arms.ts";
import { mean, runsOf } from "./measures.ts";
import type { ComparisonRecord, RecordedRun } from "./record.ts";

/** Values of a run, and where on the x axis they are. */
type Curve = (run: RecordedRun) => { readonly x: readonly number[]; readonly y: readonly (number | null)[] };

export const percent = (rates: readonly number[]) => rates.map((rate) => 100 * rate);
const accuracy: Curve = ({ evals }) => ({ x: evals.step, y: percent(evals.accuracy) });
const accuracyPanel = { y: { label: "Held-out accuracy, %" }, curve: accuracy };

interface Plot {
  readonly title: string;
  readonly arms: readonly ArmName[];
  /** Labels that say more beside the others of the plot than the arm's own. */
  readonly labels?: Partial<Readonly<Record<ArmName, string>>>;
  /** All over steps. */
  readonly panels: readonly { readonly y: Axis; readonly curve: Curve }[];
}

/** By name, as claims name them. */
export const plots: Readonly<Record<string, Plot>> = {
  methods: {
    title: "Four methods, step by step",
    arms: ["nft", "rft", "grpo", "dapo"],
    panels: [
      accuracyPanel,
      {
        y: { label: "Held-out entropy, nats per token" },
        curve: ({ evals }) => ({ x: evals.step, y: evals.entropy }),
      },
    ],
  },
  floor: {
    title: "The floor ε of NFT",
    arms: ["floorNone", "floorTenth", "nft", "floorFour"],
    labels: { nft: "NFT, ε = 1" },
    panels: [
      accuracyPanel,
      {
        y: { label: "Largest gradient norm of a step, before clipping", kind: "log10" },
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
        y: { label: "Answers cut off, %" },
        curve: ({ evals }) => ({ x: evals.step, y: percent(evals.truncated) }),
      },
      {
        y: { label: "Length of answers, tokens" },
        curve: ({ evals }) => ({ x: evals.step, y: evals.length }),
      },
      accuracyPanel,
    ],
  },
};

/** SVG texts, by file name. */
export function evidencePlots(records: readonly ComparisonRecord[]): Record<string, string> {
  const drawn = Object.entries(plots).map(([name, { title, arms: names, labels, panels }]) => {
    const colours = methodColours(names.map(methodOf));
    const drawnPanels = panels.map<LinePanel>(({ y, curve }) => ({
      kind: "lines",
      x: { label: "steps", kind: "whole" },
      y,
      lines: names.map((arm) => ({
        label: labels?.[arm] ?? arms[arm].label,
        colour: colours.get(methodOf(arm))!,
        ...points(runsOf(records, arm).map(curve)),
      })),
    }));
    const seeds = Math.max(...names.map((arm) => runsOf(records, arm).length));
    const note = `Pocket model on sums; mean of ${seeds} seeds. Band: 95 % interval of the mean (Student's t).`;
    return [`${name}.svg`, chart({ title, note, panels: drawnPanels })];
  });
  return Object.fromEntries(drawn);
}

/** What an arm's colour is by: settings that all arms of its comparison have do not make it another method. */
const methodOf = (arm: ArmName): string => arms[arm].method;

/** Point by point over the runs: the nth of each, for all runs are evaluated at the same steps. */
export function points(curves: readonly ReturnType<Curve>[]): Omit<Line, "label" | "colour"> {
  const longest = Math.max(0, ...curves.map(({ x }) => x.length));
  const means = Array.from({ length: longest }, (_, i) => i).flatMap((i) => {
    const there = curves.flatMap(({ x, y }) => {
      const value = y[i];
      return value === null || value === undefined ? [] : [{ x: x[i]!, value }];
    });
    if (there.length === 0) return [];
    return [{ at: mean(there.map(({ x }) => x)), ...meanInterval(there.map(({ value }) => value)) }];
  });
  return {
    x: means.map(({ at }) => at),
    y: means.map(({ mean: value }) => value),
    low: means.map(({ low }) => low),
    high: means.map(({ high }) => high),
  };
}
