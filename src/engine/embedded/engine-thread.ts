/**
 * A thread of the engine, from outside: requests go in as messages, one after another, and each has its reply.
 */
import type { Worker } from "node:worker_threads";
import { EngineError } from "../../errors.ts";
import { startWorker } from "../../files/worker-file.ts";
import type { PartWatch } from "./sample.ts";
import {
  type Abort,
  type Close,
  type Reply,
  receiveError,
  type Verb,
  type Verbs,
} from "./worker-protocol.ts";

/** Floating-point operations of each verb. */
export type Flops = Record<"sample" | "score" | "update", number>;

interface Waiting {
  readonly verb: Verb;
  readonly resolve: (out: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly watch: PartWatch;
}

export class EngineThread {
  readonly #worker: Worker;
  readonly #flops: Flops;
  readonly #waiting = new Map<number, Waiting>();
  #sent = 0;
  #closed = false;
  readonly #ended: Promise<void>;

  /** @param flops  is added to */
  constructor(flops: Flops) {
    this.#flops = flops;
    this.#worker = startWorker("worker", import.meta.url);
    this.#worker.on("message", (reply: Reply) => this.#receive(reply));
    this.#worker.on("error", (error) => this.#fail(error.message));
    this.#ended = new Promise((resolve) => {
      this.#worker.on("exit", (code) => {
        this.#fail(this.#closed ? "the engine is closed" : `it ended with code ${code}`);
        resolve();
      });
    });
  }

  /** Whether it was closed or has ended by itself. */
  get closed(): boolean {
    return this.#closed;
  }

  /** @param moved  memory of `given` that the thread takes over */
  ask<V extends Verb>(
    verb: V,
    given: Verbs[V]["in"],
    watch: PartWatch = {},
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
      if (verb in this.#flops) this.#flops[verb as keyof Flops] += reply.flops;
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
    this.#worker.postMessage({ close: true } satisfies Close);
    await this.#ended;
  }
}

function hear(watch: PartWatch, reply: Exclude<Reply, { readonly kind: "result" | "error" }>): void {
  if (reply.kind === "progress") watch.onProgress?.(reply.done, reply.total);
  else if (reply.kind === "tokens") watch.onTokens?.(reply.tokens);
  else watch.onAnswers?.(reply.at, reply.answers);
}
