/**
 * How far two matched objectives are from one another where the solve rate is estimated from the same answers.
 *
 * With q known, NFT with weight w climbs w/(1 − q) · ∇q and RFT w · ∇q. With q̂ of K answers, those groups dropped that
 * are all right or all wrong, each climbs a multiple of it: the sum over r right answers, weighed by their chance.
 */

/** Weights of a problem with solve rate q, by the name that `normalize` has for them. */
export const weights = {
  none: () => 1,
  dr_grpo: (q: number) => 1 - q,
  grpo: (q: number) => Math.sqrt((1 - q) / q),
  maxrl: (q: number) => (1 - q) / q,
  inverse_rate: (q: number) => 1 / q,
  inverse_wrong_rate: (q: number) => 1 / (1 - q),
  inverse_spread: (q: number) => 1 / Math.sqrt(q * (1 - q)),
} as const;
export type Weight = keyof typeof weights;

/** What an answer of a group is multiplied by in expectation, in parts of ∇q; `answers` is K. */
export function multipleOfSlope(
  algorithm: "nft" | "rft",
  weight: Weight,
  q: number,
  answers: number,
): number {
  let sum = 0;
  for (let right = 1; right < answers; right++) {
    const rate = right / answers;
    const climbed = algorithm === "nft" ? rate / (q * (1 - q)) : rate / q;
    sum +=
      binomial(answers, right) * q ** right * (1 - q) ** (answers - right) * weights[weight](rate) * climbed;
  }
  return sum;
}

function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value *= (n - k + i) / i;
  return value;
}
