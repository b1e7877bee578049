/** What is drawn onto a chart beside its lines: their names, marks over steps, cells of a heat map. */
import type uPlot from "uplot";
import type { Series } from "./chart-options.ts";

/** Something that happened at a step. */
export interface Mark {
  readonly x: number;
  readonly label: string;
  readonly colour: string;
}

/** The value of a variable of the style sheet. */
export type Colour = (name: string) => string;
const NAME_HEIGHT = 13;

/** Each line's name behind its end, apart where ends are close. */
export function nameLines(plot: uPlot, drawn: readonly Series[], colour: Colour, font: string): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  let at = 0;
  const ends = drawn.map(({ label, colour: name, low }, i) => {
    const row = plot.data[++at] as (number | null)[];
    if (low) at += 2;
    const below = drawn[i + 1] && drawn[i]!.as === "area" ? (plot.data[at + 1]!.at(-1) ?? 0) : undefined;
    const last = row.findLast((value) => value != null) ?? 0;
    const middle = drawn[i]!.as === "area" ? (last + (below ?? 0)) / 2 : last;
    return { label, colour: colour(name), y: plot.valToPos(middle, "y", true) / ratio };
  });
  ends.sort((a, b) => a.y - b.y);
  ends.forEach((end, i) => (end.y = Math.max(end.y, i === 0 ? 0 : ends[i - 1]!.y + NAME_HEIGHT)));
  ctx.save();
  ctx.scale(ratio, ratio);
  ctx.font = font;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  for (const { label, colour: fill, y } of ends) {
    ctx.fillStyle = fill;
    ctx.fillText(
      label.length > 11 ? `${label.slice(0, 10)}…` : label,
      (bbox.left + bbox.width) / ratio + 6,
      y,
    );
  }
  ctx.restore();
}

/** A thin line down at each, its name at the top where there is room. */
export function drawMarks(plot: uPlot, marks: readonly Mark[], colour: Colour, font: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.font = font.replace("11px", `${10 * devicePixelRatio}px`);
  ctx.textAlign = "left";
  let free = Number.NEGATIVE_INFINITY;
  for (const { x, label, colour: name } of marks) {
    const left = plot.valToPos(x, "x", true);
    if (left < bbox.left || left > bbox.left + bbox.width) continue;
    ctx.strokeStyle = ctx.fillStyle = colour(name);
    ctx.globalAlpha = 0.55;
    ctx.setLineDash([2, 3]);
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    if (left < free) continue;
    ctx.globalAlpha = 1;
    ctx.fillText(label, left + 3, bbox.top + 10 * devicePixelRatio);
    free = left + ctx.measureText(label).width + 12;
  }
  ctx.restore();
}

/** A row for each series from the bottom; a cell's strength is its share. */
export function drawHeat(plot: uPlot, series: readonly Series[], colour: Colour): void {
  const { ctx, bbox } = plot;
  const x = plot.data[0]!;
  const { min = 0, max = 1 } = plot.scales.x!;
  const cell = Math.max(1, bbox.width / Math.max(1, max! - min! + 1));
  const height = bbox.height / series.length;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  series.forEach(({ y, colour: name }, row) => {
    ctx.fillStyle = colour(name);
    y.forEach((share, i) => {
      if (!share) return;
      ctx.globalAlpha = Math.min(1, 0.08 + 1.4 * share);
      const left = plot.valToPos(x[i]!, "x", true) - cell / 2;
      ctx.fillRect(left, bbox.top + bbox.height - (row + 1) * height, Math.ceil(cell), height - 1);
    });
  });
  ctx.restore();
}
