import { describe, expect, test } from "vitest";
import {
  floatToBrain,
  floatToHalf,
  halfToFloat,
  widenBrains,
} from "../../src/formats/safetensors/float16.ts";

describe("float16", () => {
  test("widens known halves, subnormals and infinities among them", () => {
    const known: [number, number][] = [
      [0x3c00, 1],
      [0xc000, -2],
      [0x7bff, 65504],
      [0x0400, 2 ** -14],
      [0x03ff, (1023 / 1024) * 2 ** -14],
      [0x0001, 2 ** -24],
      [0x7c00, Infinity],
      [0xfc00, -Infinity],
      [0x8000, -0],
    ];
    for (const [bits, value] of known) expect(halfToFloat(bits)).toBe(value);
    expect(halfToFloat(0x7e00)).toBeNaN();
  });

  test("keeps every half through float32 and back", () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = halfToFloat(bits);
      if (!Number.isNaN(value) && floatToHalf(value) !== bits) expect.fail(`0x${bits.toString(16)}`);
    }
    expect(halfToFloat(floatToHalf(Number.NaN))).toBeNaN();
  });

  test("rounds to the nearest half, ties to even", () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const [low, high] = [halfToFloat(bits), halfToFloat(bits + 1)];
      const middle = (low + high) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      if (floatToHalf(middle) !== even) expect.fail(`the middle of 0x${bits.toString(16)} and the next`);
      if (floatToHalf(-middle) !== (even | 0x8000)) expect.fail(`minus the middle of 0x${bits.toString(16)}`);
      if (floatToHalf(middle + (high - low) / 8) !== bits + 1) expect.fail(`above 0x${bits.toString(16)}`);
      if (floatToHalf(middle - (high - low) / 8) !== bits) expect.fail(`below 0x${bits.toString(16)}`);
    }
    expect(floatToHalf(65519.99)).toBe(0x7bff);
    expect(floatToHalf(65520)).toBe(0x7c00);
    expect(floatToHalf(2 ** -25)).toBe(0);
    expect(floatToHalf(2 ** -25 * 1.0001)).toBe(1);
  });

  test("keeps every brain float through float32 and back", () => {
    const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
    const wide = widenBrains(all);
    for (const bits of all)
      if (!Number.isNaN(wide[bits]) && floatToBrain(wide[bits]) !== bits)
        expect.fail(`0x${bits.toString(16)}`);
    expect(wide[0x3f80]).toBe(1);
    expect(wide[0x0001]).toBe(2 ** -133);
    expect(wide[floatToBrain(Number.NaN)]).toBeNaN();
  });

  test("rounds to the nearest brain float, ties to even", () => {
    expect(floatToBrain(1 + 2 ** -8)).toBe(0x3f80);
    expect(floatToBrain(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(floatToBrain(1 + 2 ** -8 + 2 ** -20)).toBe(0x3f81);
    expect(floatToBrain(3.4e38)).toBe(0x7f80);
  });
});
