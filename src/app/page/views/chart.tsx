/**
 * A chart over steps: lines with bands, dots, stacked areas or bars; one cursor for all charts of a view; names at line ends.
 */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { type ChartProps, dataOf, optionsOf } from "./chart-options.ts";
import { Help } from "./metric.tsx";

/** Where the pointer is, in every chart. */
const cursor = signal<number | undefined>(undefined);
const scheme = matchMedia("(prefers-color-scheme: dark)");
const theme = signal(scheme.matches);
scheme.addEventListener("change", () => (theme.value = scheme.matches));

export function Chart(props: ChartProps) {
  const { title, metric, series, format, height = 130, children } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const current = useRef(props);
  current.current = props;
  const shape = `${series.map(({ label, as, low }) => `${label} ${as} ${low !== undefined}`)} ${theme.value}`;
  useEffect(() => {
    const element = host.current!;
    const colour = (name: string) => getComputedStyle(element).getPropertyValue(name).trim();
    const size = () => ({ width: element.clientWidth, height });
    const options = optionsOf(
      () => current.current,
      colour,
      size(),
      (x) => (cursor.value = x),
    );
    const made = new uPlot(options, dataOf(props), element);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize(size()));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [shape, height]);
  useEffect(() => {
    if (plot.current!.data !== undefined) plot.current!.setData(dataOf(props));
  });
  const last = series.map((one) => `${one.label} ${format(one.y.at(-1) ?? null)}`).join(", ");
  return (
    <figure class="chart">
      <figcaption>
        <strong>{title}</strong> {metric !== undefined && <Help of={metric} />} <Values {...props} />
      </figcaption>
      <div ref={host} role="img" aria-label={`${title}, last: ${last}`} style={{ height }} />
      {children}
    </figure>
  );
}

/** What the lines are at the cursor, or at their ends. */
function Values({ series, format }: ChartProps) {
  const at = cursor.value;
  const ends = series.map(({ label, x, y }) => {
    const i = at === undefined ? y.length - 1 : x.findLastIndex((one) => one <= at);
    return { label, x: x[i], value: format(y[i] ?? null) };
  });
  return (
    <span class="values">
      {ends.map(({ label, value }) => (
        <span key={label}>
          {series.length > 1 && `${label} `}
          <b>{value}</b>
        </span>
      ))}
      <span class="quiet">{at !== undefined && ` at ${at.toLocaleString("en")}`}</span>
    </span>
  );
}
