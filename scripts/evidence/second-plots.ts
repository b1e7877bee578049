/**
 * The plot of docs/evidence-second.md: the pair that climbs q, by how many answers are tried.
 */
import { methodColours } from "../../src/commands/plots/colours.ts";
import { chart, type LinePanel } from "../../src/commands/plots/svg-chart.ts";
import { arms } from "./arms.ts";
import { paired, runsOf } from "./measures.ts";
import { percent, points } from "./plots.ts";
import { pairs } from "./questions.ts";
import type { ComparisonRecord, RecordedRun } from "./record.ts";

const k = { label: "answers tried, k", kind: "log10" } as const;

/** SVG texts, by file name; none while nothing was measured. */
export function secondPlots(records: readonly ComparisonRecord[]): Record<string, string> {
  const [nft, rft] = pairs[0];
  const both = paired(records, [nft, rft]);
  if (both.length === 0) return {};
  const colours = methodColours(["base", nft, rft, "difference"]);
  const curve = ({ ends }: RecordedRun, when: "before" | "after") => ({
    x: ends!.passAt.k.map((tries) => Math.log10(tries)),
    y: percent(ends!.passAt[when]),
  });
  const line = (label: string, name: string, curves: readonly ReturnType<typeof curve>[]) => ({
    ...{ label, colour: colours.get(name)! },
    ...points(curves),
  });
  const of = (name: typeof nft | typeof rft) =>
    line(
      arms[name].label,
      name,
      runsOf(records, name).map((run) => curve(run, "after")),
    );
  const base = line(
    "base",
    "base",
    both.map(([run]) => curve(run!, "before")),
  );
  const differences = both.map(([one, other]) => {
    const [a, b] = [curve(one!, "after"), curve(other!, "after")];
    return { x: a.x, y: a.y.map((value, i) => value - b.y[i]!) };
  });
  const panels: LinePanel[] = [
    { kind: "lines", x: k, y: { label: "pass@k, %" }, lines: [base, of(nft), of(rft)] },
    {
      kind: "lines",
      x: k,
      y: { label: "NFT less RFT, points of pass@k" },
      lines: [line("NFT less RFT", "difference", differences)],
    },
  ];
  const note = `Pocket model on the ladder; ${both.length} pairs of one seed. Band: 95 % interval of the mean at each k (Student's t).`;
  return { "pass-at-k.svg": chart({ title: "What wrong answers add, by answers tried", note, panels }) };
}
