/** The solve rate of held-out problems with its band, and of training as dots. */
import { Chart } from "./chart.tsx";
import { type Axis, axes, marksOf, solveLines } from "./curves.ts";
import { here } from "./place.ts";
import type { Run } from "./store.ts";
import { percent } from "./words.ts";

export function SolveRate({ shown, axis }: { readonly shown: readonly Run[]; readonly axis: Axis }) {
  const marks = shown.length > 1 ? [] : shown.flatMap((run) => marksOf(run, axis));
  return (
    <Chart
      title="Solve rate"
      metric="avgAtK"
      series={solveLines(shown, axis)}
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
