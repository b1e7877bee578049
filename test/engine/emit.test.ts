import { expect, test } from "vitest";
import { add, mul } from "../../src/autodiff/ops.ts";
import { constant, input } from "../../src/autodiff/tensor.ts";
import { compile } from "../../src/engine/onnx/run.ts";

test("a value may leave under two names, be used after it leaves, and an input or a constant may leave too", async () => {
  const x = input("f32", [2]);
  const sum = add(x, x);
  const outputs = {
    first: sum,
    again: sum,
    after: mul(sum, x),
    x2: x,
    five: constant(5, "f32"),
    t1: mul(x, x),
  };
  const program = await compile({ name: "leaves", inputs: { x }, outputs });
  const results = await program.run({ x: { data: Float32Array.of(2, 3), dims: [2] } });
  const seen = Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, [...(data as Float32Array)]]),
  );
  expect(seen).toEqual({
    first: [4, 6],
    again: [4, 6],
    after: [8, 18],
    x2: [2, 3],
    five: [5],
    t1: [4, 9],
  });
});
