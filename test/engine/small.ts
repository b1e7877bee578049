/** A small decoder of random weights, the same at every call, for tests of the engine's inside. */
import { Network } from "../../src/engine/embedded/model-programs.ts";
import { Parameters } from "../../src/engine/embedded/parameters.ts";
import { sample as sampleAsked } from "../../src/engine/embedded/sample.ts";
import { askedFor } from "../../src/engine/embedded/shares.ts";
import type { Completion, Prompt, Sampling } from "../../src/engine/engine.ts";
import { uniform } from "../../src/engine/random.ts";
import type { ModelConfig } from "../../src/models/config.ts";
import { parameterShapes } from "../../src/models/parameter-shapes.ts";

export const smallConfig: ModelConfig = {
  architecture: "qwen3",
  vocabSize: 60,
  width: 48,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 16,
  ffnWidth: 96,
  rmsEps: 1e-6,
  rope: { type: "default", theta: 10_000 },
  contextLength: 256,
  tiedHead: false,
  biases: ["q_proj", "k_proj", "v_proj"],
};

export async function smallNetwork(config: ModelConfig = smallConfig): Promise<Network> {
  let made = 0;
  const parameters = await Parameters.read(config, async (name) => {
    const size = parameterShapes(config)
      .get(name)!
      .reduce((a, b) => a * b, 1);
    const tensor = made++;
    return Float32Array.from({ length: size }, (_, i) =>
      name.includes("norm")
        ? 1 + 0.2 * uniform(1, tensor, 0, 0, i)
        : 0.4 * (uniform(1, tensor, 0, 0, i) - 0.5),
    );
  });
  return new Network(parameters, 2);
}

/** Token ids from a counter. */
export const tokens = (length: number, seed: number, vocabulary = smallConfig.vocabSize): Int32Array =>
  Int32Array.from({ length }, (_, i) => Math.floor(uniform(7, seed, 0, 0, i) * vocabulary));

type Rest =
  globalThis.Parameters<typeof sampleAsked> extends readonly [Network, unknown, unknown, ...infer R]
    ? R
    : never;

/** A whole request on one network. */
export const sample = (
  network: Network,
  prompts: readonly Prompt[],
  sampling: Sampling,
  ...rest: Rest
): Promise<Completion[][]> => sampleAsked(network, askedFor(prompts, sampling), sampling, ...rest);
