import { beforeAll, describe, expect, test } from "vitest";
import type { Network } from "../../src/engine/embedded/model-programs.ts";
import { score } from "../../src/engine/embedded/score.ts";
import type { Completion, Prompt, Sampling } from "../../src/engine/engine.ts";
import { sample, smallNetwork, tokens } from "./small.ts";

const lengths = [1, 2, 9, 30, 17, 5];
const prompts: Prompt[] = lengths.map((length, key) => ({ tokens: tokens(length, key), key }));
const sampling: Sampling = {
  answers: 5,
  maxTokens: 70,
  temperature: 1,
  topP: 1,
  topK: 0,
  seed: 42,
  step: 3,
};
const EOS = [11, 12];

let network: Network;
let answers: Completion[][];
beforeAll(async () => {
  network = await smallNetwork();
  answers = await sample(network, prompts, sampling, 512, EOS);
});

describe("sampling", () => {
  test("refuses to draw from what is not a number", async () => {
    const broken = await smallNetwork();
    broken.parameters.trained.get("model.layers.0.self_attn.q_proj.weight")![0] = Number.NaN;
    await expect(sample(broken, prompts, sampling, 512, EOS)).rejects.toThrow(
      /The model's weights are damaged/,
    );
    await broken.release();
    const cold = { ...sampling, temperature: 1e-39 };
    await expect(sample(network, prompts, cold, 512, EOS)).rejects.toThrow(/Set the temperature to 0/);
  });

  test("ends some answers by either end token and some by length, so that rows retire and caches grow", () => {
    const all = answers.flat();
    const ends = new Set(all.filter(({ stop }) => stop === "eos").map(({ tokens }) => tokens.at(-1)));
    expect(ends).toEqual(new Set(EOS));
    expect(all.some(({ stop, tokens }) => stop === "length" && tokens.length === 70)).toBe(true);
    for (const { tokens: ids, logps, entropies } of all) {
      expect(logps.length).toBe(ids.length);
      expect(entropies!.length).toBe(ids.length);
      expect(Array.from(ids.slice(0, -1)).some((id) => EOS.includes(id))).toBe(false);
    }
  });

  test.each([1, 3, 7, 30])("gives the same answers with %i in flight", async (inFlight) => {
    const again = await sample(network, prompts, sampling, inFlight, EOS);
    expect(again.map((group) => group.map((answer) => answer.tokens.join()))).toEqual(
      answers.map((group) => group.map((answer) => answer.tokens.join())),
    );
  });

  test("gives a prompt the same answers whatever stands beside it", async () => {
    const order = [4, 2, 0];
    const again = await sample(
      network,
      order.map((i) => prompts[i]),
      sampling,
      512,
      EOS,
    );
    order.forEach((i, at) => {
      expect(again[at].map(({ tokens }) => tokens.join())).toEqual(
        answers[i].map(({ tokens }) => tokens.join()),
      );
    });
  });

  test("gives other answers for another seed, step or key, and for each answer of a prompt", async () => {
    const first = answers[3][0].tokens.join();
    expect(new Set(answers[3].map(({ tokens }) => tokens.join())).size).toBe(sampling.answers);
    for (const other of [{ seed: 43 }, { step: 4 }]) {
      const [[answer]] = await sample(network, [prompts[3]], { ...sampling, ...other }, 512, EOS);
      expect(answer.tokens.join()).not.toBe(first);
    }
    const [[answer]] = await sample(network, [{ ...prompts[3], key: 99 }], sampling, 512, EOS);
    expect(answer.tokens.join()).not.toBe(first);
  });

  test.each([1, 0.7, 1.6])(
    "at temperature %f, reports the log-probs and entropies that scoring finds",
    async (temperature) => {
      const sampled = await sample(network, prompts, { ...sampling, temperature }, 512, EOS);
      const sequences = sampled.flatMap((group, i) =>
        group.map((answer) => ({ prompt: prompts[i].tokens, completion: answer.tokens })),
      );
      const scores = await score(network, sequences, temperature, 300);
      sampled.flat().forEach((answer, i) => {
        answer.logps.forEach((logp, t) => {
          expect(Math.abs(logp - scores[i].logps[t])).toBeLessThan(1e-4);
          expect(Math.abs(answer.entropies![t] - scores[i].entropies![t])).toBeLessThan(1e-4);
        });
      });
    },
  );

  test("draws only from the likeliest tokens under top-k and top-p", async () => {
    const greedy = await sample(network, prompts, { ...sampling, answers: 1, temperature: 0 }, 512, EOS);
    for (const only of [{ topK: 1 }, { topP: 1e-9 }]) {
      const narrow = await sample(network, prompts, { ...sampling, answers: 1, ...only }, 512, EOS);
      expect(narrow.map(([{ tokens }]) => tokens.join())).toEqual(
        greedy.map(([{ tokens }]) => tokens.join()),
      );
    }
  });

  test("draws tokens as often as their probabilities say", async () => {
    const many = { ...sampling, answers: 4000, maxTokens: 1 };
    const [drawn] = await sample(network, [prompts[2]], many, 4000, []);
    const counts = new Map<number, { count: number; p: number }>();
    for (const { tokens, logps } of drawn) {
      const seen = counts.get(tokens[0]) ?? { count: 0, p: Math.exp(logps[0]) };
      counts.set(tokens[0], { ...seen, count: seen.count + 1 });
    }
    // χ² over the tokens that are expected at least five times, against its mean plus four deviations.
    const cells = [...counts.values()].filter(({ p }) => p * drawn.length >= 5);
    const chi = cells.reduce(
      (total, { count, p }) => total + (count - p * drawn.length) ** 2 / (p * drawn.length),
      0,
    );
    expect(chi).toBeLessThan(cells.length + 4 * Math.sqrt(2 * cells.length));
  });
});
