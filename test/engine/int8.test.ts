/** Sampling with eight bits: its rounding, its products, and the policy that it samples from. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { int8Matmul, turn } from "../../src/autodiff/ops.ts";
import { input } from "../../src/autodiff/tensor.ts";
import { blockOf, turnMatrix } from "../../src/autodiff/turn.ts";
import { wayOf } from "../../src/engine/embedded/decode.ts";
import { roundTurned } from "../../src/engine/embedded/kernels.ts";
import { int8Memory, standingMemory } from "../../src/engine/embedded/memory.ts";
import { Network } from "../../src/engine/embedded/model-programs.ts";
import { EMBEDDING, FINAL_NORM, layerTensor, type Parameters } from "../../src/engine/embedded/parameters.ts";
import { score } from "../../src/engine/embedded/score.ts";
import type { Completion, Prompt, Sampling } from "../../src/engine/engine.ts";
import { compile } from "../../src/engine/onnx/run.ts";
import { uniform } from "../../src/engine/random.ts";
import type { ModelConfig } from "../../src/models/config.ts";
import { sample, smallConfig, smallNetwork, tokens } from "./small.ts";

const uniforms = (length: number, key: number) =>
  Float32Array.from({ length }, (_, i) => uniform(5, key, 0, 0, i) - 0.5);

const matrices = new Map([1, 2, 4, 8, 16, 32, 64].map((block) => [block, turnMatrix(block)]));

/** Each block of a row by the matrix, in float64. */
function turned(row: ArrayLike<number>): number[] {
  const block = blockOf(row.length);
  const matrix = matrices.get(block)!;
  return Array.from({ length: row.length }, (_, at) => {
    const [first, j] = [at - (at % block), at % block];
    let sum = 0;
    for (let i = 0; i < block; i++) sum += row[first + i] * matrix[i * block + j];
    return sum;
  });
}

/** A row turned and rounded: whole numbers up to 127, and what each is worth. */
function roundedRow(row: ArrayLike<number>): { readonly steps: number[]; readonly scale: number } {
  const own = turned(row);
  const scale = Math.max(...own.map(Math.abs)) / 127;
  return { steps: own.map((value) => (scale === 0 ? 0 : Math.round(value / scale))), scale };
}

describe("the turn", () => {
  test.each([1, 2, 4, 16, 64])("of a block of %i is orthogonal, and has signs", (block) => {
    const matrix = turnMatrix(block);
    for (let i = 0; i < block; i++)
      for (let j = 0; j < block; j++) {
        let dot = 0;
        for (let k = 0; k < block; k++) dot += matrix[i * block + k] * matrix[j * block + k];
        expect(dot).toBeCloseTo(i === j ? 1 : 0, 6);
      }
    if (block === 64) expect(new Set(matrix.map(Math.sign)).size).toBe(2);
  });

  test("is by the largest power of two in a width, 64 at most", () => {
    expect([576, 192, 48, 34, 7].map(blockOf)).toEqual([64, 64, 16, 2, 1]);
  });

  test.each([192, 48, 34, 7])("of both sides leaves a product of width %i as it is", async (width) => {
    const [x, w] = [uniforms(5 * width, 1), uniforms(9 * width, 2)];
    const [a, b] = [input("f32", ["N", width]), input("f32", ["M", width])];
    const program = await compile({ name: "turn", inputs: { a, b }, outputs: { x: turn(a), w: turn(b) } }, 1);
    const { x: tx, w: tw } = await program.run({
      a: { data: x, dims: [5, width] },
      b: { data: w, dims: [9, width] },
    });
    await program.release();
    const row = (of: ArrayLike<number>, n: number) => Array.from(of).slice(n * width, (n + 1) * width);
    for (let n = 0; n < 5; n++) {
      row(tx.data as Float32Array, n).forEach((value, i) => {
        expect(Math.abs(value - turned(row(x, n))[i])).toBeLessThan(1e-6);
      });
      for (let m = 0; m < 9; m++) {
        const dot = (p: number[], q: number[]) => p.reduce((sum, value, i) => sum + value * q[i], 0);
        const before = dot(row(x, n), row(w, m));
        expect(
          Math.abs(dot(row(tx.data as Float32Array, n), row(tw.data as Float32Array, m)) - before),
        ).toBeLessThan(1e-5);
      }
    }
  });
});

describe("a matrix in eight bits", () => {
  // one row and many, widths that are no multiple of four, more rows than a panel holds
  test.each([
    [1, 64],
    [5, 48],
    [9, 34],
    [6, 7],
    [3, 1],
    [1100, 4],
    [460, 576],
  ])("of %i × %i is turned and rounded to the nearest step of each row, as in float64", (rows, width) => {
    const matrix = uniforms(rows * width, rows);
    matrix.fill(0, 0, rows === 5 ? width : 0);
    const [bytes, scales] = [new Int8Array(rows * width), new Float32Array(rows)];
    roundTurned(matrix, width, bytes, scales);
    for (let row = 0; row < rows; row += rows > 100 ? 37 : 1) {
      const { scale } = roundedRow(matrix.subarray(row * width, (row + 1) * width));
      const own = turned(matrix.subarray(row * width, (row + 1) * width));
      expect(Math.abs(scales[row] - scale)).toBeLessThanOrEqual(1e-6 * scale);
      own.forEach((value, column) => {
        // half a step, and what float32 leaves beside it
        expect(Math.abs(value - bytes[column * rows + row] * scales[row])).toBeLessThanOrEqual(
          0.5001 * scale,
        );
      });
      const column = own.findIndex((value) => Math.abs(value) >= 126.9 * scale);
      if (scale > 0) expect(Math.abs(bytes[column * rows + row])).toBe(127);
    }
  });

  test("that is no number is told by its scale", () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const matrix = new Float32Array(4 * 64).fill(0.5);
      matrix[70] = value;
      const scales = new Float32Array(4);
      roundTurned(matrix, 64, new Int8Array(4 * 64), scales);
      expect(Array.from(scales, Number.isFinite)).toEqual([true, false, true, true]);
    }
  });

  test("by rows of any size is the whole numbers' product, and no row depends on another", async () => {
    const [rows, width, columns] = [6, 192, 40];
    const [x, w] = [uniforms(rows * width, 3), uniforms(columns * width, 4)];
    x.forEach((_, i) => {
      x[i] *= 10 ** (Math.floor(i / width) - 3);
    });
    x.fill(0, 2 * width, 3 * width);
    const [bytes, scales] = [new Int8Array(columns * width), new Float32Array(columns)];
    roundTurned(w, width, bytes, scales);
    const [a, b, s] = [input("f32", ["N", width]), input("i8", [width, columns]), input("f32", [columns])];
    const program = { name: "int8", inputs: { a, b, s }, outputs: { y: int8Matmul(turn(a), b, s) } };
    const [given, constant] = await Promise.all([
      compile(program, 1),
      compile(program, 2, new Map<string, Int8Array | Float32Array>(Object.entries({ b: bytes, s: scales }))),
    ]);
    const weights = { b: { data: bytes, dims: [width, columns] }, s: { data: scales, dims: [columns] } };
    const y = async (from: number, to: number, runnable = given) =>
      (
        await runnable.run({
          a: { data: x.slice(from * width, to * width), dims: [to - from, width] },
          ...weights,
        })
      ).y.data as Float32Array;
    const all = await y(0, rows);
    for (let row = 0; row < rows; row++) {
      const { steps, scale } = roundedRow(x.subarray(row * width, (row + 1) * width));
      for (let column = 0; column < columns; column++) {
        const exact =
          steps.reduce((sum, step, i) => sum + step * bytes[i * columns + column], 0) *
          scale *
          scales[column];
        // a number halfway between two steps may go to either
        expect(Math.abs(all[row * columns + column] - exact)).toBeLessThan(
          130 * scale * scales[column] + 1e-12,
        );
      }
      expect(await y(row, row + 1)).toEqual(all.slice(row * columns, (row + 1) * columns));
    }
    expect(await y(0, rows, constant)).toEqual(all);
    await Promise.all([given.release(), constant.release()]);
  });
});

const lengths = [1, 2, 9, 30, 17, 5];
const prompts: Prompt[] = lengths.map((length, key) => ({ tokens: tokens(length, key), key }));
const sampling: Sampling = { answers: 5, maxTokens: 24, temperature: 1, topP: 1, topK: 0, seed: 42, step: 3 };
const EOS = [11, 12];

/** A llama that is small enough to be computed in plain loops. */
const plainConfig: ModelConfig = {
  ...smallConfig,
  ...{ architecture: "llama", width: 32, headDim: 8, ffnWidth: 64, biases: [], tiedHead: true },
};

test("takes two bytes a weight more, as the plan of a run says", () => {
  const [weights] = standingMemory(smallConfig, true);
  expect(int8Memory(smallConfig).bytes).toBe(weights.bytes / 2);
});

describe("a model that samples with eight bits", () => {
  let exact: Network;
  let network: Network;
  let answers: Completion[][];
  beforeAll(async () => {
    exact = await smallNetwork();
    network = new Network(exact.parameters, 1, "int8");
    await network.refresh();
    answers = await sample(network, prompts, sampling, 512, EOS);
  });
  afterAll(async () => {
    await network.release();
    await exact.release();
  });
  const sequences = (groups: Completion[][]) =>
    groups.flatMap((group, i) =>
      group.map((answer) => ({ prompt: prompts[i].tokens, completion: answer.tokens })),
    );

  test("gives log-probs near those of float32, and its own", async () => {
    const scores = await score(exact, sequences(answers), 1, 300);
    const distances = answers
      .flat()
      .flatMap(({ logps }, i) => Array.from(logps, (logp, t) => Math.abs(logp - scores[i].logps[t])));
    const mean = distances.reduce((sum, each) => sum + each, 0) / distances.length;
    expect(distances.length).toBeGreaterThan(200);
    expect(mean).toBeLessThan(0.02);
    expect(mean).toBeGreaterThan(1e-4);
    expect(Math.max(...distances)).toBeLessThan(0.3);
  });

  test.each([3, 30])("gives the same answers with %i in flight", async (inFlight) => {
    const again = await sample(network, prompts, sampling, inFlight, EOS);
    expect(again.map((group) => group.map(({ tokens }) => tokens.join()))).toEqual(
      answers.map((group) => group.map(({ tokens }) => tokens.join())),
    );
  });

  test("and asked again, or by another network of the same weights, the same bits", async () => {
    expect(await sample(network, prompts, sampling, 512, EOS)).toEqual(answers);
    const other = new Network((await smallNetwork()).parameters, 1, "int8");
    await other.refresh();
    expect(await sample(other, prompts, sampling, 512, EOS)).toEqual(answers);
    await other.release();
  });

  test("takes the weights as they are once they have changed, and not before", async () => {
    const { parameters } = exact;
    const head = parameters.tensors.get("lm_head.weight")!;
    const kept = head.slice();
    head.fill(0);
    await network.refresh();
    expect(await sample(network, prompts, sampling, 512, EOS)).toEqual(answers);
    parameters.version++;
    await network.refresh();
    const [[even]] = await sample(network, prompts, { ...sampling, answers: 1 }, 512, EOS);
    even.logps.forEach((logp) => {
      expect(logp).toBeCloseTo(-Math.log(smallConfig.vocabSize), 5);
    });
    head.set(kept);
    parameters.version++;
    await network.refresh();
    expect(await sample(network, prompts, sampling, 512, EOS)).toEqual(answers);
  });

  test("refuses to draw from what is not a number", async () => {
    for (const name of ["model.layers.0.self_attn.q_proj.weight", "lm_head.weight", "model.norm.weight"]) {
      const broken = await smallNetwork();
      broken.parameters.tensors.get(name)!.fill(Number.NaN, 0, 60);
      const int8 = new Network(broken.parameters, 1, "int8");
      await int8.refresh();
      await expect(sample(int8, prompts, sampling, 512, EOS), name).rejects.toThrow(/weights are damaged/);
      await int8.release();
    }
  });

  test("with adapters rounds the base model once, and not the adapters", async () => {
    const lora = { rank: 4, alpha: 8, targets: ["q_proj", "down_proj"], rankStabilized: false } as const;
    const adapted = await smallNetwork({ ...smallConfig, lora });
    const int8 = new Network(adapted.parameters, 1, "int8");
    expect(int8.int8!.refresh()).toBe(true);
    const before = await sample(int8, prompts, sampling, 512, EOS);
    for (const values of adapted.parameters.trained.values()) values.fill(0);
    adapted.parameters.version++;
    expect(int8.int8!.refresh()).toBe(false);
    const after = await sample(int8, prompts, sampling, 512, EOS);
    expect(after.flat().map(({ tokens }) => tokens.join())).not.toEqual(
      before.flat().map(({ tokens }) => tokens.join()),
    );
    await int8.release();
  });

  test("decodes layer by layer as it does with constants, and as plain loops in float64 have it", async () => {
    const plain = await smallNetwork(plainConfig);
    const int8 = new Network(plain.parameters, 1, "int8");
    await int8.refresh();
    expect(wayOf(plainConfig, 40)).toBe("program");
    const few = { ...sampling, answers: 2, maxTokens: 12 };
    const constants = await sample(int8, prompts, few, 512, EOS);
    const { TMPDIR } = process.env;
    onTestFinished(() => {
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
    });
    // no room for constants
    process.env.TMPDIR = "/nowhere";
    const layers = new Network(plain.parameters, 1, "int8");
    await layers.refresh();
    expect(await sample(layers, prompts, few, 512, EOS)).toEqual(constants);
    await layers.release();
    const distances = constants.flatMap((group, i) =>
      group.flatMap(({ tokens: ids, logps }) =>
        plainLogps(plain.parameters, plainConfig, [...prompts[i].tokens], [...ids]).map((logp, t) =>
          Math.abs(logp - logps[t]),
        ),
      ),
    );
    expect(distances.length).toBeGreaterThan(60);
    // a number halfway between two steps may go to either: seldom, and one step of one activation is little
    expect(distances.filter((each) => each < 1e-4).length / distances.length).toBeGreaterThan(0.9);
    expect(Math.max(...distances)).toBeLessThan(0.02);
    await int8.release();
  });
});

/** Log-probs of `completion` by the quantized model, in plain loops and float64. */
function plainLogps(
  { tensors }: Parameters,
  c: ModelConfig,
  prompt: number[],
  completion: number[],
): number[] {
  const rounded = new Map<string, { readonly steps: number[]; readonly scale: number }[]>();
  const times = (x: number[], name: string): number[] => {
    if (!rounded.has(name)) {
      const values = tensors.get(name)!;
      const rows = Array.from({ length: values.length / x.length }, (_, row) =>
        roundedRow(values.subarray(row * x.length, (row + 1) * x.length)),
      );
      rounded.set(name, rows);
    }
    const { steps, scale } = roundedRow(x);
    return rounded
      .get(name)!
      .map((row) => row.steps.reduce((sum, step, i) => sum + step * steps[i], 0) * row.scale * scale);
  };
  const norm = (x: number[], name: string) => {
    const weight = tensors.get(name)!;
    const size = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length + c.rmsEps);
    return x.map((value, i) => (value / size) * weight[i]);
  };
  const turnedHeads = (x: number[], place: number) =>
    x.map((value, at) => {
      const [half, i] = [c.headDim / 2, at % c.headDim];
      const angle = place / 10_000 ** ((2 * (i % half)) / c.headDim);
      const other = i < half ? -x[at + half] : x[at - half];
      return value * Math.cos(angle) + other * Math.sin(angle);
    });
  const softmax = (z: number[]) => {
    const peak = Math.max(...z);
    const parts = z.map((value) => Math.exp(value - peak));
    const total = parts.reduce((sum, value) => sum + value, 0);
    return parts.map((value) => value / total);
  };
  const seen = Array.from({ length: c.layers }, () => ({ k: [] as number[][], v: [] as number[][] }));
  const ids = [...prompt, ...completion];
  const found: number[] = [];
  const embedding = tensors.get(EMBEDDING)!;
  for (let place = 0; place < ids.length - 1; place++) {
    let x = Array.from(embedding.subarray(ids[place] * c.width, (ids[place] + 1) * c.width));
    seen.forEach(({ k, v }, layer) => {
      const of = (name: string) => layerTensor(layer, `${name}.weight`);
      const h = norm(x, of("input_layernorm"));
      const q = turnedHeads(times(h, of("self_attn.q_proj")), place);
      k.push(turnedHeads(times(h, of("self_attn.k_proj")), place));
      v.push(times(h, of("self_attn.v_proj")));
      const attended = q.map(() => 0);
      for (let head = 0; head < c.heads; head++) {
        const own = Math.floor((head * c.kvHeads) / c.heads) * c.headDim;
        const scores = k.map((key) => {
          let dot = 0;
          for (let i = 0; i < c.headDim; i++) dot += q[head * c.headDim + i] * key[own + i];
          return dot / Math.sqrt(c.headDim);
        });
        softmax(scores).forEach((weight, at) => {
          for (let i = 0; i < c.headDim; i++) attended[head * c.headDim + i] += weight * v[at][own + i];
        });
      }
      x = times(attended, of("self_attn.o_proj")).map((value, i) => value + x[i]);
      const h2 = norm(x, of("post_attention_layernorm"));
      const [gate, up] = [times(h2, of("mlp.gate_proj")), times(h2, of("mlp.up_proj"))];
      const inner = gate.map((value, i) => (value / (1 + Math.exp(-value))) * up[i]);
      x = times(inner, of("mlp.down_proj")).map((value, i) => value + x[i]);
    });
    if (place < prompt.length - 1) continue;
    const p = softmax(times(norm(x, FINAL_NORM), EMBEDDING));
    found.push(Math.log(p[ids[place + 1]]));
  }
  return found;
}
