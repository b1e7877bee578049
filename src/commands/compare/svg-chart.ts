/**
 * Charts as SVG text: lines with bands of uncertainty, and shares stacked to one.
 */

export interface Line {
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** The bounds of a band about the line; where they are not finite, none is drawn. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
}

export interface LinePanel {
  readonly kind: "lines";
  readonly title: string;
  readonly xLabel: string;
  readonly lines: readonly Line[];
}

export interface SharePanel {
  readonly kind: "shares";
  readonly title: string;
  readonly xLabel: string;
  readonly x: readonly number[];
  /** Of each band, from the bottom, its share at each x; at each x they sum to 1. */
  readonly bands: readonly { readonly label: string; readonly share: readonly number[] }[];
}

export type Panel = LinePanel | SharePanel;

const [width, height] = [340, 240];
const margin = { left: 56, right: 12, top: 28, bottom: 40 };
const legendHeight = 22;
/** Apart for eyes that see fewer colours, too (Okabe and Ito). */
const colours = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#000000",
  "#999999",
  "#b3a900",
];
const shades = ["#7f2704", "#d94801", "#fdae6b", "#9ecae1", "#08519c", "#08306b"];

/** One picture of panels side by side, `columns` in a row, with the legend of the first below. */
export function chart(title: string, panels: readonly Panel[], columns = panels.length): string {
  const rows = Math.ceil(panels.length / columns);
  const total = { width: columns * width, height: 28 + rows * height + legendHeight };
  const drawn = panels.map((panel, i) => {
    const at = `translate(${(i % columns) * width},${28 + Math.floor(i / columns) * height})`;
    return `<g transform="${at}">${panel.kind === "lines" ? linePanel(panel) : sharePanel(panel)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total.width} ${total.height}" width="${total.width}" height="${total.height}" font-family="system-ui, sans-serif" font-size="11" fill="#222">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${margin.left}" y="18" font-size="14" font-weight="600">${escapeText(title)}</text>`,
    ...drawn,
    `<g transform="translate(${margin.left},${total.height - 8})">${legend(panels[0])}</g>`,
    "</svg>\n",
  ].join("\n");
}

function legend(panel: Panel | undefined): string {
  if (panel === undefined) return "";
  const entries =
    panel.kind === "lines"
      ? panel.lines.map(({ label }, i) => [label, colourOf(i)] as const)
      : panel.bands.map(({ label }, i) => [label, shades[i % shades.length]!] as const);
  let x = 0;
  return entries
    .map(([label, colour]) => {
      const entry = `<rect x="${x}" y="-9" width="14" height="9" fill="${colour}"/><text x="${x + 18}">${escapeText(label)}</text>`;
      x += 34 + 6.2 * label.length;
      return entry;
    })
    .join("");
}

const colourOf = (i: number) => colours[i % colours.length]!;

interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

function linePanel({ title, xLabel, lines }: LinePanel): string {
  const shown = (values: readonly number[]) => values.filter(Number.isFinite);
  const xs = shown(lines.flatMap(({ x }) => x));
  const own = shown(lines.flatMap(({ y }) => y));
  // a band of few seeds is many times as wide as what the lines do: it is cut at as much again above and below
  const [least, most] = [Math.min(...own), Math.max(...own)];
  const cut = (value: number) => Math.max(2 * least - most, Math.min(2 * most - least, value));
  const bounds = shown(lines.flatMap(({ low = [], high = [] }) => [...low, ...high])).map(cut);
  const x = scale(xs, margin.left, width - margin.right);
  const y = scale([...own, ...bounds], height - margin.bottom, margin.top);
  const marks = lines.map((line, i) => {
    const at = line.x.flatMap((each, n) => (Number.isFinite(each) && Number.isFinite(line.y[n]) ? [n] : []));
    const { low = [], high = [] } = line;
    const banded = at.filter((n) => Number.isFinite(low[n]) && Number.isFinite(high[n]));
    const band = [
      ...banded.map((n) => point(x(line.x[n]!), y(cut(high[n]!)))),
      ...banded.reverse().map((n) => point(x(line.x[n]!), y(cut(low[n]!)))),
    ];
    const path = at.map((n) => point(x(line.x[n]!), y(line.y[n]!))).join(" ");
    const shade =
      band.length === 0 ? "" : `<polygon points="${band.join(" ")}" fill="${colourOf(i)}" opacity="0.13"/>`;
    return `${shade}<polyline points="${path}" fill="none" stroke="${colourOf(i)}" stroke-width="1.8"/>`;
  });
  return frame(title, xLabel, x, y) + marks.join("");
}

function sharePanel({ title, xLabel, x: at, bands }: SharePanel): string {
  const x = scale(at, margin.left, width - margin.right);
  const y = scale([0, 1], height - margin.bottom, margin.top);
  const floor = at.map(() => 0);
  const areas = bands.map(({ share }, i) => {
    const lower = at.map((each, n) => point(x(each), y(floor[n]!)));
    for (const [n, each] of share.entries()) floor[n]! += each;
    const upper = at.map((each, n) => point(x(each), y(floor[n]!)));
    return `<polygon points="${[...lower, ...upper.reverse()].join(" ")}" fill="${shades[i % shades.length]}"/>`;
  });
  return areas.join("") + frame(title, xLabel, x, y);
}

/** Axes, ticks and titles. */
function frame(title: string, xLabel: string, x: Scale, y: Scale): string {
  const [left, right, top, bottom] = [margin.left, width - margin.right, margin.top, height - margin.bottom];
  const across = y.ticks.map(
    (tick) =>
      `<line x1="${left}" x2="${right}" y1="${fixed(y(tick))}" y2="${fixed(y(tick))}" stroke="#ddd"/>` +
      `<text x="${left - 6}" y="${fixed(y(tick) + 4)}" text-anchor="end">${tickText(tick)}</text>`,
  );
  const along = x.ticks.map(
    (tick) => `<text x="${fixed(x(tick))}" y="${bottom + 15}" text-anchor="middle">${tickText(tick)}</text>`,
  );
  return [
    `<text x="${left}" y="${top - 8}" font-weight="600">${escapeText(title)}</text>`,
    ...across,
    ...along,
    `<line x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}" stroke="#888"/>`,
    `<text x="${(left + right) / 2}" y="${bottom + 31}" text-anchor="middle">${escapeText(xLabel)}</text>`,
  ].join("");
}

/** From values to pixels, with a handful of round ticks. */
function scale(values: readonly number[], from: number, to: number): Scale {
  let low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  let high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(low)) [low, high] = [0, 1];
  if (low === high)
    [low, high] = [low - Math.max(1e-9, Math.abs(low) / 10), high + Math.max(1e-9, Math.abs(high) / 10)];
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const ticks = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
  return Object.assign((value: number) => from + ((value - low) / (high - low)) * (to - from), { ticks });
}

function tickText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e4 || (size > 0 && size < 1e-3))
    return value.toExponential(1).replace(".0", "").replace("e+", "e");
  return String(Number(value.toPrecision(4)));
}

const fixed = (value: number) => value.toFixed(1);
const point = (x: number, y: number) => `${fixed(x)},${fixed(y)}`;

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
