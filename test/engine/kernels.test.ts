import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { kernelsModule } from "../../scripts/kernels.ts";
import { adamwOn, addTo, sumOfSquares } from "../../src/engine/embedded/kernels.ts";

/** Below, at and past a block, and none a multiple of four but one. */
const lengths = [1, 3, 4095, 4096, 4097, 10_002];

/** Numbers of every size, to the smallest and past the largest; `special` puts in what is no number. */
const numbers = (length: number, key: number, special = false) => {
  const values = Float32Array.from(
    { length },
    (_, i) => Math.sin(12.9898 * i + key) * 10 ** (((i * 7 + key) % 40) - 20),
  );
  [1e-45, -0, 3e38, ...(special ? [Number.NaN, Number.POSITIVE_INFINITY] : [])].forEach((value, i) => {
    if (length > 10) values[(i * 1999 + key) % length] = value;
  });
  return values;
};
const bits = (values: Float32Array) => Buffer.from(values.buffer);

test("the bytes are those of kernels.wat", async () => {
  const written = readFileSync(new URL("../../src/engine/embedded/kernels-wasm.ts", import.meta.url), "utf8");
  expect(written, "run npx tsx scripts/kernels.ts").toBe(await kernelsModule());
});

describe.each(lengths)("on %i numbers, bit for bit what JavaScript gives:", (length) => {
  test("a sum", () => {
    const [total, values] = [numbers(length, 1, true), numbers(length, 2, true)];
    const expected = total.map((value, i) => value + values[i]);
    addTo(total, values);
    expect(total).toEqual(expected);
  });

  test("a sum of squares, in four running sums", () => {
    const values = numbers(length, 3);
    const sums = [0, 0, 0, 0];
    values.forEach((value, i) => {
      sums[i % 4] += value * value;
    });
    expect(sumOfSquares(values)).toBe(sums[0] + sums[1] + sums[2] + sums[3]);
  });

  test("AdamW, without an epsilon too", () => {
    for (const epsilon of [1e-8, 0]) {
      const [theta, grad, mean] = [numbers(length, 4), numbers(length, 5), numbers(length, 6)];
      const square = numbers(length, 7).map((value) => value * value);
      const factors = {
        clip: 0.7,
        beta1: 0.9,
        beta2: 0.95,
        rate: 0.01,
        correction: 1.3,
        epsilon,
        decay: 1e-4,
      };
      const expected = [theta.slice(), mean.slice(), square.slice()];
      const { moved, before } = plainAdamW(expected[0], grad, expected[1], expected[2], factors);
      const found = adamwOn(theta, grad, mean, square, factors);
      expect([theta, mean, square].map(bits)).toEqual(expected.map(bits));
      expect(found.moved / moved).toBeCloseTo(1, 12);
      expect(found.before / before).toBeCloseTo(1, 12);
    }
  });
});

test("what is no number is found wherever it stands", () => {
  for (const at of [0, 2, 4096, 10_001])
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const values = new Float32Array(10_002).fill(0.1);
      values[at] = value;
      expect(Number.isFinite(sumOfSquares(values))).toBe(false);
    }
});

/** The formula of `adamw.ts` as a loop: float64 between the numbers read and those written. */
function plainAdamW(
  theta: Float32Array,
  grad: Float32Array,
  m: Float32Array,
  v: Float32Array,
  { clip, beta1, beta2, rate, correction, epsilon, decay }: Parameters<typeof adamwOn>[4],
) {
  let [moved, before] = [0, 0];
  for (let i = 0; i < theta.length; i++) {
    const g = grad[i] * clip;
    const mi = (m[i] = beta1 * m[i] + (1 - beta1) * g);
    const vi = (v[i] = beta2 * v[i] + (1 - beta2) * g * g);
    const was = theta[i];
    theta[i] = was - (decay * was + (rate * mi) / (Math.sqrt(vi) * correction + epsilon));
    moved += (was - theta[i]) ** 2;
    before += was * was;
  }
  return { moved, before };
}
