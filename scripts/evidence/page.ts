/**
 * docs/evidence.md, all of it made from the records: no figure and no verdict is typed.
 */

import { meanInterval } from "../../src/statistics/intervals.ts";
import { rates, table } from "../../src/statistics/markdown-table.ts";
import { arms, comparisons, firstArms, methodsOf, seedCount, settingsOf } from "./arms.ts";
import { type Claim, type Finding, findingsOf, verdictOf } from "./claim.ts";
import { claims, leftOut, margin } from "./claims.ts";
import { stepCosts, target, targetCosts } from "./cost.ts";
import { base, final, runsOf } from "./measures.ts";
import { plots } from "./plots.ts";
import type { ComparisonRecord } from "./record.ts";

/**
 * @param regime  the text of docs/evidence/regime.yaml
 * @returns the text of docs/evidence.md
 */
export function evidencePage(records: readonly ComparisonRecord[], regime: string): string {
  const found = claims.map((claim) => ({ claim, findings: findingsOf(claim, records) }));
  const parts = [
    opening(records),
    summary(found),
    theRegime(records, regime),
    whatWeightsClimb(),
    costs(records),
    ...found.flatMap(({ claim, findings }) => section(claim, findings, records)),
    remaking(),
  ];
  return `${parts.join("\n\n")}\n`;
}

interface Found {
  readonly claim: Claim;
  readonly findings: readonly Finding[];
}

function opening(records: readonly ComparisonRecord[]): string {
  const days = [...new Set(records.map(({ measured }) => measured))].sort();
  const ended = records.reduce((sum, { runs }) => sum + runs.length, 0);
  const planned = Object.keys(firstArms).length * seedCount;
  return `# Evidence

What the paper on Negative-aware Fine-Tuning (arXiv:2505.18116) claims, measured on the pocket model: ${ended} of ${planned} runs,
${days.join(" and ")}. Its claims are about models of 7B and 32B parameters that reason at length; these are about one of
1.6M that works sums. A verdict here is on the claim here.

This page and its plots are made by \`npx tsx scripts/evidence.ts\` from [the runs' records](evidence), and a test holds
them to each other.`;
}

function summary(found: readonly Found[]): string {
  const decided = found.map(({ claim, findings }) => ({
    claim,
    verdict: verdictOf(findings),
    rows: findings.filter(({ verdict }) => verdict !== undefined),
  }));
  const rows = decided.map(({ claim, verdict, rows }) => [
    claim.id,
    claim.title,
    verdict,
    String(rows.length),
    rows.length === 0 ? "0" : String(Math.min(...rows.map(({ seeds }) => seeds))),
  ]);
  const all = decided.reduce((sum, { rows }) => sum + rows.length, 0);
  return `## Verdicts

${leftTable(["", "claim", "verdict", "rows", "seeds"], rows)}

${wrapped(`The numbers are those of the paper's claims. Not measured here: ${leftOut.map(({ id, title, because }) => `${id} ("${title}") ${because}`).join("; ")}.`)}

Each row of a claim's second table that has a verdict is decided by the 95 % interval of its mean over seeds (Student's t, a
run is the unit) and a rule that is the same for all:

${leftTable(["expected", "holds", "does not hold here"], rules())}

Anything else is "cannot tell". The margin is ${100 * margin} point in differences of accuracy, for smaller gaps are inside the
run-to-run band of the paper's own curves, and 0 in changes from the base and in entropy. It was taken from there when a
few of these runs had been seen. A claim holds where all its rows do and does not where any of them does not; while a row
of it is not measured it can fail but not hold. Rows of which nothing is expected explain and decide nothing. "After" is
the last evaluation, "A less B" a difference of runs with the same seed.

${all} rows have verdicts, and each interval is for itself, uncorrected: of ${all} intervals about ${figure(all / 20)} may be expected to miss what
they estimate.`;
}

/** What a problem's weight makes of its solve rate q, and so which arms are of one objective. */
function whatWeightsClimb(): string {
  const rows = [
    ["q, the share of right answers", "1 − q", "1"],
    ["arcsin √q", "√((1 − q)/q)", "1/√(q(1 − q))"],
    ["−log(1 − q)", "1", "1/(1 − q)"],
    ["q − q²/2", "(1 − q)²", "1 − q"],
  ];
  return `## What a weight climbs

Every answer to a problem is weighed by w, which depends on the problem's solve rate q. On-policy, NFT then climbs w/(1 − q) · ∇q,
and RFT w · ∇q (test/theory/weights.test.ts): what is climbed is a function of q, and two arms are of one objective where they
are in one row:

${leftTable(["objective climbed", "w of NFT", "w of RFT"], rows)}

So NFT and RFT at equal w are no pair: one that is above the other may be so for its objective. Of the arms here NFT (w = 1 − q)
and RFT (w = 1) are a pair, as in the paper; NFT with w = √((1 − q)/q) and GRPO are another.`;
}

export function rules(): string[][] {
  return [
    ["above 0", "all of the interval above 0", "all of it under the margin"],
    ["below 0", "all of the interval below 0", "all of it over minus the margin"],
    ["alike", "all of the interval within the margin of 0", "all of it outside"],
    ["no worse", "all of the interval over minus the margin", "all of it under"],
    ["about x, not y", "x is in the interval and y is not", "x is not in it"],
    ["under a limit", "all of the interval under it", "all of it over"],
  ];
}

function theRegime(records: readonly ComparisonRecord[], regime: string): string {
  const runs = runsOf(records, "nft");
  const [before, after] = [base, final].map((of) => rates(meanInterval(runs.map(of))));
  return `## The regime

\`\`\`yaml
${regime.trimEnd()}
\`\`\`

Every arm has this, ${seedCount} seeds from 42 on, and differs from it in what its name and the last table of this page say. Of one seed, all arms have the same base,
training problems in the same order, and ${records[0]!.evalProblems} held-out problems. The base is right in ${before} % of them, sampled
at temperature 1, and NFT's runs end at ${after} %.

It was chosen so that a base which is right in 20 to 50 % has room both ways, and so that most updates are off-policy, as the
paper's are: 8 updates a step to its 16. The learning rate is that of the first example, a little lower for its more updates,
and was tuned for no method.`;
}

function costs(records: readonly ComparisonRecord[]): string {
  const jobs = Math.max(...records.map((record) => record.jobs));
  return `## What a step costs

${stepCosts(records)}

GFLOP (10⁹ floating-point operations, counted from the programs' matrix products), then seconds with ${jobs} runs at a time on a
machine that others were using, then tokens sampled and those of groups not learnt from. Means over steps and seeds; compare
FLOPs and tokens, which do not drift, before seconds. "On all groups" is without the filter that replaces groups that are all
right or all wrong.

### To ${100 * target} % right

${targetCosts(records)}

Means over the seeds that got there, by a straight line between the evaluations before and after.`;
}

export function section(
  claim: Claim,
  findings: readonly Finding[],
  records: readonly ComparisonRecord[],
): string[] {
  const { id, title, paper, here, columns, rows, counted, plot } = claim;
  const armRows = claim.arms.map((name) => {
    const runs = runsOf(records, name);
    return [
      arms[name].label,
      String(runs.length),
      ...columns.map(({ of, show }) => show(meanInterval(runs.map(of)))),
    ];
  });
  const hasPaper = rows.some(({ paper: figureOfPaper }) => figureOfPaper !== undefined);
  const rowRows = findings.map(({ row, seeds, interval, verdict }) => [
    row.what,
    String(seeds),
    row.show(interval),
    ...(hasPaper ? [row.paper ?? ""] : []),
    row.expected === undefined ? "" : expectation(row.expected),
    verdict ?? (row.expected === undefined ? "" : "not measured"),
  ]);
  return [
    `## ${id}: ${title}`,
    wrapped(`**The paper:** ${paper}`),
    wrapped(`**Here:** ${here}`),
    table(["", "seeds", ...columns.map(({ head }) => head)], armRows),
    table(["", "pairs", "mean", ...(hasPaper ? ["paper"] : []), "expected", "verdict"], rowRows),
    ...(counted === undefined ? [] : [counted(records)]),
    ...(plot === undefined || plotted.get(plot) !== id
      ? []
      : [`![${plots[plot]!.title}](evidence/${plot}.svg)`]),
    `**Verdict: ${verdictOf(findings)}.**`,
  ];
}

/** Each plot is shown with the first claim that names it. */
const plotted = new Map(
  [...claims].reverse().flatMap(({ id, plot }) => (plot === undefined ? [] : [[plot, id] as const])),
);

function expectation(expected: NonNullable<Finding["row"]["expected"]>): string {
  switch (expected.is) {
    case "above":
      return "above 0";
    case "below":
      return "below 0";
    case "alike":
    case "no worse":
      return expected.is;
    case "about":
      return `about ${100 * expected.value}, not ${100 * expected.not}`;
    case "under":
      return `under ${expected.limit}`;
    default:
      return expected satisfies never;
  }
}

function remaking(): string {
  const codes = (words: readonly string[]) => words.map((each) => `\`${each}\``).join(" ");
  const rows = comparisons.map((name) => [codes([name]), codes(methodsOf(name)), codes(settingsOf(name))]);
  return `## To make it again

\`\`\`sh
npx tsx scripts/evidence-runs.ts                              # all of them: hours; Ctrl-C saves, the same command goes on
npx tsx scripts/evidence.ts --collect runs/evidence/*         # the records, this page and its plots
\`\`\`

It is \`errata compare\` once for each comparison:

${leftTable(["comparison", "methods", "all of them with"], rows)}`;
}

/** A table of words: no column is set to the right. */
export function leftTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

/** Lines of at most 118 letters. */
export function wrapped(text: string): string {
  return text.split(" ").reduce((all, word) => {
    const line = all.slice(all.lastIndexOf("\n") + 1);
    return line.length + 1 + word.length > 118 ? `${all}\n${word}` : `${all} ${word}`;
  });
}

const figure = (value: number) => String(Number(value.toPrecision(1)));
