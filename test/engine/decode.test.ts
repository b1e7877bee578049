/** The ways to decode, on one model: they differ in time alone. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Decoder, openDecoder, wayOf } from "../../src/engine/embedded/decode.ts";
import type { Choice } from "../../src/engine/embedded/head-sample.ts";
import { Caches } from "../../src/engine/embedded/kv-cache.ts";
import type { Network } from "../../src/engine/embedded/model-programs.ts";
import { prefill } from "../../src/engine/embedded/prefill.ts";
import { uniform } from "../../src/engine/random.ts";
import type { ModelConfig } from "../../src/models/config.ts";
import { smallConfig, smallNetwork, tokens } from "./small.ts";

const LENGTHS = [3, 20, 9];
/** Answers to each prompt. */
const ANSWERS = 4;
/** More than the caches have room for at first. */
const STEPS = 40;

interface Drawn {
  readonly tokens: number[];
  readonly chances: number[];
  readonly entropies: number[];
}

async function decoded(network: Network, decoder: Decoder): Promise<Drawn> {
  const prompts = LENGTHS.map((length, key) => ({ tokens: tokens(length, key), key }));
  const owners = prompts.flatMap((_, prompt) => new Array<number>(ANSWERS).fill(prompt));
  const caches = new Caches(network.config, await prefill(network, prompts), owners, STEPS);
  const drawn: Drawn = { tokens: [], chances: [], entropies: [] };
  let newest = Int32Array.from(owners, (prompt) => prompts[prompt].tokens.at(-1)!);
  for (let step = 0; step < STEPS; step++) {
    const { choice } = await decoder.step(caches, {
      tokens: newest,
      places: owners.map((prompt) => LENGTHS[prompt] - 1 + step),
      u: Float64Array.from(owners, (_, row) => uniform(1, step, row, 0, 0)),
      temperature: 1,
    });
    const told = await choice();
    if (caches.full) caches.keep(owners.map((_, row) => row));
    newest = Int32Array.from(told.token.data as BigInt64Array, Number);
    drawn.tokens.push(...newest);
    drawn.chances.push(...(told.chance.data as Float32Array));
    drawn.entropies.push(...(told.entropy.data as Float32Array));
  }
  caches.release();
  await decoder.release();
  return drawn;
}

const sliding: ModelConfig = {
  ...smallConfig,
  layers: 3,
  tiedHead: true,
  sliding: { window: 7, layers: [true, false, true], rope: smallConfig.rope },
};
const adapted: ModelConfig = {
  ...smallConfig,
  lora: { rank: 4, alpha: 8, targets: ["q_proj", "down_proj"], rankStabilized: false },
};

test.each([
  ["as it is", smallConfig, "draw"],
  ["with sliding windows and a tied head", sliding, "draw"],
  ["with adapters", adapted, "likeliest"],
] as [string, ModelConfig, Choice][])(
  "a model %s, decoded by one program, has the bits that it has layer by layer, and with constants nearly",
  async (_, config, choice) => {
    const network = await smallNetwork(config);
    onTestFinished(() => network.release());
    const [layers, program, constants] = await Promise.all(
      (["layers", "program", "constants"] as const).map((way) => openDecoder(network, choice, way)),
    );
    const expected = await decoded(network, layers);
    expect(new Set(expected.tokens).size).toBeGreaterThan(10);
    expect(await decoded(network, program)).toEqual(expected);
    const near = await decoded(network, constants);
    expect(near.tokens).toEqual(expected.tokens);
    for (const name of ["chances", "entropies"] as const)
      near[name].forEach((value, i) => {
        expect(Math.abs(value - expected[name][i])).toBeLessThan(1e-5);
      });
  },
);

test("constants are those of the weights as they are when it opens, and leave no file, nor what a killed process left", async () => {
  const folder = mkdtempSync(join(tmpdir(), "errata-decode-"));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  const network = await smallNetwork();
  onTestFinished(async () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true });
    await network.release();
  });
  const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
  mkdirSync(join(folder, "errata-constants-killed"));
  utimesSync(join(folder, "errata-constants-killed"), hoursAgo, hoursAgo);
  const opened = await openDecoder(network, "draw", "constants");
  expect(readdirSync(folder)).toEqual([]);
  const weights = network.parameters.tensors.get("lm_head.weight")!;
  const kept = weights.slice();
  weights.fill(0);
  const drawn = await decoded(network, opened);
  const even = await decoded(network, await openDecoder(network, "draw", "constants"));
  expect(even.chances.every((chance) => Math.abs(chance - 1 / smallConfig.vocabSize) < 1e-6)).toBe(true);
  weights.set(kept);
  // the caches hold what the layers made, which the head's weights have no part in
  expect(drawn.chances.some((chance) => Math.abs(chance - 1 / smallConfig.vocabSize) > 0.01)).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
  process.env.TMPDIR = join(folder, "missing");
  const without = await decoded(network, await openDecoder(network, "draw", "constants"));
  expect(without).toEqual(await decoded(network, await openDecoder(network, "draw", "layers")));
});

test("a small model is one program, a large one has constants where many tokens are asked for", () => {
  const large = { ...smallConfig, vocabSize: 50_000, width: 512 };
  expect(wayOf(smallConfig, 1)).toBe("program");
  expect(wayOf(large, 200)).toBe("layers");
  expect(wayOf(large, 64 * 64)).toBe("constants");
});
