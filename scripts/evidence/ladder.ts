/**
 * The problems of the second edition: the pocket generator's, half of them of the kinds that its model does best, half of
 * those in which it has most to gain.
 *
 * Of 32 answers of the base the commonest was right for 90 % of sums and differences, which leaves nothing to find; for
 * products, expressions and three terms it was right for 0 to 38 %, while one of the 32 was for 45 to 100 %.
 */
import type { Draw } from "../../src/loop/problems/counter-rng.ts";
import type { Sketch } from "../../src/loop/problems/generated-problem.ts";
import { generate } from "../../src/loop/problems/generators.ts";
import { pocket } from "../../src/loop/problems/sums.ts";

export const rungs = {
  easy: ["sum", "difference"],
  hard: ["three-terms", "product", "expression"],
} as const;

/** `count` different problems of a split, every second one hard. */
export function ladder(count: number, seed: number, split: "train" | "test") {
  const [easy, hard] = (["easy", "hard"] as const).map((rung) =>
    generate(`ladder-${rung}`, ofKinds(rungs[rung]), { count: Math.ceil(count / 2), seed, split }),
  ) as [ReturnType<typeof generate>, ReturnType<typeof generate>];
  return easy.flatMap((problem, i) => [problem, hard[i]!]).slice(0, count);
}

const ofKinds =
  (kinds: readonly string[]) =>
  (draw: Draw): Sketch => {
    for (;;) {
      const found = pocket(draw);
      if (kinds.includes(found.kind)) return found;
    }
  };
