import { describe, expect, test } from "vitest";
import { drawTruncated } from "../../src/engine/embedded/sample-token.ts";
import { philox, uniform } from "../../src/engine/random.ts";

describe("Philox", () => {
  // The known answers of the Random123 library for philox4x32-10.
  test.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as [[number, number, number, number], [number, number], number[]][])(
    "of %j under %j is the published answer",
    (counter, key, answer) => {
      expect(philox(counter, key)).toEqual(answer);
    },
  );

  test("numbers are uniform, and differ in every coordinate", () => {
    const many = Array.from({ length: 20_000 }, (_, i) => uniform(42, 1, 2, 3, i));
    expect(many.every((u) => u >= 0 && u < 1)).toBe(true);
    expect(Math.abs(many.reduce((a, b) => a + b) / many.length - 0.5)).toBeLessThan(0.01);
    const base = [42, 1, 2, 3, 4] as const;
    const moved = base.map((_, i) =>
      uniform(...(base.map((v, j) => v + (i === j ? 1 : 0)) as [number, number, number, number, number])),
    );
    expect(new Set([uniform(...base), ...moved, uniform(42 + 2 ** 32, 1, 2, 3, 4)]).size).toBe(7);
  });
});

test("a draw keeps to top-k, and to top-p of what top-k left", () => {
  const p = Float32Array.of(0.1, 0, 0.4, 0.2, 0, 0.3);
  const taken = (topK: number, topP: number) =>
    [...new Set(Array.from({ length: 200 }, (_, i) => drawTruncated(p, i / 200, topK, topP)))].sort();
  expect(taken(2, 1)).toEqual([2, 5]);
  expect(taken(0, 0.69)).toEqual([2, 5]);
  expect(taken(0, 0.71)).toEqual([2, 3, 5]);
  expect(taken(3, 0.4)).toEqual([2]);
  expect(taken(3, 0.7)).toEqual([2, 5]);
  expect(taken(100, 1)).toEqual([0, 1, 2, 3, 4, 5].filter((token) => p[token] > 0));
});
