/**
 * Every tiny model, where layers see a window, scale what they add or leave positions as they are: the cut of a text
 * into prompt and answer changes nothing, and sampling has the numbers of scoring. What PyTorch computes on the same
 * folders is held by test/engine/parity.test.ts, their adapters by test/engine/lora.test.ts.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Network } from "../../src/engine/embedded/model-programs.ts";
import { Parameters } from "../../src/engine/embedded/parameters.ts";
import { score } from "../../src/engine/embedded/score.ts";
import { gradientOf } from "../../src/engine/embedded/update.ts";
import { openWeights } from "../../src/engine/embedded/weight-files.ts";
import type { Example } from "../../src/engine/engine.ts";
import { traceObjective } from "../../src/engine/objective-program.ts";
import { surrogate } from "../../src/engine/surrogate.ts";
import { openModel } from "../../src/formats/open-model.ts";
import { linearLayers, targetsOf } from "../../src/models/lora.ts";
import { sample } from "../engine/small.ts";
import { golden, goldenModels } from "../shared.ts";
import { refuses } from "./files.ts";

const weighted = traceObjective(surrogate);
const options = { lossScale: 1, temperature: 1, budget: 48, keep: true };
/** Tokens of the prompt: one, fewer than a window, more than any. */
const cuts = [1, 4, 13];

interface Expected {
  readonly sequences: readonly { readonly tokens: readonly number[]; readonly logprobs: readonly number[] }[];
}

async function opened(name: string): Promise<Network> {
  const files = await openModel(golden(`models/${name}`));
  return new Network(await Parameters.read(files.config, (tensor) => files.read(tensor)), 1);
}

const difference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

function relative(a: Float32Array, b: Float32Array): number {
  const squares = (of: (i: number) => number) => a.reduce((sum, _, i) => sum + of(i) ** 2, 0);
  return Math.sqrt(squares((i) => a[i] - b[i]) / squares((i) => b[i]));
}

describe("a model whose matrices are fused", () => {
  const model = golden("models/phi3-tiny");
  const lora = { rank: 2, alpha: 4, rankStabilized: false, seed: 1 };

  test("has adapters of its own matrices where all are meant", async () => {
    const targets = targetsOf(Object.keys(linearLayers))!;
    const { origin } = await openWeights({ model, lora: { ...lora, targets } });
    expect(origin.config.lora?.targets).toEqual(["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]);
  });

  test("is refused those that it has not, with those that it has", async () => {
    const asked = openWeights({ model, lora: { ...lora, targets: ["q_proj", "v_proj"] } });
    await refuses(asked, "qkv_proj, o_proj, gate_up_proj, down_proj", "got q_proj, v_proj");
  });
});

describe.each(goldenModels)("%s", (name) => {
  const path = join(golden(`models/${name}`), "expected.json");
  const { sequences }: Expected = JSON.parse(readFileSync(path, "utf8"));
  const texts = sequences.filter(({ tokens }) => tokens.length > Math.max(...cuts));

  test("has the log-probs of PyTorch wherever a text is cut into prompt and answer", async () => {
    const network = await opened(name);
    const longest = sequences.reduce((a, b) => (b.tokens.length > a.tokens.length ? b : a));
    const cases = (texts.length > 0 ? texts : [longest]).flatMap(({ tokens, logprobs }) =>
      cuts
        .filter((cut) => cut < tokens.length)
        .flatMap((cut) => [
          { cut, tokens, logprobs },
          // A second, shorter answer to the same prompt
          { cut, tokens: tokens.slice(0, cut + 1), logprobs },
        ]),
    );
    const scores = await score(
      network,
      cases.map(({ tokens, cut }) => ({
        prompt: Int32Array.from(tokens.slice(0, cut)),
        completion: Int32Array.from(tokens.slice(cut)),
      })),
      1,
      48,
    );
    scores.forEach(({ logps }, i) => {
      const { cut, logprobs } = cases[i];
      expect(difference(logps, logprobs.slice(cut - 1))).toBeLessThan(1e-4);
    });
    await network.release();
  });

  test.skipIf(texts.length === 0)(
    "has the gradient of an answer's tokens wherever its prompt ends",
    async () => {
      const network = await opened(name);
      const last = Math.max(...cuts);
      const gradients = async (cut: number) => {
        const examples = texts.map(({ tokens }): Example => {
          const completion = Int32Array.from(tokens.slice(cut));
          const weight = Float32Array.from(completion, (_, t) => (cut + t < last ? 0 : Math.sin(cut + t)));
          return {
            prompt: Int32Array.from(tokens.slice(0, cut)),
            completion,
            logpsOld: new Float32Array(completion.length),
            columns: {},
            tokenColumns: { weight },
          };
        });
        const report = await gradientOf(network, examples, weighted, surrogate.name, options);
        return new Map([...report.gradients.tensors].map(([tensor, values]) => [tensor, values.slice()]));
      };
      const whole = await gradients(1);
      for (const cut of cuts.slice(1))
        for (const [tensor, values] of await gradients(cut))
          expect(relative(values, whole.get(tensor)!), `${tensor}, cut at ${cut}`).toBeLessThan(1e-3);
      await network.release();
    },
  );

  test("samples in one batch of lengths what scoring finds, past windows and as answers end", async () => {
    const network = await opened(name);
    const { vocabSize } = network.config;
    const prompts = [1, 5, 14].map((length, key) => ({
      tokens: Int32Array.from({ length }, (_, i) => (7 * i + 11 * key + 3) % vocabSize),
      key,
    }));
    const sampling = { answers: 4, maxTokens: 40, temperature: 1, topP: 1, topK: 0, seed: 5, step: 0 };
    const ends = Array.from({ length: Math.ceil(vocabSize / 32) }, (_, i) => 32 * i + 5);
    const answers = await sample(network, prompts, sampling, 64, ends);
    const all = answers.flatMap((group, i) =>
      group.map((answer) => ({ ...answer, prompt: prompts[i].tokens })),
    );
    const scores = await score(
      network,
      all.map(({ prompt, tokens }) => ({ prompt, completion: tokens })),
      1,
      64,
    );
    all.forEach(({ logps }, i) => expect(difference(logps, scores[i].logps)).toBeLessThan(1e-4));
    expect(Math.max(...all.map(({ tokens }) => tokens.length))).toBeGreaterThan(14);
    await network.release();
  });
});
