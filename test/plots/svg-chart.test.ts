import { describe, expect, test } from "vitest";
import { type Axis, scale } from "../../src/commands/plots/axis.ts";
import { methodColours } from "../../src/commands/plots/colours.ts";
import { chart, type Line, type LinePanel } from "../../src/commands/plots/svg-chart.ts";

const ticks = (axis: Axis, values: number[]) => scale(axis, values, 0, 100).ticks.map(({ text }) => text);

describe("an axis", () => {
  test("of steps has whole numbers alone", () => {
    expect(ticks({ label: "steps", kind: "whole" }, [0, 2])).toEqual(["0", "1", "2"]);
    expect(ticks({ label: "steps", kind: "whole" }, [0, 40])).toEqual([
      "0",
      "5",
      "10",
      "15",
      "20",
      "25",
      "30",
      "35",
      "40",
    ]);
    expect(ticks({ label: "steps", kind: "whole" }, [1, 1000])).toEqual(["200", "400", "600", "800", "1000"]);
  });

  test("of small differences has ticks that can be told apart", () => {
    expect(ticks({ label: "tokens" }, [29.85, 30.02])).toEqual(["29.85", "29.90", "29.95", "30.00"]);
    expect(ticks({ label: "nats" }, [0.07, 0.13])).toEqual([
      "0.07",
      "0.08",
      "0.09",
      "0.10",
      "0.11",
      "0.12",
      "0.13",
    ]);
  });

  test("of large numbers says their power of ten once, in its label", () => {
    const { label, ticks: own } = scale({ label: "FLOPs" }, [0, 4.1e12], 0, 100);
    expect(label).toBe("FLOPs × 10¹²");
    expect(own.map(({ text }) => text)).toEqual(["0", "1", "2", "3", "4"]);
  });

  test("of logarithms has powers of ten, and says a value by its own", () => {
    const { ticks: own, text } = scale({ label: "norm", kind: "log10" }, [-2.4, 7.5], 0, 100);
    expect(own.map((tick) => tick.text)).toEqual(["0.01", "1", "100", "10⁴", "10⁶"]);
    expect(text(5.301)).toBe("2.0·10⁵");
    expect(text(-0.3)).toBe("0.5");
  });

  test("of one value, or of none, has a range", () => {
    for (const values of [[], [0], [5, 5], [-3]]) {
      const { place, ticks: own } = scale({ label: "" }, values, 0, 100);
      expect(own.length, String(values)).toBeGreaterThan(1);
      expect(Number.isFinite(place(values[0] ?? 0.5))).toBe(true);
    }
  });

  test("of what is never negative has no room below 0", () => {
    expect(scale({ label: "" }, [0, 10], 0, 100, 0.1).place(0)).toBe(0);
    expect(scale({ label: "" }, [-1, 10], 0, 100, 0.1).place(-1)).toBeGreaterThan(0);
  });
});

const line = (label: string, y: number[], spread = 0): Line => ({
  label,
  colour: methodColours([label]).get(label)!,
  x: y.map((_, i) => i),
  y,
  ...(spread > 0 ? { low: y.map((value) => value - spread), high: y.map((value) => value + spread) } : {}),
});

const panel = (...lines: Line[]): LinePanel => ({
  kind: "lines",
  x: { label: "steps", kind: "whole" },
  y: { label: "Accuracy, %" },
  lines,
});

const draw = (...lines: Line[]) =>
  chart({ title: "Methods", note: "Band: what it is.", panels: [panel(...lines)] });
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

describe("a chart", () => {
  test("says what it shows, in which unit, what its bands are, and where each line ends", () => {
    const svg = draw(line("nft", [30, 40, 48.83], 2), line("rft", [30, 41, 50.27], 2));
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        "Methods",
        "Band: what it is.",
        "Accuracy, %",
        "steps",
        "nft: 48.8",
        "rft: 50.3",
      ]),
    );
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("has every band whole within its panel", () => {
    const svg = draw(line("nft", [30, 40, 48], 25), line("rft", [30, 41, 50]));
    const bands = [...svg.matchAll(/<polygon points="([^"]+)"/g)].flatMap(([, points]) => points!.split(" "));
    expect(bands).toHaveLength(6);
    const heights = bands.map((each) => Number(each.split(",")[1]));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(34);
    expect(Math.max(...heights)).toBeLessThanOrEqual(280 - 44);
    // to scale: 25 above 30 is as far as 25 below
    const tall = (n: number) => heights[5 - n]! - heights[n]!;
    expect(tall(0)).toBeCloseTo(tall(2), 0);
  });

  test("keeps names of lines that end together apart", () => {
    const svg = draw(...["nft", "rft", "grpo", "dapo"].map((name) => line(name, [10, 20])));
    const places = [...svg.matchAll(/<text x="[\d.]+" y="([\d.]+)" style/g)]
      .map(([, y]) => Number(y))
      .sort((a, b) => a - b);
    expect(places).toHaveLength(4);
    for (const [i, place] of places.slice(1).entries()) expect(place - places[i]!).toBeGreaterThanOrEqual(12);
    expect(places.at(-1)).toBeLessThanOrEqual(280 - 44 + 5);
  });

  test("has long names in a legend, and a line without a band where none is known", () => {
    const name = "grpo:filter_groups.enable=false";
    const svg = draw(line(name, [1, 2]), {
      ...line("nft", [2, 3]),
      low: [-Infinity, -Infinity],
      high: [Infinity, Infinity],
    });
    expect(texts(svg)).toContain(name);
    expect(texts(svg)).toContain("2.00");
    expect(svg).not.toContain("<polygon");
  });

  test("gives a method one colour, whatever it is drawn beside, and no two the same", () => {
    const alone = methodColours(["nft", "rft"]);
    const beside = methodColours([
      "./mine.ts",
      "dr_grpo",
      "rft",
      "nft:normalize=none",
      "nft",
      "grpo",
      "dapo",
    ]);
    expect([beside.get("nft"), beside.get("rft")]).toEqual([alone.get("nft"), alone.get("rft")]);
    expect(new Set(beside.values()).size).toBe(7);
  });

  test("is text that names cannot break out of", () => {
    const svg = draw(line('<b a="&">', [1, 2]));
    expect(svg).not.toContain("<b a");
    expect(svg).toContain("&#60;b a=&#34;&#38;&#34;&#62;");
  });
});
