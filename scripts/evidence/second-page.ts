/**
 * docs/evidence-second.md, all of it made from the records: no figure and no verdict is typed.
 */
import type { Interval } from "../../src/index.ts";
import { meanInterval, ofRates } from "../../src/statistics/intervals.ts";
import { figures, rates as percent, table } from "../../src/statistics/markdown-table.ts";
import { simultaneousQuantile } from "../../src/statistics/simultaneous.ts";
import { type ArmName, arms } from "./arms.ts";
import { findingsOf, verdictOf } from "./claim.ts";
import { margin } from "./claims.ts";
import { base, mean, paired, passAt, runsOf } from "./measures.ts";
import { leftTable, rules, section, wrapped } from "./page.ts";
import { multipleOfSlope, type Weight } from "./pair-factor.ts";
import { pairs, questions } from "./questions.ts";
import type { Rates } from "./rates.ts";
import type { ComparisonRecord } from "./record.ts";

/**
 * @param rates   as they were chosen; undefined where the regime's stand
 * @param regime  the text of docs/evidence/second.yaml
 * @returns the text of docs/evidence-second.md
 */
export function secondPage(
  records: readonly ComparisonRecord[],
  rates: Rates | undefined,
  regime: string,
): string {
  const found = questions.map((claim) => ({ claim, findings: findingsOf(claim, records) }));
  const list = found.map(({ claim, findings }) => [claim.id, claim.title, verdictOf(findings)]);
  const parts = [
    "# Evidence, second edition",
    opening(records),
    answer(records),
    leftTable(["", "question", "verdict"], list),
    wrapped(
      `A verdict is of the 95 % interval of a mean over seeds (Student's t, a run is the unit, each interval for itself, uncorrected), by a rule that was there before the runs; anything else is "cannot tell". The margin is ${100 * margin} point.`,
    ),
    leftTable(["expected", "holds", "does not hold here"], rules()),
    "## The regime",
    `\`\`\`yaml\n${regime.trimEnd()}\n\`\`\``,
    room(records),
    ...(rates === undefined ? [] : ["## Learning rates", ratesTable(rates)]),
    "## What is matched",
    factors(records),
    "## With more answers",
    wrapped(
      "pass@k at the end. The intervals of a row hold all at once in 95 % of samples, so that a k may be looked for.",
    ),
    passTable(records),
    "![What wrong answers add, by answers tried](evidence/pass-at-k.svg)",
    ...found
      .filter(({ findings }) => findings.some(({ seeds }) => seeds > 0))
      .flatMap(({ claim, findings }) => section(claim, findings, records)),
    remaking(),
  ];
  return `${parts.join("\n\n")}\n`;
}

function opening(records: readonly ComparisonRecord[]): string {
  const days = [...new Set(records.map(({ measured }) => measured))].sort();
  const count = records.reduce((sum, { runs }) => sum + runs.length, 0);
  return wrapped(
    `Do wrong answers add anything, on the same rollouts and matched objectives? ${count} runs so far, ${days.join(" and ")}; what has none yet is "not measured". [The first edition](evidence.md) holds claims of the paper (arXiv:2505.18116) by 85 shorter runs. Made by \`npx tsx scripts/evidence.ts\` from [the runs' records](evidence/second), and a test holds them to each other.`,
  );
}

/** The one question in words, from the pair that climbs q. */
function answer(records: readonly ComparisonRecord[]): string {
  const both = paired(records, pairs[0]);
  if (both.length < 2) return "**Not measured yet.**";
  const most = both[0]![0]!.ends!.passAt.k.at(-1)!;
  const at = (k: number) => {
    const interval = meanInterval(both.map(([one, other]) => passAt(k)(one!) - passAt(k)(other!)));
    return `${percent(interval)} points${inWords(interval)}`;
  };
  return wrapped(
    `**NFT less RFT, ${both.length} pairs of one seed: at the first try ${at(1)}; with ${most} tries ${at(most)}.** Both climb the share of right answers, from the same base and problems in the same order; what parts them is the wrong answers alone.`,
  );
}

function inWords({ low, high }: Interval): string {
  if (low > 0) return ", more with wrong answers";
  if (high < 0) return ", less with wrong answers";
  return low > -margin && high < margin ? ", no more and no less" : ", which cannot be told from 0";
}

function remaking(): string {
  return `## To make it again

\`\`\`sh
npx tsx scripts/evidence-runs.ts --edition 2 --jobs 2         # Ctrl-C saves, the same command goes on; --quick takes 20 minutes
cp runs/evidence-2/records/*.json runs/evidence-2/rates.json docs/evidence/second/
npx tsx scripts/evidence.ts                                   # this page and its plot
\`\`\``;
}

/** What there is to gain beyond the base's own majority. */
function room(records: readonly ComparisonRecord[]): string {
  const run = runsOf(records, "nftQ")[0];
  if (run?.ends === undefined) return "";
  const { passAt: found, majority, easy, hard } = run.ends;
  const show = (rate: number | null | undefined) => (rate == null ? "–" : (100 * rate).toFixed(1));
  const most = found.k.at(-1);
  return wrapped(
    `The base is right in ${show(base(run))} % (${show(easy?.before)} % of the easy problems, ${show(hard?.before)} % of the hard ones), its majority in ${show(majority.before)} %, one of ${most} answers in ${show(found.before.at(-1))} %. The kinds of problems were chosen by such figures alone, of 192 problems with 32 answers each, some of them held out here as well, before any method was run on them; harder problems, with one operation more than the base was taught, were tried first and left: even taught for 80 steps it was right in 2 % of them, and its majority in none.`,
  );
}

function ratesTable(rates: Rates): string {
  const tried = [...new Set(Object.values(rates).flatMap((own) => Object.keys(own.tried)))];
  const rows = Object.entries(rates).map(([method, own]) => [
    method,
    ...tried.map((rate) => `${(100 * (own.tried[rate] ?? Number.NaN)).toFixed(1)}`),
    String(own.chosen),
  ]);
  return `${table(["method", ...tried, "chosen"], rows)}\n\nPercent right at the end of shorter runs, on problems that are in no other table; DAPO and Dr. GRPO take GRPO's.`;
}

const weightOf = (name: ArmName): { readonly algorithm: "nft" | "rft"; readonly weight: Weight } => {
  const [algorithm, weight] = arms[name].method.split(":normalize=");
  const isNft = algorithm === "nft";
  return { algorithm: isNft ? "nft" : "rft", weight: (weight ?? (isNft ? "dr_grpo" : "none")) as Weight };
};

/** The factor that an estimated solve rate leaves between the two of a pair. */
function factors(records: readonly ComparisonRecord[]): string {
  const runs = runsOf(records, "nftQ");
  const q = runs.length === 0 ? 0.3 : mean(runs.map(base));
  const rows = pairs.map(([nft, rft]) => {
    const [one, other] = [nft, rft].map((name) => {
      const { algorithm, weight } = weightOf(name);
      return multipleOfSlope(algorithm, weight, q, 8);
    }) as [number, number];
    return [arms[nft].label.replace("NFT, ", ""), one.toFixed(3), other.toFixed(3), (one / other).toFixed(3)];
  });
  return `${table(["objective climbed", "NFT", "RFT", "factor"], rows)}\n\n${wrapped(`Multiples of ∇q at q = ${figures(q)} with 8 answers, groups all right or all wrong dropped; a factor that is the same for all problems is one of the learning rate.`)}`;
}

/** pass@k at the end of the pair that climbs q, and its difference, with bands. */
function passTable(records: readonly ComparisonRecord[]): string {
  const [nft, rft] = pairs[0];
  const ks = runsOf(records, nft)[0]?.ends?.passAt.k ?? [];
  const both = paired(records, [nft, rft]);
  const row = (label: string, of: (runs: (typeof both)[number], k: number) => number, isRate: boolean) => {
    const columns = ks.map((k) => both.map((runs) => of(runs, k)));
    const quantile = both.length < 3 ? undefined : simultaneousQuantile(columns);
    return [
      label,
      ...columns.map((values) => percent(meanInterval(values, isRate ? ofRates : undefined, quantile))),
    ];
  };
  if (both.length === 0) return "Not measured yet.";
  return table(
    ["", ...ks.map((k) => `pass@${k}`)],
    [
      row(arms[nft].label, ([one], k) => passAt(k)(one!), true),
      row(arms[rft].label, ([, other], k) => passAt(k)(other!), true),
      row("NFT less RFT", ([one, other], k) => passAt(k)(one!) - passAt(k)(other!), false),
    ],
  );
}
