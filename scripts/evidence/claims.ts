/**
 * The claims of the paper by their numbers: those that a small model can speak to, and why the others are left out.
 */

import { type ArmName, arms, settingsOf } from "./arms.ts";
import { alone, type Claim, type Column, difference, hundredths, nats, points, tenths } from "./claim.ts";
import * as of from "./measures.ts";

/** Points: gaps below it are inside the run-to-run band of the paper's own curves. */
export const margin = 0.01;

/** What the arm's comparison sets beside the regime, for a claim's text. */
const settings = (arm: ArmName) => settingsOf(arms[arm].comparison).join(", ");

const before: Column = { head: "before (%)", of: of.base, show: points };
const after: Column = { head: "after (%)", of: of.final, show: points };
const average: Column = { head: "mean of all evaluations (%)", of: of.average, show: points };
const entropy: Column = { head: "entropy, change (nats)", of: of.entropyChange, show: nats };
const gradNorm: Column = {
  head: "largest gradient norm (log₁₀)",
  of: of.largestGradNorm,
  show: hundredths,
};

const above = { expected: { is: "above", margin } } as const;
const alike = { expected: { is: "alike", margin } } as const;

/** Claims that are not measured here, and why. */
export const leftOut: readonly { readonly id: string; readonly title: string; readonly because: string }[] = [
  {
    id: "C4",
    title: "Wrong answers matter more to larger models",
    because:
      "needs two sizes of a model, large enough to differ in it; the paper offers it as an observation",
  },
  {
    id: "C10",
    title: "NFT needs one copy of the model",
    because: "is a fact of the algorithm and of this program, in which every objective here needs one",
  },
  {
    id: "C11",
    title: "16K tokens of context do as well as 32K",
    because: "needs a model that reasons at that length",
  },
];

export const claims: readonly Claim[] = [
  {
    id: "C1",
    title: "NFT ends higher than RFT",
    paper:
      "Learning from wrong answers too beats learning from right ones alone: +3.4 points at 7B, +6.4 at 32B.",
    here:
      "The paper's two arms, NFT with w = 1 − q and RFT with w = 1, climb the same objective, q, so their difference is what wrong " +
      "answers add. The other two cells climb others: NFT with w = 1 climbs −log(1 − q), RFT with w = 1 − q climbs q − q²/2. A pair " +
      "at equal w differs in its objective as well as in the wrong answers, and does not say which of the two a difference is from.",
    arms: ["nft", "nftPlain", "rftWeighted", "rft"],
    columns: [before, after, average],
    rows: [
      { ...difference(["nft", "rft"], of.final), show: points, paper: "+3.4", ...above },
      { ...difference(["nft", "rft"], of.average), what: "the same, mean of all evaluations", show: points },
      {
        ...difference(["nft", "rftWeighted"], of.final),
        what: "w = 1 − q in both: q, less q − q²/2",
        show: points,
      },
      {
        ...difference(["nftPlain", "rft"], of.final),
        what: "w = 1 in both: −log(1 − q), less q",
        show: points,
      },
      {
        ...difference(["nft", "nftPlain"], of.final),
        what: "NFT climbing q, less −log(1 − q)",
        show: points,
      },
      {
        ...difference(["rftWeighted", "rft"], of.final),
        what: "RFT climbing q − q²/2, less q",
        show: points,
      },
    ],
    plot: "methods",
  },
  {
    id: "C2",
    title: "NFT is level with DAPO, and above GRPO and Dr. GRPO",
    paper: "At 7B NFT ends 0.5 points above DAPO, 2.2 above GRPO and 1.9 above Dr. GRPO.",
    here:
      "At equal steps. The paper ran GRPO and Dr. GRPO on all groups, mixed or not, and so do the arms of the verdict, which sample less " +
      "for a step. GRPO with the filter that NFT and DAPO have is beside them.",
    arms: ["nft", "dapo", "grpo", "grpoAll", "drGrpoAll"],
    columns: [before, after, average],
    rows: [
      { ...difference(["nft", "dapo"], of.final), show: points, paper: "+0.5", ...alike },
      { ...difference(["nft", "grpoAll"], of.final), show: points, paper: "+2.2", ...above },
      { ...difference(["nft", "drGrpoAll"], of.final), show: points, paper: "+1.9", ...above },
      { ...difference(["nft", "grpo"], of.final), show: points },
    ],
    plot: "methods",
  },
  {
    id: "C3",
    title: "Entropy falls with RFT, and rises with NFT and DAPO",
    paper: "Over training the entropy of RFT falls while those of NFT and DAPO rise, at 7B and at 32B.",
    here: "Mean entropy of the tokens sampled in answer to the held-out problems, the same at every evaluation; changes from the base's.",
    arms: ["nft", "rft", "dapo", "grpo"],
    columns: [entropy],
    rows: [
      { ...alone("rft", "change", of.entropyChange), show: nats, expected: { is: "below", margin: 0 } },
      { ...alone("nft", "change", of.entropyChange), show: nats, expected: { is: "above", margin: 0 } },
      { ...alone("dapo", "change", of.entropyChange), show: nats, expected: { is: "above", margin: 0 } },
      {
        ...difference(["nft", "rft"], of.entropyChange),
        show: nats,
        expected: { is: "above", margin: 0 },
      },
    ],
    plot: "methods",
  },
  {
    id: "C5",
    title: "Right answers alone give about 80 % of the gain",
    paper:
      "At 32B RFT reaches about 80 % of what NFT gains over the base; from the tables 78 % at 32B, 83 % at 7B.",
    here: "(RFT − base) / (NFT − base), seed by seed, of the pair that climbs the same objective. The claim is told apart from 100 %, which would leave nothing to the wrong answers.",
    arms: ["nft", "rft"],
    columns: [{ head: "gain (points)", of: of.gain, show: points }],
    rows: [
      {
        what: "share of NFT's gain that RFT has (%)",
        arms: ["nft", "rft"],
        of: (nft, rft) => of.gain(rft!) / of.gain(nft!),
        show: points,
        paper: "80",
        expected: { is: "about", value: 0.8, not: 1 },
      },
    ],
  },
  {
    id: "C6",
    title: "Both weights of a problem do alike, and better than none",
    paper: "w = 1 − q and w = √((1 − q)/q) do about the same, and both do better than w = 1.",
    here: "Three arms of NFT that differ in w alone, and so in what they climb: q, arcsin √q and −log(1 − q). Without more words NFT has w = 1 − q.",
    arms: ["nft", "nftRoot", "nftPlain"],
    columns: [before, after, average],
    rows: [
      {
        ...difference(["nft", "nftRoot"], of.final),
        what: "w = 1 − q, less w = √((1 − q)/q)",
        show: points,
        ...alike,
      },
      { ...difference(["nft", "nftPlain"], of.final), what: "w = 1 − q, less w = 1", show: points, ...above },
      {
        ...difference(["nftRoot", "nftPlain"], of.final),
        what: "w = √((1 − q)/q), less w = 1",
        show: points,
        ...above,
      },
    ],
  },
  {
    id: "C7",
    title: "A small floor ε hurts, and ε = 1 is at or near the best",
    paper: "Punishing rising wrong answers too hard, as ε falls to 0, hurts; ε = 1 is the default.",
    here:
      "ε bounds how hard a token of a wrong answer is pushed down; without more words NFT has ε = 1. Gradient norms are the largest of " +
      "any update, before they are clipped at 1 as in the paper.",
    arms: ["nft", "floorTenth", "floorNone", "floorFour"],
    columns: [before, after, average, gradNorm],
    rows: [
      { ...difference(["nft", "floorTenth"], of.final), what: "ε = 1, less ε = 0.1", show: points, ...above },
      { ...difference(["nft", "floorNone"], of.final), what: "ε = 1, less ε = 1e-6", show: points, ...above },
      {
        ...difference(["nft", "floorFour"], of.final),
        what: "ε = 1, less ε = 4",
        show: points,
        expected: { is: "no worse", margin },
      },
    ],
    plot: "floor",
  },
  {
    id: "C8",
    title: "Without the floor training can collapse",
    paper: "Where the negative ratio is not bounded from below, training can collapse.",
    here:
      "ε = 1e-6, a floor in name only. The verdict is on the mean over seeds: a collapse ends below its base. Clipping the gradient's " +
      "norm stays on, as in every run.",
    arms: ["nft", "floorNone"],
    columns: [before, after, gradNorm],
    rows: [
      {
        ...alone("floorNone", "after − before", of.gain),
        show: points,
        expected: { is: "below", margin: 0 },
      },
      {
        ...difference(["floorNone", "nft"], of.largestGradNorm),
        what: "largest gradient norm (log₁₀), ε = 1e-6, less ε = 1",
        show: hundredths,
      },
    ],
    counted(records) {
      const runs = of.runsOf(records, "floorNone");
      const collapsed = runs.filter((run) => of.gain(run) < 0).length;
      const early = runs.filter((run) => run.gradNormMax.includes(null)).length;
      return `${collapsed} of ${runs.length} runs ended below their base; ${early} had a step without an update.`;
    },
    plot: "floor",
  },
  {
    id: "C9",
    title: "On-policy, NFT is GRPO",
    paper: "With one update a step and w = √((1 − q)/q), NFT and GRPO have the same gradient, exactly.",
    here:
      `One update a step from all of its answers (${settings("nftOnce")}). GRPO divides by the population's standard deviation, and both sum over tokens. Weights at ` +
      "the end: how far the two are apart, in parts of how far NFT has moved; under 0.01 counts as the same. RFT is beside them " +
      "with w = 1, which climbs q where they climb arcsin √q: what parts it from them is that, and the noise of learning from right answers alone.",
    arms: ["nftOnce", "grpoOnce", "rftOnce"],
    columns: [before, after, average],
    rows: [
      {
        what: "NFT to GRPO, distance of weights over distance moved",
        arms: ["nftOnce", "grpoOnce"],
        of: (nft, grpo) => of.apart(nft!, grpo!),
        show: nats,
        paper: "0",
        expected: { is: "under", limit: 0.01 },
      },
      {
        what: "NFT to RFT, the same",
        arms: ["nftOnce", "rftOnce"],
        of: (nft, rft) => of.apart(nft!, rft!),
        show: nats,
      },
      {
        what: "NFT and GRPO, steps in which all sampled answers are the same",
        arms: ["nftOnce", "grpoOnce"],
        of: (nft, grpo) => of.stepsAlike(nft!, grpo!),
        show: tenths,
      },
      {
        ...difference(["nftOnce", "rftOnce"], of.final),
        what: "NFT less RFT, after (points)",
        show: points,
      },
    ],
    counted(records) {
      const pairs = of.paired(records, ["nftOnce", "grpoOnce"]);
      const equal = pairs.filter(([nft, grpo]) => of.apart(nft!, grpo!) === 0).length;
      return `In ${equal} of ${pairs.length} seeds NFT and GRPO end with every weight equal, bit for bit.`;
    },
  },
  {
    id: "C12",
    title: "Calling what is cut off wrong is enough to shorten answers",
    paper: "Long answers need no penalty of their own: judging a truncated answer wrong curbs them.",
    here:
      `At most 32 tokens to an answer (${settings("nftShort")}), which cuts off a share of the base's; what is cut off is wrong and nothing else is done about ` +
      "length. The arm with 64 tokens shows what training does to length by itself.",
    arms: ["nftShort", "rftShort", "nft"],
    columns: [
      before,
      after,
      { head: "cut off, before", of: of.truncatedAtFirst, show: points },
      { head: "cut off, after", of: of.truncatedAtLast, show: points },
      { head: "length, change (tokens)", of: of.lengthChange, show: hundredths },
    ],
    rows: [
      {
        ...alone("nftShort", "share cut off, change (points)", of.truncatedChange),
        show: points,
        expected: { is: "below", margin: 0 },
      },
      {
        ...alone("nftShort", "length, change (tokens)", of.lengthChange),
        show: hundredths,
        expected: { is: "below", margin: 0 },
      },
      { ...alone("rftShort", "share cut off, change (points)", of.truncatedChange), show: points },
      { ...alone("rftShort", "length, change (tokens)", of.lengthChange), show: hundredths },
      { ...alone("nft", "length, change (tokens)", of.lengthChange), show: hundredths },
    ],
    plot: "limit",
  },
];
