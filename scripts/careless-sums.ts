/**
 * The sums that the pocket model was taught by: those of the generator `pocket`, worked by a careless hand.
 *
 * One result in five is off by a little, and the work goes on from there to a wrong box; `answer` is the right one
 * still. A model taught by these knows how, and slips.
 */
import { Draw } from "../src/loop/problems/counter-rng.ts";
import { type GeneratorOptions, generate } from "../src/loop/problems/generators.ts";
import { pocket } from "../src/loop/problems/sums.ts";
import type { Problem } from "../src/loop/types.ts";

export function carelessSums(options: GeneratorOptions): Problem[] {
  return generate(
    "pocket-careless",
    (draw) => {
      const hand = new Draw(draw.int(0, 2 ** 31), 0);
      return pocket(draw, (value) => {
        if (hand.int(1, 5) > 1) return value;
        return Math.max(value === 0 ? 1 : 0, value + hand.pick([-10, -2, -1, 1, 2, 10]));
      });
    },
    options,
  );
}
