/** What moves under the solve rate: one metric of every run, and how the groups of one were solved. */
import { Chart } from "./chart.tsx";
import { type Axis, metricLine, metricStack, runColour } from "./curves.ts";
import { type Run, runs } from "./store.ts";
import { number, percent } from "./words.ts";

interface MetricProps {
  readonly shown: readonly Run[];
  readonly axis: Axis;
  readonly title: string;
  readonly unit?: string;
  readonly metric: string;
  readonly format?: typeof number;
}

export function Metric({ shown, axis, title, unit, metric, format = number }: MetricProps) {
  const series = shown
    .map((run) => metricLine(run, metric, { label: run.name, colour: runColour(run) }, axis))
    .filter(({ x }) => x.length > 0);
  if (series.length === 0) return null;
  return <Chart title={unit ? `${title}, ${unit}` : title} metric={metric} series={series} format={format} />;
}

const shares = [
  ["groups/solved_none", "none", "--wrong"],
  ["groups/solved_some", "some", "--some"],
  ["groups/solved_all", "all", "--accent"],
] as const;
const bins = [
  "groups/solved_none",
  "groups/solved_some/low",
  "groups/solved_some/middle",
  "groups/solved_some/high",
  "groups/solved_all",
];

export function Groups({ run }: { readonly run: Run }) {
  if (!run.steps.some(({ metrics }) => "groups/solved_none" in metrics)) return null;
  const of = runs.value.length > 1 ? `, ${run.name}` : "";
  return (
    <>
      <Chart
        title={`Groups solved${of}`}
        metric="groups/solved_some"
        isStacked
        range={[0, 1]}
        format={percent}
        series={shares.map(([key, label, colour]) => metricStack(run, key, { label, colour, as: "area" }))}
      />
      <Chart
        title={`Solve rates of groups${of}`}
        metric="groups/solve_rate/mean"
        isHeat
        range={[0, 1]}
        format={percent}
        series={bins.map((key, i) =>
          metricStack(run, key, { label: ["0", "to ⅓", "to ⅔", "below 1", "1"][i]!, colour: "--accent" }),
        )}
      />
    </>
  );
}
