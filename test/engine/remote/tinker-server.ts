/**
 * A Tinker server for tests that keeps real weights: errata's own engine behind the API, as SkyRL 0.4.0 answers.
 *
 * It is stricter than a server has to be: numbers without a gap, no sampling from weights that have changed since, no
 * other end tokens than the model's. What is killed and started again on the same folder has its checkpoints alone.
 */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import type { Example } from "../../../src/engine/engine.ts";
import { packed } from "./tinker-archive.ts";
import { type Reduction, TinkerModel } from "./tinker-model.ts";
import {
  readJsonPass,
  readPass,
  writeJsonPass,
  writeJsonSamples,
  writePass,
  writeSamples,
} from "./tinker-wire.ts";

/** Whatever JSON holds. */
type Json = ReturnType<typeof JSON.parse>;

/** What befalls a request: it is not seen, or its answer is lost once the work is begun. */
export type Fault = { readonly status: number; readonly text?: string } | "lost";

export interface TinkerOptions {
  /** The base model's folder. */
  readonly model: string;
  /** Where checkpoints are kept. */
  readonly folder: string;
  readonly name?: string;
  readonly port?: number;
  readonly apiKey?: string;
  /** Answers as hatchery does: in JSON, without norms, and it does again what it is asked for again. */
  readonly hatchery?: boolean;
  readonly reduction?: Reduction;
  readonly maxRank?: number;
  readonly maxModels?: number;
  /** @param nth  from 1, of the requests of that path */
  readonly fault?: (path: string, nth: number) => Fault | undefined;
  /** Hears of each request before it is answered, and may take its time. */
  readonly onRequest?: (path: string, body: Json) => void | Promise<void>;
}

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** A model, and the work it was given: numbered, in order. */
interface Held {
  /** The lowest that was free. */
  readonly place: number;
  readonly model: Promise<TinkerModel>;
  readonly requests: Map<number, { readonly body: string; readonly id: string }>;
  queue: Promise<unknown>;
}

const POLL = 5000;

export class TinkerServer {
  readonly #options: TinkerOptions;
  readonly #server: Server;
  readonly #models = new Map<string, Held>();
  /** Of each place, what the model that was unloaded there had not stepped with: SkyRL leaves it to the next. */
  readonly #leftovers: Promise<readonly Example[]>[] = [];
  readonly #samplers = new Map<string, { readonly modelId: string; readonly updates: number }>();
  readonly #futures = new Map<string, Promise<Json | Uint8Array>>();
  readonly #counts = new Map<string, number>();
  #ids = 0;

  private constructor(options: TinkerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(options: TinkerOptions): Promise<TinkerServer> {
    mkdirSync(options.folder, { recursive: true });
    const server = new TinkerServer(options);
    await new Promise<void>((done) => server.#server.listen(options.port ?? 0, "127.0.0.1", done));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get models(): number {
    return this.#models.size;
  }

  /** Ends as a killed process does: no answer is given any more, and what was not saved is gone. */
  async kill(): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done));
    this.#server.closeAllConnections();
    await closed;
    // of work that is under way nobody hears any more; to end its thread in the midst of it would end this process
    await Promise.allSettled(this.#futures.values());
    for (const { model } of this.#models.values()) await (await model).engine.close();
    this.#models.clear();
  }

  /** As when no heartbeat came for too long: the models are unloaded, while a session's id is taken as before. */
  async expire(): Promise<void> {
    const held = [...this.#models.values()];
    this.#models.clear();
    await Promise.allSettled(this.#futures.values());
    for (const each of held) await this.#vacate(each);
  }

  /** Once its work is done, its place is another's. */
  #vacate({ place, model, queue }: Held): Promise<unknown> {
    this.#leftovers[place] = queue.then(async () => {
      const { engine, gradient } = await model;
      await engine.close();
      return gradient;
    });
    return this.#leftovers[place];
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const bytes = Buffer.concat(parts);
    const path = request.url!.replace("/api/v1/", "").replace(/\?.*/, "");
    const nth = (this.#counts.get(path) ?? 0) + 1;
    this.#counts.set(path, nth);
    const send = (status: number, body: Json | Uint8Array) => {
      const isProtobuf = body instanceof Uint8Array;
      response.writeHead(status, {
        "content-type": isProtobuf ? "application/x-protobuf" : "application/json",
      });
      response.end(isProtobuf ? body : typeof body === "string" ? body : JSON.stringify(body));
    };
    const fault = this.#options.fault?.(path, nth);
    if (fault !== undefined && fault !== "lost")
      return send(fault.status, fault.text ?? { detail: "a fault" });
    try {
      const { apiKey } = this.#options;
      if (apiKey !== undefined && request.headers["x-api-key"] !== apiKey)
        throw new Refusal(401, "Invalid API key");
      const isJson = request.headers["content-type"] === "application/json";
      const body = isJson ? JSON.parse(bytes.toString()) : undefined;
      await this.#options.onRequest?.(path, body);
      const [, model, name, file] =
        /^training_runs\/(.+)\/checkpoints\/(.+)\/(archive|download)$/.exec(path) ?? [];
      if (file === "archive") return void response.writeHead(302, { location: "download" }).end();
      if (file === "download") return send(200, this.#archive(model!, name!));
      const answer = await this.#route(path, body, bytes);
      if (fault === "lost") request.socket.destroy();
      else send(200, answer);
    } catch (error) {
      if (error instanceof Refusal) send(error.status, { detail: error.message });
      else send(500, "Internal Server Error");
    }
  }

  async #route(path: string, body: Json, bytes: Buffer): Promise<Json> {
    const { name, model, hatchery } = this.#options;
    switch (path) {
      case "healthz":
        return { status: "ok" };
      case "get_server_capabilities":
        return { supported_models: [{ model_name: hatchery ? "another" : (name ?? model) }] };
      case "create_session":
        return { type: path, session_id: `session_${++this.#ids}`, info_message: null };
      case "session_heartbeat":
        return { type: path };
      case "retrieve_future":
        return this.#result(body.request_id);
      case "create_model": {
        // as a database does, the folder knows the models there were
        const id = `model_${readdirSync(this.#options.folder).length}`;
        mkdirSync(join(this.#options.folder, id));
        const future = this.#future(this.#create(id, body.lora_config));
        return hatchery ? future : { ...future, model_id: id };
      }
      case "unload_model":
        return hatchery ? this.#unload(body.model_id) : this.#future(this.#unload(body.model_id));
      case "asample":
        return this.#future(this.#sample(body));
      case "forward":
      case "forward_backward": {
        const isJson = body !== undefined;
        if (isJson !== (hatchery ?? false) || (path === "forward" && !isJson))
          throw new Refusal(415, "other bytes");
        const pass = isJson ? readJsonPass(body) : readPass(bytes);
        const id = pass.modelId;
        const write = isJson ? writeJsonPass : writePass;
        return this.#train(id, pass.seqId, bytes, async (model) => write(await model.pass(pass)));
      }
      default:
        if (body?.seq_id === undefined) throw new Refusal(404, "Not Found");
        return this.#train(body.model_id, body.seq_id, bytes, (model) => this.#work(path, body, model));
    }
  }

  async #create(id: string, lora: { readonly rank: number; readonly seed: number }): Promise<Json> {
    const { rank, seed } = lora;
    const { model: base, maxRank = 32, maxModels = 8, hatchery } = this.#options;
    const { reduction = hatchery ? "weighing" : "normalising" } = this.#options;
    if (rank > maxRank) throw new Refusal(400, `LoRA rank must be between 1 and ${maxRank}, got ${rank}`);
    if (this.#models.size >= maxModels)
      throw new Refusal(400, `Maximum number of LoRA adapters (${maxModels}) reached`);
    const alpha = hatchery ? 2 * rank : 32;
    const taken = new Set([...this.#models.values()].map(({ place }) => place));
    const place = Array.from({ length: taken.size + 1 }, (_, i) => i).find((i) => !taken.has(i))!;
    const left = Promise.resolve(this.#leftovers[place] ?? []);
    const model = left.then((gradient) =>
      TinkerModel.create(base, { rank, alpha, seed }, reduction, hatchery ? [] : gradient),
    );
    this.#models.set(id, { place, model, requests: new Map(), queue: model.catch(() => {}) });
    await model;
    if (hatchery) return { model_id: id, type: "create_model" };
    return { model_id: id, base_model: this.#options.name ?? base, lora_config: { rank, alpha, seed } };
  }

  async #unload(id: string): Promise<Json> {
    const held = this.#models.get(id);
    if (held === undefined) throw new Refusal(404, "Model not found");
    this.#models.delete(id);
    await this.#vacate(held);
    return { model_id: id, type: "unload_model" };
  }

  /** Takes numbered work on once; the same number with other bytes is refused. */
  #train(
    id: string,
    seqId: number,
    bytes: Buffer,
    work: (model: TinkerModel) => Promise<Json | Uint8Array>,
  ): Json {
    const held = this.#models.get(id);
    if (held === undefined) {
      if (!existsSync(join(this.#options.folder, id))) throw new Refusal(404, "Model not found");
      return this.#future(Promise.reject(new Refusal(400, `Model ${id} not loaded`)));
    }
    const body = bytes.toString("latin1");
    const known = held.requests.get(seqId);
    if (known !== undefined && this.#options.hatchery) {
      held.queue = held.queue.then(async () => work(await held.model)).catch(() => {});
      return { request_id: known.id };
    }
    const isSave = body.includes('"type":"save_weights');
    if (known !== undefined && isSave) throw new Refusal(409, "Checkpoint already exists");
    if (known !== undefined && known.body !== body)
      throw new Refusal(409, "Training request sequence number was reused");
    if (known !== undefined) return { request_id: known.id };
    if (seqId !== held.requests.size + 1) throw new Refusal(400, `seq_id ${seqId} is not the next`);
    const done = held.queue.then(async () => work(await held.model));
    held.queue = done.catch(() => {});
    const answer = this.#future(done);
    held.requests.set(seqId, { body, id: answer.request_id });
    return answer;
  }

  async #work(path: string, body: Json, model: TinkerModel): Promise<Json> {
    const { folder, hatchery } = this.#options;
    const training = hatchery ? "checkpoints" : "weights";
    switch (path) {
      case "optim_step": {
        const { learning_rate: rate, eps } = body.adam_params;
        if (hatchery && !(rate > 0 && rate <= 10 && eps <= 1)) throw new Refusal(422, "beyond what it takes");
        const norm = await model.step(body.adam_params);
        return { metrics: hatchery ? { learning_rate: rate } : { "skyrl.ai/grad_norm": norm } };
      }
      case "save_weights":
        mkdirSync(join(folder, body.model_id, training, body.path), { recursive: true });
        await model.engine.save(join(folder, body.model_id, training, body.path));
        return { path: `tinker://${body.model_id}/${training}/${body.path}` };
      case "save_weights_for_sampler": {
        if (body.path !== undefined) {
          mkdirSync(join(folder, body.model_id, "sampler_weights", body.path), { recursive: true });
          await model.engine.save(join(folder, body.model_id, "sampler_weights", body.path));
          return { path: `tinker://${body.model_id}/${body.path}` };
        }
        const id = `sampling_${++this.#ids}`;
        this.#samplers.set(id, { modelId: body.model_id, updates: model.engine.updates });
        return { path: null, sampling_session_id: id };
      }
      case "load_weights": {
        if (body.seq_id !== 1)
          throw new Refusal(400, `LoadWeights is not permitted with seq_id ${body.seq_id}`);
        const [from, kind, name] = body.path
          .slice("tinker://".length)
          .split("/")
          .map((part: string) => basename(part));
        const saved = join(folder, from, kind, name);
        if (kind !== training || !existsSync(saved))
          throw new Refusal(404, `Checkpoint not found: ${body.path}`);
        await model.load(saved, body.optimizer);
        return { type: path };
      }
      default:
        throw new Refusal(404, "Not Found");
    }
  }

  async #sample({ sampling_session_id: id, prompt, num_samples: answers, sampling_params: how }: Json) {
    const sampler = this.#samplers.get(id);
    const held = sampler && this.#models.get(sampler.modelId);
    if (sampler === undefined || held === undefined) throw new Refusal(404, "Sampling session not found");
    const model = await held.model;
    const { engine } = model;
    if (engine.updates !== sampler.updates) throw new Refusal(400, "the weights have changed since");
    if (`${[...how.stop].sort()}` !== `${[...engine.facts.eosIds].sort()}`)
      throw new Refusal(400, "other ends");
    const tokens = Int32Array.from(prompt.chunks[0].tokens as number[]);
    const { max_tokens: maxTokens, temperature, top_p: topP, top_k, seed } = how;
    const { hatchery } = this.#options;
    if (hatchery && !(top_k > 0 && top_k <= 1000 && answers > 1))
      throw new Refusal(400, "of the 50 likeliest");
    const topK = top_k === -1 ? 0 : top_k;
    const given = { tokens, answers, maxTokens, temperature, topP, topK, seed };
    return (hatchery ? writeJsonSamples : writeSamples)(await model.sample(given));
  }

  #archive(model: string, name: string): Uint8Array {
    const saved = join(this.#options.folder, basename(model), "sampler_weights", basename(name));
    if (!existsSync(saved)) throw new Refusal(404, `Checkpoint not found: ${name}`);
    return packed(saved);
  }

  #future(result: Promise<Json | Uint8Array>): { readonly request_id: string; readonly status: "pending" } {
    const id = String(++this.#ids);
    result.catch(() => {});
    this.#futures.set(id, result);
    return { request_id: id, status: "pending" };
  }

  async #result(id: string): Promise<Json | Uint8Array> {
    const future = this.#futures.get(id);
    if (future === undefined) throw new Refusal(404, "Future not found");
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Refusal(408, "Timeout waiting for result")), POLL);
    });
    return Promise.race([future, late])
      .catch((error: unknown) => {
        throw error instanceof Refusal ? error : new Refusal(400, String(error));
      })
      .finally(() => clearTimeout(timer));
  }
}
