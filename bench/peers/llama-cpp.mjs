/**
 * llama.cpp, answers side by side in one context at temperature 1, none of which may end early; new tokens/s of the
 * median step, as one line of JSON:
 *
 *   node bench/peers/llama-cpp.mjs --modules FOLDER --model FILE.gguf --answers 64 --prompt-tokens 32 --new-tokens 64
 *
 * FOLDER is where node-llama-cpp is installed (`npm install --prefix FOLDER --ignore-scripts node-llama-cpp@3.22.1`).
 * Its draws over the whole vocabulary are part of the time, as they are of the others'.
 */
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    modules: { type: "string" },
    model: { type: "string" },
    answers: { type: "string", default: "64" },
    "prompt-tokens": { type: "string", default: "32" },
    "new-tokens": { type: "string", default: "64" },
    warmup: { type: "string", default: "1" },
    steps: { type: "string", default: "3" },
  },
});
const [answers, promptTokens, newTokens, warmup, steps] = [
  values.answers,
  values["prompt-tokens"],
  values["new-tokens"],
  values.warmup,
  values.steps,
].map(Number);

const { resolve: find } = createRequire(resolve(values.modules, "any.js"));
const { getLlama, TokenBias } = await import(pathToFileURL(find("node-llama-cpp")).href);
const threads = availableParallelism();
const llama = await getLlama({ gpu: false, build: "never", maxThreads: threads, logLevel: "error" });
const model = await llama.loadModel({ modelPath: resolve(values.model), gpuLayers: 0 });
const context = await model.createContext({
  sequences: answers,
  contextSize: promptTokens + newTokens + 1,
  batchSize: answers * promptTokens,
  threads,
});

const ends = new TokenBias(model.tokenizer);
for (const token of [model.tokens.eos, model.tokens.eot]) if (token !== null) ends.set(token, "never");
const sequences = Array.from({ length: answers }, () => context.getSequence());

async function answer(sequence, seed) {
  const prompt = Array.from({ length: promptTokens }, (_, i) => 3 + ((seed * 7919 + i * 31) % 30_000));
  let count = 0;
  const options = { temperature: 1, topK: 0, topP: 1, minP: 0, seed, tokenBias: ends, yieldEogToken: true };
  for await (const _ of sequence.evaluate(prompt, options)) if (++count === newTokens) break;
  if (count !== newTokens) throw new Error(`expected ${newTokens} tokens, got ${count}`);
  await sequence.clearHistory();
}

const seconds = [];
for (let step = 0; step < warmup + steps; step++) {
  const begin = performance.now();
  await Promise.all(sequences.map((sequence, i) => answer(sequence, step * answers + i)));
  seconds.push((performance.now() - begin) / 1000);
}
const taken = seconds.slice(warmup).sort((a, b) => a - b);
const secondsPerStep = taken[Math.floor(taken.length / 2)];
console.log(
  JSON.stringify({
    tokensPerSecond: (answers * newTokens) / secondsPerStep,
    secondsPerStep,
    steps: seconds.slice(warmup),
    peakGb: process.resourceUsage().maxRSS / 2 ** 20,
    threads,
  }),
);
process.exit(0);
