/**
 * A model on this machine, inside the engine's thread: the engine's verbs, on weights that it owns.
 */
import type { Program } from "../../autodiff/tensor.ts";
import { EngineError } from "../../errors.ts";
import { bytesOf } from "../../files/bytes-of.ts";
import { checkSequences, checkTokens } from "../check-tokens.ts";
import type {
  Completion,
  EngineFacts,
  EngineOptions,
  Sampling,
  Score,
  Sequence,
  UpdateReport,
  Watch,
} from "../engine.ts";
import type { Constraint } from "../grammar/grammar.ts";
import type { Spelling } from "../grammar/spelling.ts";
import { type GrammarWalk, TokenMasks } from "../grammar/token-masks.ts";
import { traceObjective } from "../objective-program.ts";
import { surrogate, surrogateOf } from "../surrogate.ts";
import { UpdateNumbers } from "../update-numbers.ts";
import { type AdamWState, adamw, freshState } from "./adamw.ts";
import { checkInt8 } from "./int8-check.ts";
import { type Limits, limitsFor } from "./limits.ts";
import { Network } from "./model-programs.ts";
import type { Parameters } from "./parameters.ts";
import { type PartWatch, sample } from "./sample.ts";
import { score } from "./score.ts";
import { type Asked, oneThreadEach } from "./shares.ts";
import { type GradientReport, gradientOf } from "./update.ts";
import type { ModelOrigin } from "./weight-files.ts";
import type { Verbs } from "./worker-protocol.ts";

/** Nats: two programs that compute one log-prob in float32 agree this well. */
const SAME_LOGP = 1e-3;
const weighted = traceObjective(surrogate);

const isSame = (a: Spelling, b: Spelling): boolean =>
  Buffer.compare(a.bytes, b.bytes) === 0 && Buffer.compare(bytesOf(a.ends), bytesOf(b.ends)) === 0;

/** What reads and writes files is half of what this thread would load: a model that only answers does without. */
const files = async () => ({
  ...(await import("./weight-files.ts")),
  ...(await import("./optimizer-file.ts")),
});

export class EmbeddedModel {
  readonly facts: EngineFacts;
  readonly #origin: ModelOrigin;
  readonly #network: Network;
  /** What samples: on one thread where threads sample side by side. */
  readonly #sampler: Network;
  /** The same weights in eight bits, from the first time that answers are sampled so. */
  #int8: Network | undefined;
  readonly #limits: Limits;
  /** Made at the first update: a model that only answers needs no moments. */
  #optimizer: AdamWState | undefined;
  readonly #numbers = new UpdateNumbers();
  /** Coupled objectives by their keys. */
  readonly #coupled = new Map<string, Program>();
  /** Of the spelling that constraints came with last, which is the one of the model's tokenizer. */
  #masks: TokenMasks | undefined;

  constructor(origin: ModelOrigin, parameters: Parameters, options: Omit<EngineOptions, "model">) {
    const { config, eosIds } = origin;
    this.#origin = origin;
    this.#network = new Network(parameters, options.threads);
    this.#sampler = oneThreadEach(config) ? new Network(parameters, 1) : this.#network;
    this.#limits = limitsFor(config, options);
    this.facts = {
      architecture: config.architecture,
      parameters: parameters.count,
      vocabulary: config.vocabSize,
      contextLength: config.contextLength,
      eosIds,
      deterministic: true,
      logpTolerance: SAME_LOGP,
      constraints: true,
      remarks: [],
    };
  }

  /** @param inFlight  answers that grow together, at most */
  async sample(
    asked: readonly Asked[],
    sampling: Sampling,
    inFlight: number,
    watch?: PartWatch,
  ): Promise<Completion[][]> {
    for (const { prompt } of asked)
      checkTokens(this.#origin.path, this.facts, prompt.tokens, sampling.maxTokens);
    const walkOf = (constraint: Constraint) => this.#walk(constraint);
    const network = sampling.precision === "int8" ? await this.#inInt8() : this.#sampler;
    return sample(network, asked, sampling, inFlight, this.facts.eosIds, watch, walkOf);
  }

  weights(all: boolean): Verbs["weights"]["out"] {
    const { tensors, trained } = this.#network.parameters;
    return new Map([...(all ? tensors : trained)].map(([name, data]) => [name, data.slice()]));
  }

  /** Its weights are others now, without an update or a load of its own. */
  outdate(): void {
    this.#network.parameters.version++;
  }

  async #inInt8(): Promise<Network> {
    const { parameters, threads } = this.#sampler;
    if (this.#int8 === undefined) {
      await checkInt8(threads);
      this.#int8 = new Network(parameters, threads, "int8");
    }
    await this.#int8.refresh();
    return this.#int8;
  }

  #walk({ grammar, spelling }: Constraint): GrammarWalk {
    if (this.#masks === undefined || !isSame(this.#masks.spelling, spelling))
      this.#masks = new TokenMasks(spelling, this.facts.vocabulary, this.facts.eosIds);
    return this.#masks.begin(grammar);
  }

  async score(sequences: readonly Sequence[], temperature: number, watch?: Watch): Promise<Score[]> {
    checkSequences(this.#origin.path, this.facts, sequences);
    return score(this.#network, sequences, temperature, this.#limits.tokens, watch);
  }

  async update(request: Verbs["update"]["in"], watch: Watch): Promise<UpdateReport> {
    const { examples, step } = request;
    const given = this.#numbers.given(this.#optimizer?.count ?? 0, request);
    if (given !== undefined) return given;
    // what learns will save, perhaps when this package has been replaced on the disk
    await files();
    checkSequences(this.#origin.path, this.facts, examples);
    const { gradients, ...found } = await this.#gradient(request, watch);
    const begin = performance.now();
    const weights = this.#network.parameters.trained;
    const gradNorm = gradients.norm();
    if (!Number.isFinite(gradNorm) || !Number.isFinite(found.loss))
      throw new EngineError({
        where: "update",
        expected: "a finite loss and gradient",
        got: `loss ${found.loss}, gradient norm ${gradNorm}`,
        next: "This update was not made. Begin a new run from the last checkpoint, with a lower learning_rate.",
      });
    watch.signal?.throwIfAborted();
    this.#optimizer ??= freshState(weights);
    this.#network.parameters.version++;
    const norms = adamw(weights, gradients.tensors, gradNorm, this.#optimizer, step);
    const optimizer = (performance.now() - begin) / 1000;
    const report = { ...found, gradNorm, ...norms, seconds: { ...found.seconds, optimizer } };
    this.#numbers.took(request, report);
    return report;
  }

  async #gradient(request: Verbs["update"]["in"], watch: Watch): Promise<GradientReport> {
    const { examples, objective, key, coupled, step } = request;
    const options = { ...step, budget: this.#limits.tokens, keep: this.#limits.keep };
    if (!coupled) return gradientOf(this.#network, examples, objective, key, options, watch);
    const { signal } = watch;
    const scores = await score(this.#network, examples, step.temperature, this.#limits.tokens, { signal });
    // one that was met before is compiled: a message brings another copy of it each time
    const own = this.#coupled.get(key) ?? objective;
    this.#coupled.set(key, own);
    const whole = await surrogateOf(examples, scores, own, step.lossScale, this.#network.threads);
    const once = { ...options, lossScale: 1 };
    const report = await gradientOf(this.#network, whole.examples, weighted, surrogate.name, once, watch);
    return { ...report, ...whole.report };
  }

  async save(folder: string): Promise<undefined> {
    const { saveOptimizer, saveWeights } = await files();
    await saveWeights(folder, this.#origin, this.#network.parameters);
    if (this.#optimizer) await saveOptimizer(folder, this.#network.parameters, this.#optimizer);
  }

  /** @returns the steps that its optimizer had taken */
  async load(folder: string): Promise<number> {
    const { loadOptimizer, loadWeights } = await files();
    this.#network.parameters.version++;
    await loadWeights(folder, this.#origin, this.#network.parameters);
    this.#optimizer = await loadOptimizer(folder, this.#network.parameters);
    this.#numbers.forget();
    return this.#optimizer?.count ?? 0;
  }
}
