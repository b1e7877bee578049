/**
 * Charts as SVG text: lines with bands of uncertainty, and shares stacked to a whole.
 *
 *   title, note, panels  →  one picture that is understood alone
 *
 * A line is named where it ends, with its last value; where names are long, in a legend. It follows the reader's
 * choice of light or dark.
 */
import { type Axis, type Scale, scale } from "./axis.ts";
import { shades } from "./colours.ts";

export interface Line {
  readonly label: string;
  readonly colour: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** The bounds of a band about the line; where they are not finite, none is drawn. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
}

export interface LinePanel {
  readonly kind: "lines";
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
}

export interface SharePanel {
  readonly kind: "shares";
  readonly title: string;
  readonly x: Axis;
  readonly at: readonly number[];
  /** Of each band, from the bottom, its share at each x in percent; at each x they sum to 100. */
  readonly bands: readonly { readonly label: string; readonly share: readonly number[] }[];
}

export type Panel = LinePanel | SharePanel;

export interface Chart {
  readonly title: string;
  /** What was averaged, and what the bands are. */
  readonly note: string;
  readonly panels: readonly Panel[];
}

const [panelWidth, panelHeight] = [440, 280];
const margin = { left: 46, right: 16, top: 34, bottom: 44 };
/** Panels side by side: more would be too small in a page of text. */
const MOST_COLUMNS = 2;
/** Letters of the longest name that stands at the end of its line, and pixels of a letter, about. */
const SHORT_NAME = 16;
const LETTER = 7.1;
const LINE_HEIGHT = 13;

const style = [
  "text{fill:#24292f}.faint{fill:#57606a}.grid{stroke:#d8dee4}.axis{stroke:#8c959f}.paper{fill:#ffffff}",
  "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.faint{fill:#9198a1}.grid{stroke:#30363d}.axis{stroke:#6e7681}.paper{fill:#0d1117}}",
].join("");

export function chart({ title, note, panels }: Chart): string {
  const columns = Math.min(MOST_COLUMNS, Math.max(1, panels.length));
  const width = columns * panelWidth;
  const legend = legendOf(panels, width - 2 * margin.right);
  const top = 44 + legend.height;
  const height = top + Math.ceil(panels.length / columns) * panelHeight;
  const drawn = panels.map((panel, i) => {
    const at = `translate(${(i % columns) * panelWidth},${top + Math.floor(i / columns) * panelHeight})`;
    return `<g transform="${at}">${panel.kind === "lines" ? linePanel(panel) : sharePanel(panel)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="${escapeText(title)}">`,
    `<style>${style}</style>`,
    `<rect class="paper" width="100%" height="100%"/>`,
    `<text x="${margin.right}" y="22" font-size="15" font-weight="600">${escapeText(title)}</text>`,
    `<text class="faint" x="${margin.right}" y="40">${escapeText(note)}</text>`,
    `<g transform="translate(${margin.right},56)">${legend.text}</g>`,
    ...drawn,
    "</svg>\n",
  ].join("\n");
}

/** Names that do not stand at the ends of lines, once for all panels. */
function legendOf(
  panels: readonly Panel[],
  width: number,
): { readonly text: string; readonly height: number } {
  const entries = new Map(
    panels.flatMap((panel) =>
      panel.kind === "shares"
        ? panel.bands.map(({ label }, i) => [label, shades[i % shades.length]!] as const)
        : namesAtEnds(panel)
          ? []
          : panel.lines.map(({ label, colour }) => [label, colour] as const),
    ),
  );
  let [x, y] = [0, 0];
  const parts = [...entries].map(([label, colour]) => {
    const size = 34 + LETTER * label.length;
    if (x > 0 && x + size > width) [x, y] = [0, y + 18];
    const entry = `<rect x="${fixed(x)}" y="${y}" width="14" height="10" fill="${colour}"/><text x="${fixed(x + 19)}" y="${y + 10}">${escapeText(label)}</text>`;
    x += size;
    return entry;
  });
  return { text: parts.join(""), height: entries.size === 0 ? 0 : y + 22 };
}

function namesAtEnds({ lines }: LinePanel): boolean {
  return lines.every(({ label }) => label.length <= SHORT_NAME);
}

/** The pixels that a panel's marks are in. */
interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function linePanel(panel: LinePanel): string {
  const { x: across, y: up, lines } = panel;
  const shown = (values: readonly number[]) => values.filter(Number.isFinite);
  const seen = shown(lines.flatMap(({ y, low = [], high = [] }) => [...y, ...low, ...high]));
  const y = scale(up, seen, panelHeight - margin.bottom, margin.top, 0.04);
  const names = lines.map(({ label, y: values }) => {
    const last = values.findLast(Number.isFinite);
    const value = last === undefined ? "" : y.text(last);
    return namesAtEnds(panel) ? `${label}: ${value}` : value;
  });
  const room = 18 + LETTER * Math.max(0, ...names.map(({ length }) => length));
  const frame = {
    left: margin.left,
    right: panelWidth - room,
    top: margin.top,
    bottom: panelHeight - margin.bottom,
  };
  const x = scale(across, shown(lines.flatMap((line) => line.x)), frame.left, frame.right);
  const drawn = lines.map((line) => bandOf(line, x, y)).concat(lines.map((line) => strokeOf(line, x, y)));
  return axes(frame, x, y, y.label) + drawn.join("") + endNames(lines, names, x, y, frame);
}

function bandOf({ colour, x: at, low = [], high = [] }: Line, x: Scale, y: Scale): string {
  const banded = at.flatMap((each, n) =>
    [each, low[n], high[n]].every((value) => Number.isFinite(value)) ? [n] : [],
  );
  if (banded.length === 0) return "";
  const edge = [
    ...banded.map((n) => point(x.place(at[n]!), y.place(high[n]!))),
    ...banded.reverse().map((n) => point(x.place(at[n]!), y.place(low[n]!))),
  ];
  return `<polygon points="${edge.join(" ")}" fill="${colour}" fill-opacity="0.13" stroke="${colour}" stroke-opacity="0.35" stroke-width="0.8"/>`;
}

/** The line, with a dot at each point where there are few. */
function strokeOf({ colour, x: at, y: values }: Line, x: Scale, y: Scale): string {
  const places = at.flatMap((each, n) =>
    Number.isFinite(each) && Number.isFinite(values[n])
      ? [[x.place(each), y.place(values[n]!)] as const]
      : [],
  );
  const path = places.map(([left, top]) => point(left, top)).join(" ");
  const dotted = places.length <= 24 ? places : places.slice(-1);
  const dots = dotted.map(
    ([left, top]) => `<circle cx="${fixed(left)}" cy="${fixed(top)}" r="2.4" fill="${colour}"/>`,
  );
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round"/>${dots.join("")}`;
}

/** Names beside the last points, moved apart where they would lie on each other. */
function endNames(
  lines: readonly Line[],
  names: readonly string[],
  x: Scale,
  y: Scale,
  frame: Frame,
): string {
  const ends = lines
    .flatMap((line, i) => {
      const last = line.y.findLastIndex((value, n) => Number.isFinite(value) && Number.isFinite(line.x[n]));
      if (last < 0) return [];
      const [left, top] = [x.place(line.x[last]!), y.place(line.y[last]!)];
      return [{ name: names[i]!, colour: line.colour, left, top, at: top }];
    })
    .sort((a, b) => a.top - b.top);
  const block = (ends.length - 1) * LINE_HEIGHT;
  for (const [i, end] of ends.entries()) end.at = Math.max(end.top, (ends[i - 1]?.at ?? -1e9) + LINE_HEIGHT);
  // what was pushed below the axis is pushed back up
  const lowest = Math.max(frame.bottom, frame.top + block);
  for (let i = ends.length - 1; i >= 0; i--)
    ends[i]!.at = Math.min(ends[i]!.at, lowest - (ends.length - 1 - i) * LINE_HEIGHT);
  return ends
    .map(({ name, colour, left, top, at }) => {
      const moved = Math.abs(at - top) > 3 || left < frame.right - 1;
      const lead = moved
        ? `<path d="M${point(left + 3, top)} L${point(frame.right + 7, at)}" stroke="${colour}" opacity="0.6" fill="none"/>`
        : "";
      return `${lead}<text x="${fixed(frame.right + 9)}" y="${fixed(at + 4)}" style="fill:${colour}" font-weight="600">${escapeText(name)}</text>`;
    })
    .join("");
}

function sharePanel({ title, x: across, at, bands }: SharePanel): string {
  const frame = {
    left: margin.left,
    right: panelWidth - margin.right,
    top: margin.top,
    bottom: panelHeight - margin.bottom,
  };
  const x = scale(across, at, frame.left, frame.right);
  const y = scale({ label: "%", kind: "whole" }, [0, 100], frame.bottom, frame.top);
  const floor = at.map(() => 0);
  const areas = bands.map(({ share }, i) => {
    const lower = at.map((each, n) => point(x.place(each), y.place(floor[n]!)));
    for (const [n, each] of share.entries()) floor[n]! += each;
    const upper = at.map((each, n) => point(x.place(each), y.place(floor[n]!)));
    return `<polygon points="${[...lower, ...upper.reverse()].join(" ")}" fill="${shades[i % shades.length]}"/>`;
  });
  return areas.join("") + axes(frame, x, y, title);
}

/** Grid, ticks, and what is on each axis: upwards at the top, across below. */
function axes({ left, right, top, bottom }: Frame, x: Scale, y: Scale, title: string): string {
  const up = y.ticks.map(({ at, text }) => {
    const place = y.place(at);
    return `<line class="grid" x1="${left}" x2="${fixed(right)}" y1="${fixed(place)}" y2="${fixed(place)}"/><text class="faint" x="${left - 7}" y="${fixed(place + 4)}" text-anchor="end">${text}</text>`;
  });
  const across = x.ticks.map(
    ({ at, text }) =>
      `<line class="axis" x1="${fixed(x.place(at))}" x2="${fixed(x.place(at))}" y1="${bottom}" y2="${bottom + 4}"/><text class="faint" x="${fixed(x.place(at))}" y="${bottom + 17}" text-anchor="middle">${text}</text>`,
  );
  return [
    `<text x="${margin.right}" y="${top - 14}" font-weight="600">${escapeText(title)}</text>`,
    ...up,
    ...across,
    `<line class="axis" x1="${left}" x2="${fixed(right)}" y1="${bottom}" y2="${bottom}"/>`,
    `<text class="faint" x="${fixed((left + right) / 2)}" y="${bottom + 34}" text-anchor="middle">${escapeText(x.label)}</text>`,
  ].join("");
}

const fixed = (value: number) => value.toFixed(1);
const point = (x: number, y: number) => `${fixed(x)},${fixed(y)}`;

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
