/**
 * One piece of work, measured in a process of its own so that its peak memory is its own; prints one line of JSON.
 *
 *   node --import tsx bench/measure.ts train|sample|sample-int8|step|step-int8 SHAPE [STEPS] [THREADS]
 *
 * Random weights and tokens, no end-of-sequence token: every answer has the length it is given. A step's figures are
 * medians of those after the first; the machine's own speed, a product of matrices, is measured in the same process
 * before and after, because machines are shared and drift.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedEngine } from "../src/engine/embedded/embedded-engine.ts";
import type { Completion, Engine, Example, Prompt, Sampling, Step } from "../src/engine/engine.ts";
import { gemmSpeed } from "../src/engine/onnx/gemm-speed.ts";
import { uniform } from "../src/engine/random.ts";
import { saveModel } from "../src/formats/save-model.ts";
import { nft } from "../src/loop/objectives/nft.ts";
import { sft } from "../src/loop/objectives/sft.ts";
import { parseConfig } from "../src/models/config-json.ts";
import { tensorShapes } from "../src/models/tensor-shapes.ts";
import { randomNumbers } from "./random.ts";
import shapes from "./shapes.json" with { type: "json" };

export type Work = "train" | "sample" | "sample-int8" | "step" | "step-int8";

/** What is printed. */
export interface Figures {
  readonly work: Work;
  readonly shape: string;
  readonly tokensPerSecond: number;
  readonly secondsPerStep: number;
  /** User and system, all threads. */
  readonly processorSeconds: number;
  /** Of a step that its parts took, on the clock. */
  readonly parts: Readonly<Record<string, number>>;
  /** The products that a step needs: nothing computed twice, nothing scored. */
  readonly gflops: number;
  /** The machine's own, on the clock; before and after. */
  readonly own: readonly [before: number, after: number];
  /** `gflops` as a share of the machine's own: on the clock, and by seconds of the processor. */
  readonly share: { readonly clock: number; readonly processor: number };
  readonly peakGb: number;
  readonly load: number;
}

const [work, name, steps = "4", threads] = process.argv.slice(2) as [
  Work,
  keyof typeof shapes,
  string?,
  string?,
];
const cores = threads === undefined ? undefined : Number(threads);
const shape = shapes[name];
const config = parseConfig(shape.config, `bench/shapes.json ${name}`);
const seconds = () => performance.now() / 1000;
const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const tokens = (length: number, key: number) =>
  Int32Array.from({ length }, (_, i) => Math.floor(uniform(1, key, 0, 0, i) * config.vocabSize));

/** FLOPs of the products of a forward pass over `count` rows that see `seen` places each. */
function forwardFlops(count: number, seen: number): number {
  let perToken = 4 * config.layers * config.heads * config.headDim * seen;
  for (const [tensor, dims] of tensorShapes(config))
    if (dims.length === 2 && (tensor !== "model.embed_tokens.weight" || config.tiedHead))
      perToken += 2 * dims[0] * dims[1];
  return count * perToken;
}

/** Spread as far as the peers' (0.02) in matrices, 1 in norms. */
function weights(dims: readonly number[], key: number): Float32Array {
  const values = new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(1);
  const random = randomNumbers((key + 1) * 2654435761);
  if (dims.length > 1) for (let i = 0; i < values.length; i++) values[i] = random() * 0.07;
  return values;
}

async function withEngine<T>(run: (engine: Engine) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "errata-bench-"));
  try {
    const tensors = [...tensorShapes(config)].map(([tensor, dims], key) => ({
      name: tensor,
      shape: dims,
      data: async () => weights(dims, key),
    }));
    await saveModel(folder, { config, tensors, eosIds: [] });
    const engine = await openEmbeddedEngine({ model: folder, threads: cores });
    try {
      return await run(engine);
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const optimizer: Omit<Step, "number"> = {
  learningRate: 1e-5,
  weightDecay: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  maxGradNorm: 1,
  lossScale: 1000,
  temperature: 1,
};

/** A step of some work: how many tokens it is about, the FLOPs it needs, and how it is done, telling its parts. */
interface Job {
  readonly tokens: number;
  readonly flops: number;
  run(engine: Engine, i: number): Promise<Readonly<Record<string, number>>>;
}

const train: Job = {
  tokens: shape.train.batch * shape.train.length,
  flops: 3 * forwardFlops(shape.train.batch * shape.train.length, shape.train.length),
  async run(engine, i) {
    const { batch, length } = shape.train;
    const examples: Example[] = Array.from({ length: batch }, (_, b) => ({
      prompt: tokens(1, b),
      completion: tokens(length, batch * i + b),
      logpsOld: new Float32Array(length),
      columns: {},
    }));
    const update = await engine.update(examples, sft, { ...optimizer, number: engine.updates + 1 });
    return update.seconds;
  },
};

/** Answers to `prompts` prompts; the same random prompts in every call. */
async function answer(
  engine: Engine,
  prompts: number,
  answers: number,
  step: number,
  precision: Sampling["precision"] = "float32",
) {
  const { promptTokens, newTokens } = shape.sample;
  const asked: Prompt[] = Array.from({ length: prompts }, (_, key) => ({
    tokens: tokens(promptTokens, key),
    key,
  }));
  const groups = await engine.sample(asked, {
    answers,
    maxTokens: newTokens,
    temperature: 1,
    topP: 1,
    topK: 0,
    seed: 1,
    step,
    precision,
  });
  return { asked, groups };
}

const PROMPTS = 8;
const sampled = ({ promptTokens, newTokens }: { promptTokens: number; newTokens: number }, answers: number) =>
  forwardFlops(answers * newTokens, promptTokens + newTokens / 2);

const sampleIn = (precision: Sampling["precision"]): Job => ({
  tokens: shape.sample.answers * shape.sample.newTokens,
  flops: sampled(shape.sample, shape.sample.answers),
  async run(engine, i) {
    await answer(engine, PROMPTS, shape.sample.answers / PROMPTS, i, precision);
    return {};
  },
});

/** Sample, score one group in float32 as a run does to see that sampling says the same, one update: groups are half right. */
const stepIn = (precision: Sampling["precision"]): Job => ({
  tokens: shape.step.prompts * shape.step.answers * shape.step.newTokens,
  flops: 4 * sampled(shape.step, shape.step.prompts * shape.step.answers),
  async run(engine, i) {
    const { prompts, answers } = shape.step;
    const began = seconds();
    const { asked, groups } = await answer(engine, prompts, answers, i, precision);
    const haveSampled = seconds();
    const examples = groups.flatMap((group: Completion[], p) =>
      group.map(({ tokens: completion, logps }, at) => ({
        ...{ prompt: asked[p].tokens, completion, logpsOld: logps },
        columns: { right: at % 2, solveRate: 0.5 },
      })),
    );
    if (precision === "float32") await engine.score(examples.slice(0, answers), 1);
    const haveScored = seconds();
    const update = await engine.update(examples, objective, { ...optimizer, number: engine.updates + 1 });
    return { sample: haveSampled - began, score: haveScored - haveSampled, ...update.seconds };
  },
});
const objective = nft();

async function measured(job: Job): Promise<Figures> {
  const before = await gemmSpeed(cores);
  const took: { clock: number; processor: number; parts: Readonly<Record<string, number>> }[] = [];
  const peakGb = await withEngine(async (engine) => {
    for (let i = 0; i < Number(steps) + 1; i++) {
      const [clock, cpu] = [seconds(), processor()];
      const parts = await job.run(engine, i);
      if (i > 0) took.push({ clock: seconds() - clock, processor: processor() - cpu, parts });
    }
    return process.resourceUsage().maxRSS / 2 ** 20;
  });
  const after = await gemmSpeed(cores);
  const secondsPerStep = median(took.map(({ clock }) => clock));
  const processorSeconds = median(took.map((each) => each.processor));
  const own = (of: (speed: typeof before) => number) => (of(before) + of(after)) / 2;
  const gflop = job.flops / 1e9;
  return {
    ...{ work, shape: name },
    tokensPerSecond: job.tokens / secondsPerStep,
    ...{ secondsPerStep, processorSeconds },
    parts: Object.fromEntries(
      Object.keys(took[0].parts).map((part) => [part, median(took.map(({ parts }) => parts[part]))]),
    ),
    gflops: gflop / secondsPerStep,
    own: [before.gflops, after.gflops],
    share: {
      clock: gflop / secondsPerStep / own(({ gflops }) => gflops),
      processor: gflop / processorSeconds / own(({ perProcessorSecond }) => perProcessorSecond),
    },
    peakGb,
    load: loadavg()[0],
  };
}

const jobs: Readonly<Record<Work, Job>> = {
  train,
  sample: sampleIn("float32"),
  "sample-int8": sampleIn("int8"),
  step: stepIn("float32"),
  "step-int8": stepIn("int8"),
};
console.log(JSON.stringify(await measured(jobs[work])));
