/** The solve rate of held-out problems with its band, and of training as dots. */
import { Chart } from "./chart.tsx";
import type { Series } from "./chart-options.ts";
import { type Axis, axes, evalLine, evalsOf, marksOf, metricLine, runColour } from "./curves.ts";
import { here } from "./place.ts";
import type { Run } from "./store.ts";
import { percent } from "./words.ts";

export function SolveRate({ shown, axis }: { readonly shown: readonly Run[]; readonly axis: Axis }) {
  const lines = shown.flatMap((run): Series[] => {
    const name = shown.length > 1 ? run.name : "";
    const held = [...evalsOf(run)].map(([dataset, evals]) =>
      evalLine(
        run,
        evals,
        { label: name || (evalsOf(run).size > 1 ? dataset : "held out"), colour: runColour(run) },
        axis,
      ),
    );
    const training = metricLine(
      run,
      "train/acc_all",
      {
        label: name ? `${name}, training` : "training",
        colour: name ? runColour(run) : "--quiet",
        as: "dots",
      },
      axis,
    );
    return name ? held : [...held, training];
  });
  const marks = shown.length > 1 ? [] : shown.flatMap((run) => marksOf(run, axis));
  return (
    <Chart
      title="Solve rate"
      metric="avgAtK"
      series={lines.filter(({ x }) => x.length > 0)}
      format={percent}
      marks={marks}
      height={280}
    >
      {shown.length > 1 && (
        <p class="choices">
          over{" "}
          {Object.entries(axes).map(([name, words]) => (
            <a key={name} href={here({ x: name })} aria-current={name === axis}>
              {words}
            </a>
          ))}
        </p>
      )}
    </Chart>
  );
}
