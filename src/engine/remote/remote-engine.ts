/**
 * The engine on a Tinker server: it samples and scores there, and learns there by the gradient of each log-prob.
 *
 * An update asks for the log-probs, works out d loss / d log-prob here, whatever the objective, and sends that
 * through a loss of the server's whose gradient is exact (`dialects.ts`). Tokens and log-probs alone pass the wire.
 */
import { setMaxListeners } from "node:events";
import { resolve } from "node:path";
import { EngineError } from "../../errors.ts";
import type { ModelFiles } from "../../formats/model-files.ts";
import type { Lora } from "../../models/lora.ts";
import { parameterCount } from "../../models/parameter-shapes.ts";
import { checkSequences, checkTokens } from "../check-tokens.ts";
import type {
  Completion,
  Engine,
  EngineFacts,
  EngineOptions,
  Example,
  Prompt,
  SampleWatch,
  Sampling,
  Score,
  Sequence,
  Step,
  UpdateReport,
  Watch,
} from "../engine.ts";
import type { Objective } from "../objective.ts";
import { checkExamples } from "../objective-inputs.ts";
import { traceOnce } from "../objective-program.ts";
import { uniform } from "../random.ts";
import { surrogateOf } from "../surrogate.ts";
import { UpdateNumbers } from "../update-numbers.ts";
import { completionOf, forwardDatum, gradientDatum } from "./channel.ts";
import { type Dialect, type DialectName, dialects, UNCLIPPED } from "./dialects.ts";
import { readRemoteHandle, writeRemoteHandle } from "./handle.ts";
import { type Datum, damagedAnswer } from "./pass.ts";
import { type ModelRequest, RemoteModel } from "./remote-model.ts";
import { ModelLostError } from "./server-errors.ts";
import type { Session } from "./session.ts";

/** Log-probs of sampling and of scoring were measured 1e-6 apart. */
const SAME_LOGP = 1e-3;
/** Few, where nothing is set: SkyRL takes all that are asked for at once into one batch, whatever memory it has. */
const ANSWERS_IN_FLIGHT = 32;
const DECAYS_ALL =
  "The server's weight decay shrinks the adapters of all runs on it: set weight_decay 0 in each where several learn at once.";
/** Milliseconds that a closing engine waits for its server. */
const LAST_WORD = 10_000;

/** A checkpoint that the server cannot load, told as such. @param folder  that leads there */
export function asGone(folder: string): (cause: unknown) => never {
  return (cause) => {
    if (!(cause instanceof EngineError)) throw cause;
    throw new EngineError({
      where: folder,
      expected: "its checkpoint on the server",
      got: cause.got,
      next: "Start the server with the database and the folder of checkpoints that it had. Where they are gone, so is what the run learnt: begin a new one.",
      cause,
    });
  };
}

export class RemoteEngine implements Engine {
  readonly facts: EngineFacts;
  updates = 0;
  readonly #options: EngineOptions;
  readonly #files: ModelFiles;
  /** The model's folder on this machine: the checkpoint that it was opened from may go before it does. */
  readonly #base: string;
  readonly #session: Session;
  readonly #dialectName: DialectName;
  readonly #request: ModelRequest;
  #model: RemoteModel;
  readonly #dialect: Dialect;
  readonly #numbers = new UpdateNumbers();
  /** What the present weights are sampled from; undefined once they have changed. */
  #sampler: Promise<string> | undefined;
  /** Why the server's weights are no longer those of the last update. */
  #lost: unknown;

  constructor(
    options: EngineOptions,
    files: ModelFiles,
    lora: Lora,
    session: Session,
    dialectName: DialectName,
    request: ModelRequest,
    model: RemoteModel,
    remarks: readonly string[],
    base = resolve(files.path),
  ) {
    [this.#options, this.#files, this.#session, this.#base] = [options, files, session, base];
    [this.#dialectName, this.#request, this.#model] = [dialectName, request, model];
    const { config, eosIds } = files;
    this.#dialect = dialects[dialectName];
    this.facts = {
      architecture: config.architecture,
      parameters: parameterCount({ ...config, lora }),
      vocabulary: config.vocabSize,
      contextLength: config.contextLength,
      eosIds,
      deterministic: false,
      logpTolerance: SAME_LOGP,
      onlyTemperature: 1,
      remarks: [
        ...session.messages,
        ...remarks,
        ...(this.#dialect.clips ? [] : ["The server does not clip gradients."]),
        ...(this.#dialect.decaysAll && options.lora !== undefined ? [DECAYS_ALL] : []),
        "The server draws its own random numbers: answers differ from those of another engine with the same seed.",
      ],
    };
  }

  async sample(
    prompts: readonly Prompt[],
    sampling: Sampling,
    watch: SampleWatch = {},
  ): Promise<Completion[][]> {
    this.#checkAlive();
    // log-probs of likeliest tokens are those at temperature 1 everywhere
    if (sampling.temperature !== 0) checkTemperature(sampling.temperature);
    for (const { tokens } of prompts) this.#checkTokens(tokens, sampling.maxTokens);
    const topK = topKOf(sampling, this.#dialect, this.facts.vocabulary);
    if (prompts.some(({ constraint }) => constraint !== undefined)) throw noConstraints();
    watch.signal?.throwIfAborted();
    this.#sampler ??= this.#model.sampler();
    const sampler = await this.#sampler.catch((error) => {
      this.#sampler = undefined;
      throw error;
    });
    const groups: Completion[][] = [];
    let [next, done] = [0, 0];
    // the first that fails ends the others
    const failed = new AbortController();
    const signal = AbortSignal.any([failed.signal, ...(watch.signal === undefined ? [] : [watch.signal])]);
    // heard by every request in flight
    setMaxListeners(0, signal);
    const askInTurn = async () => {
      while (next < prompts.length) {
        const prompt = next++;
        const seeding = { seed: seedOf(prompts[prompt], sampling, this.#dialect), stop: this.facts.eosIds };
        const answers = await this.#model.sample(
          sampler,
          prompts[prompt],
          { ...sampling, topK },
          seeding,
          signal,
        );
        for (const { tokens } of answers) this.#checkTokens(tokens, 0);
        groups[prompt] = answers;
        watch.onTokens?.(answers.flatMap((answer, a) => tokensOf(answer, prompt, a)));
        watch.onGroup?.(prompt, answers);
        done += answers.length;
        watch.onProgress?.(done, prompts.length * sampling.answers);
      }
    };
    const inFlight = this.#options.maxAnswersInFlight ?? ANSWERS_IN_FLIGHT;
    const lines = Math.max(1, Math.floor(inFlight / Math.max(1, sampling.answers)));
    const asking = Array.from({ length: Math.min(lines, prompts.length) }, askInTurn);
    try {
      await Promise.all(asking);
    } catch (error) {
      failed.abort(error);
      await Promise.allSettled(asking);
      throw error;
    }
    return groups;
  }

  async score(
    sequences: readonly Sequence[],
    temperature: number,
    { onProgress, signal }: Watch = {},
  ): Promise<Score[]> {
    this.#checkAlive();
    checkTemperature(temperature);
    checkSequences(this.#files.path, this.facts, sequences);
    signal?.throwIfAborted();
    const data = sequences.map(forwardDatum);
    const found = await this.#forward(data, (done) => onProgress?.(done, data.length), signal);
    return found.map((logps, i) => ({ logps: completionOf(logps, sequences[i]) }));
  }

  async update(
    examples: readonly Example[],
    objective: Objective,
    step: Step,
    { onProgress, signal }: Watch = {},
  ): Promise<UpdateReport> {
    if (this.#options.lora === undefined) throw untrained();
    checkExamples(examples, objective);
    const { program } = traceOnce(objective);
    const request = { examples, key: objective.name, step };
    const given = this.#numbers.given(this.updates, request);
    if (given !== undefined) return given;
    this.#checkAlive();
    checkTemperature(step.temperature);
    checkSequences(this.#files.path, this.facts, examples);
    if (!this.#dialect.clips && step.maxGradNorm < UNCLIPPED) throw unclipped(step.maxGradNorm);
    signal?.throwIfAborted();
    const begin = performance.now();
    const half = (done: number) => onProgress?.(done, 2 * examples.length);
    const logps = await this.#forward(examples.map(forwardDatum), half, signal);
    const scores = logps.map((each, i) => ({ logps: completionOf(each, examples[i]) }));
    const found = await surrogateOf(examples, scores, program, step.lossScale, this.#options.threads);
    const { channel } = this.#dialect;
    const data = found.examples.map((example, i) => {
      const weights = example.tokenColumns!.weight!.map((gradient) => -gradient);
      return gradientDatum(example, weights, logps[i]!, channel, examples.length);
    });
    if (
      !Number.isFinite(found.report.loss) ||
      !data.every(({ inputs }) => Object.values(inputs).every((values) => values.every(Number.isFinite)))
    )
      throw new EngineError({
        where: "update",
        expected: "a finite loss and gradient",
        got: `loss ${found.report.loss}`,
        next: "This update was not made. Begin a new run from the last checkpoint, with a lower learning_rate.",
      });
    signal?.throwIfAborted();
    const middle = performance.now();
    // from here on a fault leaves a gradient, or a step, that nobody knows of
    const gradNorm = await this.#changing(async () => {
      await this.#model.pass(data, { loss: channel.loss, forwardOnly: false }, (done) =>
        half(examples.length + done),
      );
      const norm = await this.#model.step(step);
      if (norm !== undefined && !Number.isFinite(norm))
        throw new EngineError({
          where: "update",
          expected: "a finite gradient",
          got: "one that is not, and a step made with it",
          next: "Begin a new run from the last checkpoint, with a lower learning_rate.",
        });
      return norm;
    });
    this.updates = step.number;
    const { loss, tokens, metrics } = found.report;
    const report: UpdateReport = {
      ...{ loss, gradNorm, tokens, metrics },
      perToken: found.examples.map(({ tokenColumns }, i) => ({
        logps: scores[i]!.logps,
        push: tokenColumns!.weight!,
      })),
      microBatches: 1,
      seconds: { forward: (middle - begin) / 1000, backward: (performance.now() - middle) / 1000 },
    };
    this.#numbers.took(request, report);
    return report;
  }

  async save(folder: string, { signal }: Watch = {}): Promise<void> {
    this.#checkAlive();
    signal?.throwIfAborted();
    const { model, rank, seed } = this.#request;
    const alpha = this.#dialect.alpha(rank);
    const { url } = this.#session.connection;
    await writeRemoteHandle(folder, {
      ...{ version: 1, url, dialect: this.#dialectName, model, base: this.#base, rank, alpha, seed },
      ...(await this.#model.save(this.updates)),
      updates: this.updates,
    });
  }

  async load(folder: string, { signal }: Watch = {}): Promise<void> {
    signal?.throwIfAborted();
    const handle = await readRemoteHandle(folder);
    const { model, rank } = this.#request;
    if (handle.model !== model || handle.rank !== rank)
      throw new EngineError({
        where: folder,
        expected: `a checkpoint of ${model} with adapters of rank ${rank}`,
        got: `${handle.model} with rank ${handle.rank}`,
        next: "Set engine_model and lora_rank as in the run that saved it.",
      });
    // servers hold few models: the one that is replaced goes first, if it is still there
    await this.#model.unload().catch(() => {});
    await this.#changing(async () => {
      this.#model = await RemoteModel.create(this.#session, this.#dialect, this.#request);
      await this.#model.load(handle.training, true).catch(asGone(folder));
    });
    this.#lost = undefined;
    this.updates = handle.updates;
    this.#numbers.forget();
  }

  async close(): Promise<void> {
    // a server that is gone has no model left, and is not waited for
    await this.#model.unload(AbortSignal.timeout(LAST_WORD)).catch(() => {});
    await this.#session.close();
  }

  async #forward(data: readonly Datum[], done: (datums: number) => void, signal: AbortSignal | undefined) {
    const found = await this.#model.pass(data, { loss: "cross_entropy", forwardOnly: true }, done, signal);
    const bad = found.findIndex((logps) => !logps.every(Number.isFinite));
    if (bad >= 0)
      throw damagedAnswer(
        "finite log-probs",
        `${found[bad].find((logp) => !Number.isFinite(logp))} in sequence ${bad}`,
      );
    return found;
  }

  /** Runs what changes the weights; where it fails, nobody knows what they are. */
  async #changing<T>(change: () => Promise<T>): Promise<T> {
    this.#sampler = undefined;
    try {
      return await change();
    } catch (error) {
      this.#lost = error;
      throw error;
    }
  }

  #checkAlive(): void {
    if (this.#lost === undefined) return;
    throw new ModelLostError({
      where: "engine",
      expected: "the weights of the last update",
      got: "a change of them that failed half-way",
      next: "Resume the run: it goes on from its checkpoint.",
      cause: this.#lost,
    });
  }

  #checkTokens(tokens: Int32Array, more: number): void {
    checkTokens(this.#files.path, this.facts, tokens, more);
  }
}

const tokensOf = ({ tokens, logps }: Completion, prompt: number, answer: number) =>
  [...tokens].map((token, t) => ({ prompt, answer, token, logp: logps[t] }));

/** Seeds of two prompts are the same or apart by at least the number of answers. */
function seedOf(
  { key }: Prompt,
  { seed, step, answers, firstAnswer = 0 }: Sampling,
  { seeds }: Dialect,
): number {
  return Math.floor(uniform(seed, step, key, firstAnswer, 0) * Math.floor(seeds / answers)) * answers;
}

/**
 * What the server is asked for, so that it draws from all that are to be drawn from.
 *
 * @throws EngineError where it cannot
 */
function topKOf({ topK, answers, temperature }: Sampling, { mostTopK }: Dialect, vocabulary: number): number {
  if (mostTopK === undefined) return topK === 0 ? -1 : topK;
  const wanted = topK === 0 ? vocabulary : topK;
  if (temperature === 0 || (wanted <= mostTopK && answers > 1)) return Math.min(wanted, mostTopK);
  throw new EngineError({
    where: "sampling",
    expected: `two answers or more, each token drawn from ${mostTopK} likeliest at most: the server draws no others`,
    got: `${answers === 1 ? "1 answer" : `${answers} answers`} from ${wanted} tokens`,
    next: "Ask it for the likeliest tokens alone, temperature 0, or learn on a server of another kind.",
  });
}

function checkTemperature(temperature: number): void {
  if (temperature === 1) return;
  throw new EngineError({
    where: "temperature",
    expected: "1: the server tells log-probs at no other",
    got: String(temperature),
    next: "Set temperature to 1.",
  });
}

const untrained = () =>
  new EngineError({
    where: "lora_rank",
    expected: "adapters to train",
    got: "none",
    next: "Set lora_rank: a server trains adapters beside the model's weights.",
  });

const unclipped = (maxGradNorm: number) =>
  new EngineError({
    where: "max_grad_norm",
    expected: `${UNCLIPPED}: the server does not clip gradients`,
    got: String(maxGradNorm),
    next: `Set max_grad_norm to ${UNCLIPPED}.`,
  });

const noConstraints = (): EngineError =>
  new EngineError({
    where: "sampling",
    expected: "answers that are held to nothing",
    got: "a prompt with a constraint",
    next: "A server samples by itself: hold answers to a grammar on this machine's engine.",
  });
