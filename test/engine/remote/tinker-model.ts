/** One model of the test's Tinker server: adapters that errata's own engine trains, by the server's losses. */
import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { exp, mul, neg, sub } from "../../../src/autodiff/ops.ts";
import type { Engine, Example } from "../../../src/engine/engine.ts";
import type { Objective } from "../../../src/engine/objective.ts";
import { openEngine } from "../../../src/engine/open-engine.ts";
import type { Datum } from "../../../src/engine/remote/pass.ts";
import { type LinearLayer, linearLayers } from "../../../src/models/lora.ts";
import type { PassRequest, SampledAnswer } from "./tinker-wire.ts";

/**
 * What a server divides a loss by: SkyRL on JAX by weights or targets and by datums, hatchery a whole request by its
 * weights where they are more than 1, most others by nothing.
 */
export type Reduction = "normalising" | "weighing" | "summing";

/** −ρ A; with ρ = 1 its gradient is that of −A log-prob, of which cross_entropy is the same with weights. */
const loss: Objective = {
  name: "server",
  columns: [],
  tokenColumns: ["weight"],
  loss: ({ logp, logpOld, columns: { weight } }) => ({ loss: neg(mul(exp(sub(logp, logpOld)), weight!)) }),
};

interface Adam {
  readonly learning_rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weight_decay: number;
  readonly grad_clip_norm: number;
}

interface SampleRequest {
  readonly tokens: Int32Array;
  readonly answers: number;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly seed: number;
}

/** Of a datum's targets, 1 for each where none is said. */
const weightIn = ({ targets, inputs: { weights } }: Datum): number =>
  weights === undefined ? targets.length : weights.reduce((sum, each) => sum + each, 0);

function weighted({ inputs }: Datum, loss: string, logps: Float32Array, divisor: number) {
  const { advantages, logprobs, weights } = inputs;
  const isRatio = loss === "importance_sampling";
  const own = isRatio ? advantages!.map((each, t) => each * (weights?.[t] ?? 1)) : weights!;
  return {
    logpsOld: isRatio ? logprobs! : logps,
    tokenColumns: { weight: own.map((each) => each / divisor) },
  };
}

export class TinkerModel {
  readonly engine: Engine;
  readonly #reduction: Reduction;
  /** What was passed and not yet stepped with. */
  #gradient: Example[];

  private constructor(engine: Engine, reduction: Reduction, gradient: readonly Example[]) {
    [this.engine, this.#reduction, this.#gradient] = [engine, reduction, [...gradient]];
  }

  get gradient(): readonly Example[] {
    return this.#gradient;
  }

  static async create(
    base: string,
    adapters: { readonly rank: number; readonly alpha: number; readonly seed: number },
    reduction: Reduction,
    gradient: readonly Example[],
  ): Promise<TinkerModel> {
    const targets = Object.keys(linearLayers) as LinearLayer[];
    const lora = { ...adapters, rankStabilized: false, targets };
    return new TinkerModel(await openEngine({ model: base, threads: 1, lora }), reduction, gradient);
  }

  /** Log-probs of all targets, before any step; a gradient is kept until the next one. */
  async pass({ data, loss, forwardOnly }: PassRequest): Promise<Float32Array[]> {
    const sequences = data.map(({ tokens, targets }) => ({
      prompt: tokens.slice(0, 1),
      completion: targets,
    }));
    const scores = await this.engine.score(sequences, 1);
    if (!forwardOnly) {
      const whole = data.reduce((sum, datum) => sum + weightIn(datum), 0);
      for (const [i, datum] of data.entries()) {
        const divisor = {
          summing: 1,
          weighing: Math.max(whole, 1),
          normalising: Math.max(weightIn(datum), 1e-9),
        };
        this.#gradient.push({
          ...sequences[i]!,
          ...weighted(datum, loss, scores[i]!.logps, divisor[this.#reduction]),
          columns: {},
        });
      }
    }
    return scores.map(({ logps }) => logps);
  }

  /** @returns the gradient's norm */
  async step(adam: Adam): Promise<number> {
    const gradient = this.#gradient;
    // a step without a gradient is one to forget by, and no other here
    if (gradient.length === 0 && adam.learning_rate === 0) return 0;
    this.#gradient = [];
    const report = await this.engine.update(gradient, loss, {
      ...{
        number: this.engine.updates + 1,
        learningRate: adam.learning_rate,
        weightDecay: adam.weight_decay,
      },
      ...{ beta1: adam.beta1, beta2: adam.beta2, epsilon: adam.eps },
      ...{ maxGradNorm: adam.grad_clip_norm || Number.POSITIVE_INFINITY, temperature: 1 },
      lossScale: this.#reduction === "normalising" ? gradient.length : 1,
    });
    return report.gradNorm!;
  }

  /** Answer i is drawn by seed + i, whatever else is asked for. */
  async sample({ tokens, answers, seed, ...how }: SampleRequest): Promise<SampledAnswer[]> {
    const prompts = Array.from({ length: answers }, (_, i) => ({ tokens, key: seed + i }));
    return (await this.engine.sample(prompts, { ...how, answers: 1, seed: 0, step: 0 })).flat();
  }

  async load(folder: string, optimizer: boolean): Promise<void> {
    if (optimizer || !existsSync(join(folder, "optimizer.safetensors"))) return this.engine.load(folder);
    const bare = `${folder}-bare`;
    cpSync(folder, bare, { recursive: true });
    rmSync(join(bare, "optimizer.safetensors"));
    await this.engine.load(bare);
  }
}
