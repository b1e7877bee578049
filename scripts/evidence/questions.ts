/**
 * The questions of the second edition as claims, in a sceptic's order.
 */
import type { ArmName } from "./arms.ts";
import { type Claim, type Column, difference, nats, points, type Row } from "./claim.ts";
import { margin } from "./claims.ts";
import * as of from "./measures.ts";
import type { RecordedRun } from "./record.ts";
import { noises } from "./second-arms.ts";

/** The most answers to a problem of the ladder. */
export const MOST = 64;

const before: Column = { head: "before (%)", of: of.base, show: points };
const first: Column = { head: "pass@1 (%)", of: of.passAt(1), show: points };
const many: Column = { head: `pass@${MOST} (%)`, of: of.passAt(MOST), show: points };
const after: Column = { head: "after (%)", of: of.final, show: points };
const entropy: Column = { head: "entropy, change (nats)", of: of.entropyChange, show: nats };
const hard: Column = { head: "hard problems (%)", of: of.hard, show: points };

const above = { expected: { is: "above", margin } } as const;
const noWorse = { expected: { is: "no worse", margin } } as const;

/** NFT and RFT that climb the same. */
export const pairs = [
  ["nftQ", "rftQ"],
  ["nftRootQ", "rftRootQ"],
  ["nftLogQ", "rftLogQ"],
  ["nftLogWrong", "rftLogWrong"],
] as const satisfies readonly (readonly [ArmName, ArmName])[];

const gap = (names: readonly [ArmName, ArmName], measure: of.Measure, what?: string): Row => ({
  ...difference(names, measure),
  ...(what === undefined ? {} : { what }),
  show: points,
});

/** Both when the one that sampled less had sampled all it did. */
const atEqualTokens = (one: RecordedRun, other: RecordedRun): number => {
  const tokens = Math.min(of.tokensSampled(one), of.tokensSampled(other));
  return of.accuracyAt(one, tokens) - of.accuracyAt(other, tokens);
};
const equalTokens = (one: ArmName, other: ArmName, what: string): Row => ({
  ...{ what, arms: [one, other], of: (a, b) => atEqualTokens(a!, b!), show: points },
});

const updateArms = [1, 2, 4, 8, 16, 32].map((count) => {
  const name = <M extends "nft" | "rft" | "grpo">(method: M) => `${method}.updates-${count}` as ArmName;
  return count === 8
    ? { count, nft: "nftQ" as ArmName, rft: "rftQ" as ArmName, grpo: "grpoQ" as ArmName }
    : { count, nft: name("nft"), rft: name("rft"), grpo: name("grpo") };
});
const [fewest, most] = [updateArms[0]!, updateArms.at(-1)!];

export const questions: readonly Claim[] = [
  {
    id: "Q1",
    title: "Wrong answers add to what is right at the first try",
    paper: "NFT's paper: +3.4 points at 7B over RFT, which learns from right answers alone.",
    here: "Pairs that climb the same function of the solve rate, so that only the wrong answers part them. The verdict is on the paper's own pair.",
    arms: pairs.flat(),
    columns: [before, first, hard, entropy],
    rows: pairs.map((pair, i) => ({
      ...gap(pair, of.passAt(1)),
      ...(i === 0 ? { paper: "+3.4", ...above } : {}),
    })),
  },
  {
    id: "Q2",
    title: `Wrong answers add to what ${MOST} tries find`,
    paper: "Right answers sharpen, wrong ones keep the spread (arXiv:2506.01347, 2512.21625).",
    here: `The same pairs by pass@${MOST}, estimated without bias from as many answers.`,
    arms: pairs.flat(),
    columns: [many],
    rows: pairs.map((pair, i) => ({ ...gap(pair, of.passAt(MOST)), ...(i === 0 ? above : {}) })),
  },
  {
    id: "Q3",
    title: "Learning from one side alone: wrong answers keep pass@k, right ones give pass@1",
    paper: "NSR keeps pass@256 of the base, W-REINFORCE has both (arXiv:2506.01347).",
    here: "NSR has the wrong answers alone, W-REINFORCE weighs right ones a tenth, the third has GRPO's right answers alone.",
    arms: ["nsr", "wReinforce", "grpoPositive", "grpoQ", "maxrlQ", "drGrpoQ", "dapoQ"],
    columns: [before, first, many, entropy],
    rows: [
      {
        ...gap(["nsr", "grpoPositive"], of.passAt(MOST), `wrong alone less right alone, pass@${MOST}`),
        ...above,
      },
      { ...gap(["grpoPositive", "nsr"], of.passAt(1), "right alone less wrong alone, pass@1"), ...above },
      gap(["grpoQ", "grpoPositive"], of.passAt(1), "GRPO less its right answers alone, pass@1"),
      gap(["grpoQ", "grpoPositive"], of.passAt(MOST), `the same, pass@${MOST}`),
      gap(["wReinforce", "grpoQ"], of.passAt(MOST), `W-REINFORCE less GRPO, pass@${MOST}`),
    ],
  },
  {
    id: "Q4",
    title: "NFT gains on the others the further updates are off-policy",
    paper: "NFT decays the gradient of tokens that left the old policy where GRPO cuts it off.",
    here: `One to 32 updates of a rollout step, 8 in the regime; over 16 the same answers are passed over again. Each at the rate chosen for 8.`,
    arms: updateArms.flatMap(({ nft, rft, grpo }) => [nft, rft, grpo]),
    columns: [first, many],
    rows: [
      ...updateArms.map(({ count, nft, rft }) => gap([nft, rft], of.passAt(1), `NFT less RFT, ${count}`)),
      ...updateArms.map(({ count, nft, grpo }) => gap([nft, grpo], of.passAt(1), `NFT less GRPO, ${count}`)),
      {
        what: "NFT less GRPO, at 32 less at 1",
        arms: [most.nft, most.grpo, fewest.nft, fewest.grpo],
        of: (a, b, c, d) => of.passAt(1)(a!) - of.passAt(1)(b!) - of.passAt(1)(c!) + of.passAt(1)(d!),
        show: points,
        ...above,
      },
    ],
  },
  {
    id: "Q5",
    title: "A verifier that is often wrong hurts NFT no more than GRPO",
    paper: "Not in the paper: q stands in NFT's denominator, and noise moves q.",
    here: "That share of right verdicts and of wrong ones is flipped in training, never in evaluation.",
    arms: noises.flatMap((percent): ArmName[] => [
      `nft.noise-${percent}`,
      `rft.noise-${percent}`,
      `grpo.noise-${percent}`,
    ]),
    columns: [first, many],
    rows: noises.flatMap((percent): Row[] => [
      { ...gap([`nft.noise-${percent}`, `grpo.noise-${percent}`], of.passAt(1)), ...noWorse },
      gap([`nft.noise-${percent}`, `rft.noise-${percent}`], of.passAt(1)),
      gap([`nft.noise-${percent}`, "nftQ"], of.passAt(1), `NFT, what ${percent} % cost`),
    ]),
  },
  {
    id: "Q6",
    title: "Being choosy pays at equal answers sampled",
    paper: "DAPO's dynamic sampling is counted in steps; it samples two to three times as much in each.",
    here: "Accuracy when the run of a pair that sampled fewer tokens had sampled all of them.",
    arms: ["dynamic", "all", "screened", "chosen"],
    columns: [after, { head: "tokens discarded (%)", of: of.discardedShare, show: points }],
    rows: [
      { ...equalTokens("dynamic", "all", "dynamic sampling less all groups"), ...above },
      { ...equalTokens("screened", "dynamic", "4 answers first, less all at once"), ...noWorse },
      { ...equalTokens("chosen", "dynamic", "chosen by solve rate, less shuffled"), ...noWorse },
    ],
  },
  {
    id: "Q7",
    title: "It is so in a puzzle",
    paper: "Where search pays there is something to gain beyond the base's majority.",
    here: "The pocket model, taught for a short time to reach a number from three digits. Learning rates are the ladder's.",
    arms: ["nftPuzzle", "rftPuzzle", "grpoPuzzle"],
    columns: [before, first, many, entropy],
    rows: [
      { ...gap(["nftPuzzle", "rftPuzzle"], of.passAt(1)), ...above },
      gap(["nftPuzzle", "grpoPuzzle"], of.passAt(1)),
      gap(["nftPuzzle", "rftPuzzle"], of.passAt(MOST), `NFT less RFT, pass@${MOST}`),
    ],
  },
  {
    id: "Q8",
    title: "It is so with SmolLM2-135M on word problems",
    paper: "NFT's paper: 7B and 32B models.",
    here: "LoRA adapters after a cold start of six updates. Three seeds: a large difference shows, a small one does not.",
    arms: ["nftWords", "rftWords", "grpoWords", "maxrlWords"],
    columns: [before, after, entropy],
    rows: [
      { ...gap(["nftWords", "rftWords"], of.final), ...above },
      gap(["nftWords", "grpoWords"], of.final),
      gap(["nftWords", "maxrlWords"], of.final),
    ],
  },
  {
    id: "Q9",
    title: "Rollouts of eight bits cost no accuracy",
    paper: "Not in the paper.",
    here: "`rollout_precision: int8`: what samples is rounded, and its own log-probs are the old policy's. The same steps, seeds and problems as the pair's NFT.",
    arms: ["nftQ", "int8"],
    columns: [before, first, many, entropy],
    rows: [
      { ...gap(["int8", "nftQ"], of.passAt(1)), ...noWorse },
      gap(["int8", "nftQ"], of.passAt(MOST), `the same, pass@${MOST}`),
    ],
  },
];
