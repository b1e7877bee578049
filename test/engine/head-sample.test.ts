/** The draw inside the graph, against the same draw written out in JavaScript. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HeadSample, headSample } from "../../src/engine/embedded/head-sample.ts";
import { array, compile, type Runnable, type Values } from "../../src/engine/onnx/run.ts";
import { uniform } from "../../src/engine/random.ts";
import { smallConfig } from "./small.ts";

/** Vocabularies of one block, of several, and of as many blocks as tokens. */
const VOCABULARIES = [60, 1536, 521];
const ROWS = 300;
const WIDTH = 8;
/** Tokens that nothing may draw: their logits are far below all others. */
const IMPOSSIBLE = [0, 17, 59];

const config = (vocabSize: number) => ({ ...smallConfig, vocabSize, width: WIDTH });
const numbers = (count: number, key: number) =>
  Float32Array.from({ length: count }, (_, i) => 4 * uniform(5, key, 0, 0, i) - 2);

function inputs(V: number): Record<string, Values> {
  const embedding = numbers(V * WIDTH, 1);
  const h = numbers(ROWS * WIDTH, 2);
  // the norm leaves this number at least 1: a weight of -1000 on it outweighs the rest
  for (let row = 0; row < ROWS; row++) h[row * WIDTH] = 3;
  for (let token = 0; token < V; token++) embedding[token * WIDTH] = IMPOSSIBLE.includes(token) ? -1000 : 0;
  return {
    h: array(h, ROWS, WIDTH),
    norm: array(new Float32Array(WIDTH).fill(1), WIDTH),
    embedding: array(embedding, V, WIDTH),
    inverseTemperature: array(Float32Array.of(1)),
    row: array(
      BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(row)),
      ROWS,
    ),
    u: array(
      Float64Array.from({ length: ROWS }, (_, row) =>
        row === 0 ? 0 : row === 1 ? 1 - 2 ** -53 : uniform(6, 0, 0, 0, row),
      ),
      ROWS,
      1,
    ),
  };
}

/** The first token at which the running sum exceeds u times the whole. */
function inverted(p: Float32Array, u: number): number {
  const total = p.reduce((sum, each) => sum + each, 0);
  let left = u * total;
  for (let token = 0; token < p.length; token++) {
    left -= p[token];
    if (left < 0) return token;
  }
  return p.findLastIndex((each) => each > 0);
}

describe.each(VOCABULARIES)("the head in sampling, of a vocabulary of %i", (V) => {
  const programs: Runnable[] = [];
  const run = async (how: HeadSample, given: Record<string, Values>) => {
    const program = await compile(headSample(config(V), how), 1);
    programs.push(program);
    return (await program.run(given)) as Record<string, Values<Float32Array>>;
  };
  const given = inputs(V);
  let told: Record<string, Values<Float32Array>>;
  const row = (i: number) => told.p.data.subarray(i * V, (i + 1) * V);
  beforeAll(async () => {
    told = await run({ choice: "tell" }, given);
  });
  afterAll(async () => {
    for (const program of programs) await program.release();
  });

  test("draws the token at which the running sum of probabilities exceeds the uniform number", async () => {
    const { token, chance, entropy } = await run({ choice: "draw" }, given);
    const drawn = Array.from(token.data, Number);
    // sums of float32 and of float64 part where a number falls within 1e-6 of an end: none of these does
    expect(drawn).toEqual(drawn.map((_, i) => inverted(row(i), given.u.data[i] as number)));
    expect(drawn.some((each) => IMPOSSIBLE.includes(each))).toBe(false);
    expect([...chance.data]).toEqual(drawn.map((each, i) => row(i)[each]));
    expect(entropy.data).toEqual(told.entropy.data);
  });

  test("takes the first of the likeliest", async () => {
    const embedding = Float32Array.from(given.embedding.data as Float32Array);
    const best = row(0).indexOf(Math.max(...row(0)));
    const twin = (best + 7) % V;
    embedding.copyWithin(twin * WIDTH, best * WIDTH, (best + 1) * WIDTH);
    const alike = { ...given, embedding: array(embedding, V, WIDTH) };
    const { token } = await run({ choice: "likeliest" }, alike);
    expect(Number(token.data[0])).toBe(Math.min(best, twin));
  });

  test("keeps to what a mask leaves, and leaves rows without one as they are to the bit", async () => {
    const allowed = [3, 4, 40];
    const mask = new Float32Array(ROWS * V);
    for (let i = 0; i < ROWS; i += 2)
      for (let token = 0; token < V; token++) if (!allowed.includes(token)) mask[i * V + token] = -1e9;
    const { token, chance } = await run(
      { choice: "draw", masked: true },
      { ...given, mask: array(mask, ROWS, V) },
    );
    const free = await run({ choice: "draw" }, given);
    token.data.forEach((each, i) => {
      if (i % 2 === 1) {
        expect([each, chance.data[i]]).toEqual([free.token.data[i], free.chance.data[i]]);
        return;
      }
      const mass = allowed.reduce((sum, other) => sum + row(i)[other], 0);
      expect(allowed).toContain(Number(each));
      expect(chance.data[i]).toBeCloseTo(row(i)[Number(each)] / mass, 5);
    });
  });
});
