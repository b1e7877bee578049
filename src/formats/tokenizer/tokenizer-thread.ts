/**
 * A tokenizer that holds nobody up: long texts are encoded in a thread of their own, short ones at once.
 */
import type { Worker } from "node:worker_threads";
import { type Fault, InternalError, ModelError } from "../../errors.ts";
import { startWorker } from "../../files/worker-file.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Which of a tokenizer's ways a text goes. */
export type Way = "encode" | "encodePrompt";

export interface Asked {
  readonly id: number;
  readonly way: Way;
  readonly text: string;
}

export type Told = { readonly id: number } & ({ readonly tokens: Int32Array } | { readonly fault: Fault });

/** Characters from which on a text goes to the thread; a shorter one takes some 20 ms at most. */
const LONG = 2 ** 14;

interface Waiting {
  readonly resolve: (tokens: Int32Array) => void;
  readonly reject: (cause: Error) => void;
}

export class TokenizerThread {
  readonly #tokenizer: Tokenizer;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #asked = 0;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** Token ids of a text. @throws ModelError as the tokenizer does */
  async encode(text: string, way: Way): Promise<Int32Array> {
    if (text.length < LONG) return this.#tokenizer[way](text);
    const worker = (this.#worker ??= this.#start());
    const id = this.#asked++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, way, text } satisfies Asked);
    });
  }

  /** Ends the thread; who still waits is refused. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = startWorker("tokenizer-worker", import.meta.url, { workerData: this.#tokenizer.files });
    worker.on("message", (told: Told) => {
      const waiting = this.#waiting.get(told.id);
      this.#waiting.delete(told.id);
      // nothing to wait for: the thread alone keeps no process alive
      if (this.#waiting.size === 0) worker.unref();
      if ("tokens" in told) waiting?.resolve(told.tokens);
      else waiting?.reject(new ModelError(told.fault));
    });
    worker.on("error", (cause) => this.#end(worker, cause));
    worker.on("exit", (code) => this.#end(worker, new InternalError(`a tokenizer's thread ended (${code})`)));
    return worker;
  }

  /** The next text starts a new thread. */
  #end(worker: Worker, cause: Error): void {
    if (this.#worker === worker) this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(cause);
    this.#waiting.clear();
  }
}
