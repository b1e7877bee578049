/**
 * What one step did to a token, as a number to colour it by and in words.
 */
import type { AnswerTokens, TokenRecord } from "../../../run/records.ts";
import { number } from "./words.ts";

export const shadings = {
  push: "push",
  effect: "effect",
  ratio: "log-ratio",
  entropy: "entropy",
} as const;
export type Shading = keyof typeof shadings;

/** What each says, beside the choice. */
export const shadingWords: Readonly<Record<Shading, string>> = {
  push: "d loss / d log-prob, as the engine computed it: which way the update pushed each token, and how hard",
  effect: "log-prob after the step less before: what became of each token",
  ratio: "log-prob just before the update less the sampler's: how far the policy had moved already",
  entropy: "nats of the policy where each token was drawn: where it hesitated",
};

/** Of each token, the sum over the updates that learnt from it. */
export function pushOf({ updates = [], tokens }: AnswerTokens): (number | undefined)[] {
  if (updates.length === 0) return tokens.map(() => undefined);
  return tokens.map((_, i) => updates.reduce((sum, { push }) => sum + push[i]!, 0));
}

/**
 * A number a token, above 0 where it becomes likelier (of entropy: where it is high).
 *
 * @param others  pushes by another objective, in place of the run's own
 */
export function shadesOf(
  shading: Shading,
  answer: AnswerTokens,
  others?: readonly number[],
): (number | undefined)[] {
  const { tokens, logpsOld, logpsAfter, entropies, updates } = answer;
  if (shading === "push")
    return (others ?? pushOf(answer)).map((push) => (push === undefined ? undefined : -push));
  return tokens.map((_, i) => {
    if (shading === "effect") return logpsAfter[i]! - logpsOld[i]!;
    if (shading === "entropy") return entropies?.[i];
    const now = updates?.at(-1)?.logps[i];
    return now === undefined ? undefined : now - logpsOld[i]!;
  });
}

/** The numbers of one token, and its objective's formula with them filled in. */
export function tokenLines({ objective }: TokenRecord, answer: AnswerTokens, i: number): string[] {
  const { logpsOld, logpsAfter, entropies, updates = [], columns, verdict } = answer;
  const nats = (value: number) => number(Math.round(value * 1e5) / 1e5);
  const [old, after] = [logpsOld[i]!, logpsAfter[i]!];
  const lines = updates.flatMap(({ logps, push }, at) => {
    const ratio = Math.exp(logps[i]! - old);
    const which = updates.length > 1 ? `update ${at + 1}: ` : "";
    const { solveRate: q } = columns;
    const implied = objective === "nft" && verdict === "wrong" && q !== undefined && q < 1;
    return [
      `${which}R = exp(log π_new − log π_old) = exp(${nats(logps[i]!)} − ${nats(old)}) = ${number(ratio)}`,
      ...(implied
        ? [
            `the ratio implied for wrong answers: (1 − q·R) / (1 − q) = (1 − ${number(q)}·${number(ratio)}) / (1 − ${number(q)}) = ${number((1 - q * ratio) / (1 - q))}`,
          ]
        : []),
      `push: d loss / d log π = ${number(push[i]!)}, ${push[i]! < 0 ? "likelier" : push[i]! > 0 ? "less likely" : "left as it is"}`,
    ];
  });
  return [
    ...lines,
    `effect: ${nats(after)} − ${nats(old)} = ${number(after - old)} nats`,
    ...(entropies === undefined ? [] : [`entropy ${number(entropies[i])} nats`]),
  ];
}

/** Of a colour behind text, in percent: at 70 the light text of the dark page stands on orange by 4.2 to 1, at 60 by 5. */
const MOST = 60;

/** Towards the accent where a token becomes likelier, towards orange where less likely; nothing for nothing. */
export function shadeOf(value: number | undefined, most: number): string | undefined {
  if (value === undefined || most === 0 || value === 0) return undefined;
  const share = Math.round(MOST * Math.sqrt(Math.min(1, Math.abs(value) / most)));
  return `color-mix(in srgb, var(${value > 0 ? "--up" : "--down"}) ${share}%, transparent)`;
}
