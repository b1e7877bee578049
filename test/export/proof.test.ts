import { describe, expect, test } from "vitest";
import { type Answers, prove, refuseDamaged } from "../../src/commands/export/proof.ts";

const ids = (...values: number[]) => Int32Array.from(values);
const source: Answers = {
  texts: ["abc", "de"],
  tokens: [ids(1, 2, 3), ids(4, 5)],
  logps: [Float32Array.of(-1, -2), Float32Array.of(-3)],
  greedy: [{ prompt: ids(1), tokens: ids(7, 8), text: "x" }],
};

test("a proof of equal answers is bit-equal", () => {
  expect(prove("out", source, source, "F32")).toEqual({
    tokens: 3,
    mean: 0,
    max: 0,
    tolerance: 0,
    bitEqual: true,
    sameGreedy: 1,
    greedy: 1,
  });
});

test("one log-prob in its last bit fails F32, and is within F16", () => {
  const off = Float32Array.of(-1, -2);
  off[1] = -2.000_000_2;
  const written = { ...source, logps: [off, source.logps[1]!] };
  expect(() => prove("out", source, written, "F32")).toThrow(/out: expected log-probs within 0 nats/);
  expect(prove("out", source, written, "F16")).toMatchObject({ bitEqual: false, sameGreedy: 1 });
});

test("log-probs beyond the tolerance fail every type", () => {
  for (const dtype of ["F16", "BF16", "Q8_0"] as const)
    expect(() =>
      prove("out", source, { ...source, logps: [Float32Array.of(-1, -9), source.logps[1]!] }, dtype),
    ).toThrow(/nats/);
});

describe("log-probs that are no numbers", () => {
  const bad = (value: number) => ({ ...source, logps: [Float32Array.of(-1, value), source.logps[1]!] });
  const bads = [Number.NaN, Number.NEGATIVE_INFINITY].map(bad);

  test("after the export alone are a fault of errata: no weight that a type cannot hold is written", () => {
    for (const written of bads)
      for (const dtype of ["F16", "Q8_0", "BF16", "F32"] as const)
        expect(() => prove("out", source, written, dtype)).toThrow(/fault of errata/);
  });

  test("before the export are a damaged model", () => {
    for (const damaged of bads)
      expect(() => refuseDamaged("models/mine", damaged)).toThrow(
        /models\/mine: expected a model whose log-probs/,
      );
    expect(() => refuseDamaged("models/mine", source)).not.toThrow();
  });
});

test("other tokens of the same text fail, and name the text", () => {
  const written = { ...source, tokens: [source.tokens[0]!, ids(4, 6)] };
  expect(() => prove("out", source, written, "Q8_0")).toThrow(/tokens of "de"/);
});

test("greedy continuations that differ are counted", () => {
  const written = { ...source, greedy: [{ prompt: ids(1), tokens: ids(7, 9), text: "y" }] };
  expect(prove("out", source, written, "Q8_0").sameGreedy).toBe(0);
});
