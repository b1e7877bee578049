/**
 * A whole model against llama.cpp's token ids and PyTorch's numbers: tokenizer, chat template, log-probs,
 * entropy and greedy answers.
 */
import { readFileSync } from "node:fs";
import { Network } from "../src/engine/embedded/model-programs.ts";
import { Parameters } from "../src/engine/embedded/parameters.ts";
import { sample } from "../src/engine/embedded/sample.ts";
import { score } from "../src/engine/embedded/score.ts";
import { askedFor } from "../src/engine/embedded/shares.ts";
import { openModel } from "../src/formats/open-model.ts";
import type { Finding } from "./parity-folder.ts";

interface Expected {
  readonly conversations: readonly {
    readonly messages: readonly {
      readonly role: "system" | "user" | "assistant";
      readonly content: string;
    }[];
    readonly rendered: string;
    readonly prompt_ids: readonly number[];
    readonly greedy_ids: readonly number[];
    readonly logprobs: readonly number[];
    readonly entropy: readonly number[];
    readonly greedy_margin: readonly number[];
  }[];
  readonly tokens: readonly { readonly text: string; readonly ids: readonly number[] }[];
}

/** A greedy answer may part from the reference where two tokens are as good as equally likely. */
const MARGIN = 0.01;

export async function checkModel(model: string, file: string): Promise<Finding[]> {
  const { conversations, tokens }: Expected = JSON.parse(readFileSync(file, "utf8"));
  const files = await openModel(model);
  const tokenizer = files.tokenizer!;
  const differs = (a: ArrayLike<number>, b: readonly number[]) => (Array.from(a).join() === b.join() ? 0 : 1);
  const count = <T>(all: readonly T[], wrong: (each: T) => number) =>
    all.reduce((n, each) => n + wrong(each), 0);
  const texts = count(tokens, ({ text, ids }) => differs(tokenizer.encode(text), ids));
  const rendered = count(conversations, (c) =>
    tokenizer.renderChat(c.messages, { addGenerationPrompt: true }) === c.rendered ? 0 : 1,
  );
  const prompts = count(conversations, (c) => differs(tokenizer.encode(c.rendered), c.prompt_ids));

  const network = new Network(await Parameters.read(files.config, (name) => files.read(name)), 0);
  const sequences = conversations.map(({ prompt_ids, greedy_ids }) => ({
    prompt: Int32Array.from(prompt_ids.slice(0, 1)),
    completion: Int32Array.from([...prompt_ids.slice(1), ...greedy_ids]),
  }));
  const scores = await score(network, sequences, 1, 2048);
  const logps = scores.flatMap((s, i) =>
    conversations[i].logprobs.map((value, t) => Math.abs(value - s.logps[t])),
  );
  const entropies = scores.flatMap((s, i) => {
    const { prompt_ids, entropy } = conversations[i];
    return entropy.map((value, t) => Math.abs(value - s.entropies![prompt_ids.length - 1 + t]));
  });

  const asked = conversations.map(({ prompt_ids }, key) => ({ tokens: Int32Array.from(prompt_ids), key }));
  const sampling = {
    answers: 1,
    maxTokens: Math.max(...conversations.map((c) => c.greedy_ids.length)),
    temperature: 0,
    topP: 1,
    topK: 0,
    seed: 0,
    step: 0,
  };
  const answers = await sample(network, askedFor(asked, sampling), sampling, 64, files.eosIds);
  const parted = conversations.filter(({ greedy_ids, greedy_margin }, i) => {
    const first = greedy_ids.findIndex((id, t) => id !== answers[i][0].tokens[t]);
    const tie = greedy_margin.findIndex((margin) => margin < MARGIN);
    return first >= 0 && (tie < 0 || first < tie);
  }).length;
  await network.release();
  const largest = (values: readonly number[]) =>
    values.reduce((a, b) => (Number.isNaN(b) || b > a ? b : a), 0);
  return [
    { what: "texts whose token ids differ", difference: texts, bound: 0, note: `of ${tokens.length}` },
    {
      what: "chat prompts rendered otherwise",
      difference: rendered,
      bound: 0,
      note: `of ${conversations.length}`,
    },
    { what: "chat prompts whose ids differ", difference: prompts, bound: 0 },
    { what: "log-probs, largest", difference: largest(logps), bound: 2e-3, note: `${logps.length} tokens` },
    { what: "log-probs, mean", difference: logps.reduce((a, b) => a + b, 0) / logps.length, bound: 1e-4 },
    { what: "entropy", difference: largest(entropies), bound: 2e-3 },
    {
      what: "greedy answers that part",
      difference: parted,
      bound: 0,
      note: `before a margin under ${MARGIN}`,
    },
  ];
}
