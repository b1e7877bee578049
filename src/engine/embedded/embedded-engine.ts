/**
 * The engine on this machine: a thread that holds the model, spoken to by messages.
 */
import type { Worker } from "node:worker_threads";
import { EngineError } from "../../errors.ts";
import { startWorker } from "../../files/worker-file.ts";
import { parameterShapes } from "../../models/parameter-shapes.ts";
import type { Completion, Engine, EngineFacts, EngineOptions, SampleWatch } from "../engine.ts";
import { checkExamples } from "../objective-inputs.ts";
import { traceOnce } from "../objective-program.ts";
import { openWeights } from "./weight-files.ts";
import { type Abort, type Reply, receiveError, type Verb, type Verbs } from "./worker-protocol.ts";

interface Waiting {
  readonly verb: Verb;
  readonly resolve: (out: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly watch: SampleWatch;
}

/** Sends requests to the engine's thread and hands out its replies. */
class Line {
  readonly #worker: Worker;
  /** Floating-point operations of each verb so far. */
  readonly flops = { sample: 0, score: 0, update: 0 };
  readonly #waiting = new Map<number, Waiting>();
  #sent = 0;
  #closed = false;

  constructor() {
    this.#worker = startWorker("worker", import.meta.url);
    this.#worker.on("message", (reply: Reply) => this.#receive(reply));
    this.#worker.on("error", (error) => this.#fail(error.message));
    this.#worker.on("exit", (code) => this.#fail(`it ended with code ${code}`));
  }

  /** @param moved  memory of `given` that the thread takes over */
  ask<V extends Verb>(
    verb: V,
    given: Verbs[V]["in"],
    watch: SampleWatch = {},
    moved: ArrayBuffer[] = [],
  ): Promise<Verbs[V]["out"]> {
    const { signal } = watch;
    const id = this.#sent++;
    const abort = () => this.#worker.postMessage({ abort: id } satisfies Abort);
    return new Promise<unknown>((resolve, reject) => {
      if (this.#closed) return reject(this.#gone("the engine is closed"));
      signal?.throwIfAborted();
      this.#waiting.set(id, { verb, resolve, reject, watch });
      this.#worker.postMessage({ id, verb, in: given }, moved);
      signal?.addEventListener("abort", abort);
    }).finally(() => signal?.removeEventListener("abort", abort)) as Promise<Verbs[V]["out"]>;
  }

  #receive(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    const { verb, resolve, reject, watch } = waiting;
    if (reply.kind === "result" || reply.kind === "error") this.#waiting.delete(reply.id);
    if (reply.kind === "result") {
      if (verb in this.flops) this.flops[verb as keyof Line["flops"]] += reply.flops;
      resolve(reply.out);
    } else if (reply.kind === "error") {
      reject(watch.signal?.aborted === true ? watch.signal.reason : receiveError(reply.error));
    } else {
      try {
        hear(watch, reply);
      } catch (cause) {
        // whoever watches has failed: the work is theirs, and so is the error
        this.#waiting.delete(reply.id);
        this.#worker.postMessage({ abort: reply.id } satisfies Abort);
        reject(cause);
      }
    }
  }

  #fail(why: string): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.values()) reject(this.#gone(why));
    this.#waiting.clear();
  }

  #gone = (why: string) =>
    new EngineError({
      where: "engine",
      expected: "its thread to be running",
      got: why,
      next: "If memory ran out, set micro_batch_tokens or max_answers_in_flight lower; then resume the run.",
    });

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker.terminate();
  }
}

function hear(watch: SampleWatch, reply: Exclude<Reply, { readonly kind: "result" | "error" }>): void {
  if (reply.kind === "progress") watch.onProgress?.(reply.done, reply.total);
  else if (reply.kind === "tokens") watch.onTokens?.(reply.tokens);
  else watch.onGroup?.(reply.prompt, reply.answers);
}

/**
 * Loads a model into a thread of its own.
 *
 * @throws ModelError where its files are missing, damaged or not supported
 */
export async function openEmbeddedEngine(options: EngineOptions): Promise<Engine> {
  const { model, ...rest } = options;
  const { origin, read } = await openWeights({ model, lora: rest.lora });
  const line = new Line();
  let facts: EngineFacts;
  try {
    for (const name of parameterShapes(origin.config).keys()) {
      const data = await read(name);
      await line.ask("take", { name, data }, {}, [data.buffer as ArrayBuffer]);
    }
    facts = await line.ask("open", { origin, options: rest });
  } catch (error) {
    await line.close();
    throw error;
  }
  let updates = 0;
  return {
    facts,
    flops: line.flops,
    get updates() {
      return updates;
    },
    async sample(prompts, sampling, watch = {}) {
      const groups = prompts.map((): readonly Completion[] => []);
      const onGroup = (prompt: number, answers: readonly Completion[]) => {
        groups[prompt] = answers;
        watch.onGroup?.(prompt, answers);
      };
      const streams = watch.onTokens !== undefined;
      await line.ask("sample", { prompts, sampling, streams }, { ...watch, onGroup });
      return groups.map((answers) => [...answers]);
    },
    score: (sequences, temperature, watch) => line.ask("score", { sequences, temperature }, watch),
    async update(examples, objective, step, watch) {
      checkExamples(examples, objective);
      const { program, key } = traceOnce(objective);
      const coupled = objective.coupled ?? false;
      const report = await line.ask("update", { examples, objective: program, key, coupled, step }, watch);
      updates = step.number;
      return report;
    },
    save: (folder, watch) => line.ask("save", { folder }, watch),
    async load(folder, watch) {
      updates = await line.ask("load", { folder }, watch);
    },
    close: () => line.close(),
  };
}
