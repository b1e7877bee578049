/** A chart's series → what uPlot draws them from. */
import type { ComponentChildren } from "preact";
import uPlot from "uplot";
import { type Colour, drawHeat, drawMarks, type Mark, nameLines } from "./chart-drawing.ts";

export interface Series {
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  readonly low?: readonly number[];
  readonly high?: readonly number[];
  /** A variable of the style sheet. */
  readonly colour: string;
  readonly as?: "line" | "dots" | "area" | "bars";
}

export interface ChartProps {
  readonly title: string;
  /** Its row of the table of metrics. */
  readonly metric?: string;
  readonly series: readonly Series[];
  readonly format: (value: number | null) => string;
  /** Each on top of the one before it; all of one x. */
  readonly isStacked?: boolean;
  /** Rows from the bottom in place of lines, darker where more is. */
  readonly isHeat?: boolean;
  readonly range?: readonly [number, number];
  readonly marks?: readonly Mark[];
  readonly height?: number;
  readonly children?: ComponentChildren;
}

const sync = uPlot.sync("charts");
/** Room for names at line ends, in pixels. */
const NAMES_WIDTH = 76;

/** One table over all x; a band is two lines more, behind the one it belongs to. */
export function dataOf({ series, isStacked }: ChartProps): uPlot.AlignedData {
  if (series.length === 0) return [[]];
  if (isStacked) return [[...series[0]!.x], ...heaped(series)];
  const tables = series.map(({ x, y, low, high }) => [x, y, ...(low && high ? [low, high] : [])]);
  return uPlot.join(tables as unknown as uPlot.AlignedData[]);
}

/** The highest heap first, so that those below are drawn over it. */
function heaped(series: readonly Series[]): (number | null)[][] {
  const heap = series[0]!.x.map(() => 0);
  return series.map(({ y }) => y.map((value, i) => (heap[i]! += value ?? 0))).reverse();
}

/**
 * @param now     the props as they are when something is drawn
 * @param colour  the value of a variable of the style sheet
 */
export function optionsOf(
  now: () => ChartProps,
  colour: Colour,
  { width, height }: { readonly width: number; readonly height: number },
  onCursor: (x: number | undefined) => void,
): uPlot.Options {
  const { series, format, isStacked, isHeat, range } = now();
  const drawn = isStacked ? [...series].reverse() : series;
  const hasBars = series.some(({ as }) => as === "bars");
  const isNamed = series.length > 1 && !isHeat;
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const grid = { stroke: colour("--line"), width: isHeat ? 0 : 1 };
  const axis = { stroke: colour("--quiet"), font, grid, ticks: { show: false } };
  // a bar or a cell stands around its step
  const around = isHeat || hasBars ? 0.5 : 0;
  return {
    ...{ width, height, padding: [6, isNamed ? NAMES_WIDTH : 12, 0, 0] },
    legend: { show: false },
    series: [{}, ...drawn.flatMap((one) => linesOf(one, colour(one.colour), isHeat))],
    bands: bandsOf(drawn, colour),
    scales: {
      x: { time: false, range: (_, least, most) => [(least ?? 0) - around, (most ?? 1) + around] },
      y: { range: range ? [...range] : (_, least, most) => rangeOf(least, most, isStacked) },
    },
    axes: [
      { ...axis, size: 24, gap: 2, incrs: wholeSteps },
      {
        ...axis,
        size: widthOf,
        gap: 4,
        space: 34,
        values: (_, at) => at.map((y) => (isHeat ? "" : format(y))),
      },
    ],
    cursor: { sync: { key: sync.key, setSeries: false }, y: false, points: { show: false } },
    hooks: {
      drawClear: [(plot) => isHeat && drawHeat(plot, now().series, colour)],
      draw: [
        (plot) => drawMarks(plot, now().marks ?? [], colour, font),
        (plot) => isNamed && nameLines(plot, drawn, colour, font),
      ],
      setCursor: [({ data, cursor: { idx } }) => onCursor(idx == null ? undefined : data[0]![idx])],
    },
  };
}

/** From 0 where lines are stacked; a level line has room on both sides. */
function rangeOf(least: number | null, most: number | null, isStacked?: boolean): [number, number] {
  const [low, high] = [isStacked ? 0 : (least ?? 0), most ?? 1];
  if (low < high) return isStacked ? [0, high] : (uPlot.rangeNum(low, high, 0.1, true) as [number, number]);
  const room = Math.abs(high) / 2 || 1;
  return [low < 0 ? low - room : Math.max(0, low - room), high + room];
}

/** 1, 2, 5, 10, … */
const wholeSteps = Array.from({ length: 18 }, (_, i) => [1, 2, 5].map((x) => x * 10 ** i)).flat();

/** Of the axis, for the longest of its words. */
function widthOf(_: uPlot, words: string[] | null): number {
  return Math.max(52, 12 + 6.5 * Math.max(0, ...(words ?? []).map(({ length }) => length)));
}

function linesOf({ as, y, low }: Series, stroke: string, isHeat?: boolean): uPlot.Series[] {
  const none = { width: 0, points: { show: false } };
  if (isHeat) return [none];
  if (as === "dots") return [{ stroke, width: 0, points: { show: true, size: 4, fill: stroke } }];
  if (as === "area") return [{ stroke, fill: stroke, width: 0.5, points: { show: false } }];
  if (as === "bars") return [{ ...none, fill: stroke, paths: uPlot.paths.bars!({ size: [0.9, 60] }) }];
  const points = { show: y.length === 1, size: 6, fill: stroke };
  const line = { stroke, width: 1.75, spanGaps: true, points };
  return low ? [line, { ...none, spanGaps: true }, { ...none, spanGaps: true }] : [line];
}

function bandsOf(drawn: readonly Series[], colour: Colour): uPlot.Band[] {
  let at = 0;
  return drawn.flatMap((one): uPlot.Band[] => {
    at += one.low ? 3 : 1;
    return one.low ? [{ series: [at, at - 1], fill: `${colour(one.colour)}2b` }] : [];
  });
}
