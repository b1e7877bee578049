/**
 * One model on a Tinker server: what it is asked for, in the server's words.
 *
 * A model lives from `create` to `unload`; weights are loaded only into a new one.
 */
import { randomUUID } from "node:crypto";
import { EngineError } from "../../errors.ts";
import type { Completion, Prompt, Sampling, Step } from "../engine.ts";
import { type Dialect, UNCLIPPED } from "./dialects.ts";
import type { Pending } from "./future.ts";
import { type Datum, damagedAnswer, type Pass } from "./pass.ts";
import { ModelLostError } from "./server-errors.ts";
import { Lane, type Session, textIn } from "./session.ts";

export interface ModelRequest {
  /** The base model, by the server's name. */
  readonly model: string;
  readonly rank: number;
  readonly seed: number;
}

/** Settings of AdamW for one step; `maxGradNorm` is left out where nothing is clipped. */
type Adam = Pick<Step, "learningRate" | "beta1" | "beta2" | "epsilon" | "weightDecay"> &
  Partial<Pick<Step, "maxGradNorm">>;

/** How often a place is cleared anew where other clients come in between. */
const TRIES = 6;

export class RemoteModel {
  readonly id: string;
  readonly #session: Session;
  readonly #dialect: Dialect;
  readonly #lane: Lane;
  #asked = 0;

  private constructor(session: Session, dialect: Dialect, id: string) {
    [this.#session, this.#dialect, this.id] = [session, dialect, id];
    this.#lane = new Lane(session.connection);
  }

  /**
   * @throws EngineError where the adapters are of another alpha than the dialect says, or where other clients make
   *   models all the time
   */
  static async create(session: Session, dialect: Dialect, request: ModelRequest): Promise<RemoteModel> {
    if (!dialect.leavesGradients) {
      const { model, pending } = await RemoteModel.#submitted(session, dialect, request);
      await RemoteModel.#made(session, dialect, request, pending);
      return model;
    }
    for (let tries = 0; tries < TRIES; tries++) {
      const model = await RemoteModel.#inClearPlace(session, dialect, request);
      if (model !== undefined) return model;
    }
    throw crowded();
  }

  /**
   * A model where another one, thrown away, has stepped with what was left of gradients, by a killed run say.
   *
   * The lowest place that is free is given: the same one, where nobody else was given or gave back any in between.
   *
   * @returns undefined where somebody may have been: another request was taken on between these
   */
  static async #inClearPlace(session: Session, dialect: Dialect, request: ModelRequest) {
    const before = await RemoteModel.#submitted(session, dialect, request);
    const stepped = await before.model.#submitStep({
      ...{ learningRate: 0, beta1: 0, beta2: 0, epsilon: 1, weightDecay: 0 },
    });
    const unloaded = await session.submit("unload_model", before.model.#unloading);
    const own = await RemoteModel.#submitted(session, dialect, request);
    await RemoteModel.#made(session, dialect, request, before.pending);
    if (stepped !== undefined) await session.json(stepped);
    await session.json(unloaded).catch(unlessLost);
    await RemoteModel.#made(session, dialect, request, own.pending);
    const asked = [before.pending, stepped, unloaded, own.pending].map((each) => Number(each?.id));
    if (asked.every((id, i) => id === asked[0]! + i)) return own.model;
    await own.model.unload();
    return undefined;
  }

  static async #submitted(session: Session, dialect: Dialect, { model, rank, seed }: ModelRequest) {
    const { pending, answer } = await session.submitted("create_model", {
      ...{ session_id: session.id, model_seq_id: session.next.model++, base_model: model },
      lora_config: { rank, seed, train_unembed: false, train_mlp: true, train_attn: true },
      type: "create_model",
    });
    // told at once, or with the result
    const id = textIn(answer.model_id === undefined ? await session.json(pending) : answer, "model_id");
    return { model: new RemoteModel(session, dialect, id), pending };
  }

  static async #made(session: Session, dialect: Dialect, { rank }: ModelRequest, pending: Pending) {
    const answer = await session.json(pending);
    const alpha = (answer.lora_config as { readonly alpha?: unknown } | undefined)?.alpha;
    if (typeof alpha === "number" && alpha !== dialect.alpha(rank))
      throw damagedAnswer(`adapters of alpha ${dialect.alpha(rank)}`, `of alpha ${alpha}`);
  }

  /** One that is gone is unloaded: so a request that is repeated finds it. */
  async unload(signal?: AbortSignal): Promise<void> {
    await this.#unload(signal).catch(unlessLost);
  }

  async #unload(signal: AbortSignal | undefined): Promise<void> {
    const body = this.#unloading;
    if (this.#dialect.unloadsAtOnce)
      await this.#session.ask(`unload_model?model_id=${encodeURIComponent(this.id)}`, body, signal);
    else await this.#session.json(await this.#session.submit("unload_model", body, signal), signal);
  }

  get #unloading() {
    return { model_id: this.id, type: "unload_model" };
  }

  /**
   * Passes over data, in as many requests as the server takes.
   *
   * @param done  hears how many datums are answered
   * @returns     log-probs of each datum's targets, at temperature 1
   */
  async pass(
    data: readonly Datum[],
    { loss, forwardOnly }: Pick<Pass, "loss" | "forwardOnly">,
    done: (datums: number) => void = () => {},
    signal?: AbortSignal,
  ): Promise<Float32Array[]> {
    const { wire, remembers } = this.#dialect;
    const requests = cut(data, this.#dialect);
    const pendings = [];
    for (const part of requests) {
      const pass = { modelId: this.id, loss, forwardOnly, data: part };
      const isOnce = !forwardOnly && !remembers;
      pendings.push(await this.#lane.submit((seqId) => wire.request({ ...pass, seqId }), isOnce));
    }
    const found: Float32Array[] = [];
    for (const [i, pending] of pendings.entries()) {
      const lengths = requests[i].map(({ targets }) => targets.length);
      found.push(...wire.logps(await this.#session.result(pending!, wire.accept, signal), lengths));
      done(found.length);
    }
    return found;
  }

  /** One step of AdamW. @returns the gradient's norm: NaN where it was no number, undefined where the server tells none */
  async step(adam: Adam): Promise<number | undefined> {
    const { metrics } = await this.#resultOf(await this.#submitStep(adam));
    const { gradNorm } = this.#dialect;
    if (gradNorm === undefined) return undefined;
    const norm = (metrics as Readonly<Record<string, unknown>> | null | undefined)?.[gradNorm];
    return norm === undefined ? undefined : typeof norm === "number" ? norm : Number.NaN;
  }

  #submitStep({
    learningRate,
    beta1,
    beta2,
    epsilon,
    weightDecay,
    maxGradNorm = UNCLIPPED,
  }: Adam): Promise<Pending | undefined> {
    const adam = { learning_rate: learningRate, beta1, beta2, eps: epsilon, weight_decay: weightDecay };
    const clip = maxGradNorm < UNCLIPPED ? maxGradNorm : 0;
    return this.#submit("optim_step", { adam_params: { ...adam, grad_clip_norm: clip } });
  }

  /** @returns the addresses of the checkpoint: for training, and for sampling and download */
  async save(updates: number): Promise<{ readonly training: string; readonly sampler: string }> {
    const name = `update-${updates}-${randomUUID().slice(0, 8)}`;
    await this.#train("save_weights", { path: name });
    await this.#train("save_weights_for_sampler", { path: name });
    const at = (kind: string) => `tinker://${this.id}/${kind}/${name}`;
    return { training: at(this.#dialect.checkpoints), sampler: at("sampler_weights") };
  }

  /** Weights of a checkpoint, and its optimizer where wanted; the first thing that a model can be asked for. */
  async load(training: string, optimizer: boolean): Promise<void> {
    await this.#train("load_weights", { path: training, optimizer });
  }

  /** Freezes the present weights to sample from. */
  async sampler(): Promise<string> {
    for (;;) {
      const answer = await this.#train("save_weights_for_sampler", {
        sampling_session_seq_id: this.#session.next.sampler++,
      });
      this.#asked = 0;
      // a repeated save that was made leaves its sampler's name unknown: another is saved
      if (Object.keys(answer).length > 0) return textIn(answer, "sampling_session_id");
    }
  }

  /**
   * @param topK  as the server is asked for it
   * @param seed  of the first answer; answer i has the seed + i
   */
  async sample(
    sampler: string,
    { tokens }: Prompt,
    { answers, maxTokens, temperature, topP, topK }: Sampling,
    { seed, stop }: { readonly seed: number; readonly stop: readonly number[] },
    signal?: AbortSignal,
  ): Promise<Completion[]> {
    const pending = await this.#session.submit(
      "asample",
      {
        ...{ sampling_session_id: sampler, seq_id: this.#asked++, num_samples: answers },
        prompt: { chunks: [{ type: "encoded_text", tokens: [...tokens] }] },
        sampling_params: {
          ...{ max_tokens: maxTokens, temperature, top_k: topK, top_p: topP, seed, stop },
        },
        ...{ prompt_logprobs: false, topk_prompt_logprobs: 0, type: "sample" },
      },
      signal,
    );
    const { wire } = this.#dialect;
    const found = wire.samples(await this.#session.result(pending, wire.accept, signal));
    if (found.length !== answers) throw damagedAnswer(`${answers} answers to a prompt`, `${found.length}`);
    return found.map(({ tokens, logps, stop }) => {
      if (logps === undefined || !logps.every(Number.isFinite))
        throw damagedAnswer("a finite log-prob of each sampled token", logps?.join(", ") ?? "none");
      if (tokens.length === 0 || tokens.length > maxTokens)
        throw damagedAnswer(`answers of 1 to ${maxTokens} tokens`, `${tokens.length}`);
      return { tokens, logps, stop: stop === "stop" ? "eos" : "length" };
    });
  }

  /** @returns nothing known, {}, of a save that was found made */
  async #train(
    path: string,
    fields: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.#resultOf(await this.#submit(path, fields));
  }

  #submit(path: string, fields: Readonly<Record<string, unknown>>): Promise<Pending | undefined> {
    const write = (seqId: number) => ({
      path,
      body: JSON.stringify({ model_id: this.id, ...fields, seq_id: seqId, type: path }),
    });
    return this.#lane.submit(write, path === "optim_step" && !this.#dialect.remembers);
  }

  async #resultOf(pending: Pending | undefined): Promise<Readonly<Record<string, unknown>>> {
    return pending === undefined ? {} : this.#session.json(pending);
  }
}

function unlessLost(error: unknown): void {
  if (!(error instanceof ModelLostError)) throw error;
}

const crowded = () =>
  new EngineError({
    where: "create_model",
    expected: "a model in a place that no other client's gradient is left in",
    got: `requests of other clients between those for it, ${TRIES} times`,
    next: "Resume the run when fewer clients begin or end on the server.",
  });

/** Data in order, in parts that are as large as one request may be. */
function cut(
  data: readonly Datum[],
  { mostDatums, mostBytes }: Pick<Dialect, "mostDatums" | "mostBytes">,
): Datum[][] {
  const parts: Datum[][] = [];
  let bytes = 0;
  for (const datum of data) {
    // tokens of 4 bytes, targets of 8, and float32s
    const own = datum.tokens.length * (12 + 4 * Object.keys(datum.inputs).length);
    const last = parts.at(-1);
    if (last === undefined || last.length === mostDatums || bytes + own > mostBytes) {
      parts.push([datum]);
      bytes = own;
    } else {
      last.push(datum);
      bytes += own;
    }
  }
  return parts;
}
