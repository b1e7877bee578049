/**
 * A model that answers whoever asks: prompts from anywhere, answers told as they grow.
 *
 * Requests that wait for the engine are answered together; each may be ended early.
 */
import type { Engine, EngineFacts, SampledToken, Sampling } from "../../engine/engine.ts";
import type { Constraint } from "../../engine/grammar/grammar.ts";
import { ContextError, EngineError, ModelError } from "../../errors.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";
import { TokenizerThread } from "../../formats/tokenizer/tokenizer-thread.ts";
import { formatOf, promptWriter, type TemplateVariables } from "../../loop/rollouts/prompt.ts";
import { TextStream } from "../../loop/rollouts/text-stream.ts";
import { findModel } from "../../loop/session/load-model.ts";
import type { Locating } from "../../loop/session/locate-model.ts";
import { modelName } from "../../loop/session/model-name.ts";
import { openPolicy } from "../../loop/session/open-policy.ts";
import type { Message } from "../../loop/types.ts";
import type { GivenOptions, Options } from "../../options/options.ts";
import { resolveOptions } from "../../options/resolve-options.ts";
import { BatchedSampling } from "./batched-sampling.ts";
import { generationDefaults } from "./generation-defaults.ts";
import { JsonAnswers } from "./json-answers.ts";

export interface CompletionRequest {
  /** A conversation, rendered as the model's prompts are; a text or token ids, continued as they stand. */
  readonly prompt: readonly Message[] | string | Int32Array;
  readonly answers: number;
  /** Of the chat template's own, for a conversation; over those that the model was opened with. */
  readonly templateVariables?: TemplateVariables | undefined;
  /** What is left out is as the model was opened with. */
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  /** The same request with the same seed has the same answers. */
  readonly seed?: number | undefined;
  /** Texts that end an answer and are no part of it. */
  readonly stop: readonly string[];
  /** The answers are JSON: what the schema says, or without one any object. A cut-off answer is the beginning of one. */
  readonly json?: { readonly schema?: unknown } | undefined;
}

/** A request that can be answered. */
export interface Prepared {
  readonly tokens: Int32Array;
  /** Names its random numbers, with the seed and the step of its sampling. */
  readonly key: number;
  readonly sampling: Sampling;
  readonly stop: readonly string[];
  readonly constraint?: Constraint | undefined;
}

/** More of one answer. */
export interface AnswerDelta {
  readonly answer: number;
  readonly text: string;
  /** The tokens sampled since the last delta, and nats of each; a stop text's are among them, the end's is not. */
  readonly tokens: readonly { readonly text: string; readonly logp: number }[];
  /** In an answer's last delta: why it ended. */
  readonly stop?: "eos" | "length" | "stop";
}

export class Responder {
  readonly facts: EngineFacts;
  readonly name: string;
  /** `chat` where conversations go through the model's template; else only a text alone can be asked. */
  readonly format: "chat" | "raw";
  readonly #engine: Engine;
  readonly #batches: BatchedSampling;
  readonly #tokenizer: Tokenizer;
  readonly #options: Options;
  readonly #texts: TokenizerThread;
  readonly #write: ReturnType<typeof promptWriter>;
  readonly #eosIds: ReadonlySet<number>;
  readonly #json: JsonAnswers;
  #asked = 0;

  private constructor(engine: Engine, tokenizer: Tokenizer, options: Options) {
    this.#engine = engine;
    this.#batches = new BatchedSampling(engine);
    this.#tokenizer = tokenizer;
    this.#options = options;
    this.#texts = new TokenizerThread(tokenizer);
    this.#write = promptWriter(tokenizer, options);
    this.facts = engine.facts;
    this.name = modelName(options.model);
    this.format = formatOf(tokenizer, options);
    this.#eosIds = new Set(engine.facts.eosIds);
    this.#json = new JsonAnswers(engine.facts, tokenizer);
  }

  /**
   * Sampling that is not given is as the model's generation_config.json says, or else as the options' defaults.
   *
   * @throws OptionError, ModelError, HubError where the options or the model are not usable
   */
  static async open(
    command: "chat" | "serve",
    given: GivenOptions,
    locating: Locating = {},
  ): Promise<Responder> {
    const { options, places } = resolveOptions(command, { given });
    // on a server the temperature may be the one that it has
    const files = options.engine === undefined ? await findModel(options.model, locating) : undefined;
    const said = generationDefaults(files ?? { generationJson: {} }, (key) => places.has(key));
    for (const text of said.notes) locating.onEvent?.({ kind: "note", text });
    const { engine, tokenizer } = await openPolicy(files ?? options.model, options, locating);
    try {
      return new Responder(engine, tokenizer, { ...options, ...said.options });
    } catch (cause) {
      await engine.close();
      throw cause;
    }
  }

  /**
   * Renders a request's prompt and holds it to the model's context; a long one is encoded in a thread.
   *
   * @throws ContextError where prompt and answer are too long together, EngineError where the prompt is empty or of
   *   another model's tokens, ModelError or DataError where the model has no way to put this conversation, SchemaError
   *   where its schema is not kept to
   */
  async prepare(request: CompletionRequest): Promise<Prepared> {
    const { prompt, answers, maxTokens, temperature, topP, topK, seed, stop } = request;
    const tokens = await this.#tokensOf(prompt, request.templateVariables);
    const room = this.#roomAfter(tokens, maxTokens ?? 1);
    const options = this.#options;
    const sampling = {
      answers,
      maxTokens: maxTokens ?? Math.min(options.maxCompletionLength, room),
      temperature: temperature ?? options.temperature,
      topP: topP ?? options.topP,
      topK: topK ?? options.topK,
      seed: seed ?? options.seed,
      step: 0,
    };
    const constraint = request.json && this.#json.constraint(request.json.schema);
    // a request without a seed has random numbers of its own
    return { tokens, key: seed === undefined ? ++this.#asked : 0, sampling, stop, constraint };
  }

  /**
   * Answers a request.
   *
   * @param onDelta  hears every answer's text, piece by piece, up to the piece with its `stop`
   * @param signal   ends the answers; the promise is then rejected with its reason
   * @returns        tokens sampled, those that end answers included
   */
  async complete(
    { tokens, key, sampling, stop, constraint }: Prepared,
    onDelta: (delta: AnswerDelta) => void,
    signal?: AbortSignal,
  ): Promise<number> {
    const growing = Array.from({ length: sampling.answers }, () => ({
      stream: new TextStream(this.#tokenizer, stop),
      // told token by token, a text is whole, stop texts included
      tokenTexts: new TextStream(this.#tokenizer),
      count: 0,
      ended: false,
      waiting: [] as { text: string; logp: number }[],
    }));
    const take = ({ answer, token, logp }: SampledToken): void => {
      const own = growing[answer]!;
      if (own.ended) return;
      own.count++;
      const eos = this.#eosIds.has(token);
      let text = "";
      if (!eos) {
        text = own.stream.push(token);
        own.waiting.push({ text: own.tokenTexts.push(token), logp });
      }
      const why = eos
        ? "eos"
        : own.stream.stopped
          ? "stop"
          : own.count === sampling.maxTokens
            ? "length"
            : undefined;
      if (why === "eos" || why === "length") {
        text += own.stream.finish();
        const last = own.waiting.at(-1);
        if (last !== undefined) last.text += own.tokenTexts.finish();
      }
      own.ended = why !== undefined;
      if (text === "" && why === undefined) return;
      // what was held back until the end may hold a stop text
      const ended = why === "length" && own.stream.stopped ? "stop" : why;
      onDelta({ answer, text, tokens: own.waiting, ...(ended === undefined ? {} : { stop: ended }) });
      own.waiting = [];
    };
    const hear = (token: SampledToken): boolean => {
      if (signal?.aborted) return false;
      take(token);
      return growing.some(({ ended }) => !ended);
    };
    await this.#batches.sample({ tokens, key, constraint }, sampling, hear, signal);
    // nothing more could come of these
    for (const [answer, own] of growing.entries())
      if (!own.ended) onDelta({ answer, text: own.stream.finish(), tokens: own.waiting, stop: "length" });
    return growing.reduce((sum, { count }) => sum + count, 0);
  }

  /** Closes the model once those who wait are answered or have gone away. */
  async close(): Promise<void> {
    await this.#batches.settled();
    await this.#texts.close();
    await this.#engine.close();
  }

  /** The tokens that may follow a prompt, at least `least`. */
  #roomAfter(tokens: Int32Array, least: number): number {
    const { contextLength, vocabulary } = this.facts;
    if (tokens.length === 0) {
      throw new EngineError({
        where: this.name,
        expected: "a prompt of 1 token or more",
        got: "none",
        next: "Ask something: an empty text gives a model nothing to go on.",
      });
    }
    const outside = tokens.find((token) => token < 0 || token >= vocabulary);
    if (outside !== undefined) {
      throw new EngineError({
        where: this.name,
        expected: `token ids from 0 to ${vocabulary - 1}`,
        got: String(outside),
        next: "Encode the text with this model's own tokenizer, or send the text.",
      });
    }
    const room = contextLength - tokens.length;
    if (room >= least) return room;
    throw new ContextError({
      where: this.name,
      expected: `a prompt that leaves room for ${least} in a context of ${contextLength} tokens`,
      got: `${tokens.length} tokens`,
      next: "Ask something shorter, or for a shorter answer; in `errata chat`, /new begins again.",
    });
  }

  async #tokensOf(prompt: CompletionRequest["prompt"], variables?: TemplateVariables): Promise<Int32Array> {
    if (typeof prompt === "string") return this.#texts.encode(prompt, "encodePrompt");
    if (prompt instanceof Int32Array) return prompt;
    if (variables?.tools !== undefined && !/\btools\b/.test(this.#tokenizer.chatTemplate ?? ""))
      throw new ModelError({
        where: `${this.name}: chat template`,
        expected: "one that reads tools",
        got: "one that does not",
        next: "This model was not taught to call tools: leave them out, or describe them in a message.",
      });
    const { text, way } = this.#write({ id: "request", prompt, answer: "" }, variables);
    return this.#texts.encode(text, way);
  }
}
