import { describe, expect, test } from "vitest";
import { flopCounter, flops } from "../../src/autodiff/flops.ts";
import { gradient } from "../../src/autodiff/gradient.ts";
import { add, exp, matmul } from "../../src/autodiff/ops.ts";
import { input, type Program } from "../../src/autodiff/tensor.ts";
import { backward, forward, headScore } from "../../src/engine/embedded/programs.ts";
import { compile, work } from "../../src/engine/onnx/run.ts";
import { smallConfig } from "./small.ts";

const x = input("f32", ["N", 3]);
const w = input("f32", [5, 3]);
const y = matmul(x, w, { transB: true });

describe("the operations of a program", () => {
  test("are two for each number of each product, and none for what is elementwise", () => {
    const program: Program = { name: "one", inputs: { x, w }, outputs: { y: exp(y) } };
    expect(flops(program)).toBe("30*N");
    expect(flopCounter(program)({ x: [7, 3], w: [5, 3] })).toBe(210);
  });

  test("are those of equal products once", () => {
    const again = matmul(x, w, { transB: true });
    expect(flops({ name: "two", inputs: { x, w }, outputs: { y: add(y, again) } })).toBe("30*N");
  });

  test("are twice as many backward as forward", () => {
    const dy = input("f32", ["N", 5]);
    const [dx, dw] = gradient([[y, dy]], [x, w]);
    expect(flops({ name: "back", inputs: { x, w, dy }, outputs: { dx, dw } })).toBe("60*N");
  });

  test("are counted as the program runs", async () => {
    const program = await compile({ name: "run", inputs: { x, w }, outputs: { y } }, 1);
    const before = work.flops;
    const f32 = (...dims: [number, number]) => ({ data: new Float32Array(dims[0] * dims[1]), dims });
    await program.run({ x: f32(4, 3), w: f32(5, 3) });
    await program.release();
    expect(work.flops - before).toBe(120);
  });

  test("of a decoder's layer are 2 for each weight and token forward, and 4 backward, beside attention", () => {
    const { width, heads, kvHeads, headDim, ffnWidth } = smallConfig;
    const weights = width * headDim * (2 * heads + 2 * kvHeads) + 3 * width * ffnWidth;
    // one token of prompt and one of answer: two rows, each of which looks at no more than two positions
    const sizes = (program: Program) =>
      Object.fromEntries(
        Object.entries(program.inputs).map(([name, { shape }]) => [
          name,
          shape.map((dim) => (typeof dim === "number" ? dim : dim === "A*T+P*S" || dim === "S+T" ? 2 : 1)),
        ]),
      );
    const [there, back] = [forward(smallConfig, "nothing"), backward(smallConfig, "all")].map((program) =>
      flopCounter(program)(sizes(program)),
    );
    expect(there / (2 * 2 * weights)).toBeGreaterThan(1);
    expect(there / (2 * 2 * weights)).toBeLessThan(1.1);
    expect(back / (4 * 2 * weights)).toBeGreaterThan(1);
    expect(back / (4 * 2 * weights)).toBeLessThan(1.1);
    const score = headScore(smallConfig);
    expect(flops(score)).toBe(`${2 * smallConfig.vocabSize * (width + 1)}*N`);
  });
});
