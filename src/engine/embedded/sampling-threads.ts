/**
 * Sampling by several threads: the engine's own, which trains, and others beside it that hold copies of its weights.
 *
 * A thread more is started when a request is first large enough for it, and hears of new weights before it samples by them.
 */
import { availableParallelism } from "node:os";
import type { Completion, Prompt, SampleWatch, Sampling } from "../engine.ts";
import { EngineThread, type Flops } from "./engine-thread.ts";
import { type Limits, limitsFor } from "./limits.ts";
import { type Asked, askedFor, sharesOf } from "./shares.ts";
import type { Verbs } from "./worker-protocol.ts";

type Weights = Verbs["weights"]["out"];

/** A thread beside the first, opened. */
interface Beside {
  readonly thread: EngineThread;
  /** Whether the weights have changed since it was given them. */
  isOld: boolean;
}

export class SamplingThreads {
  readonly #first: EngineThread;
  readonly #opened: Verbs["open"]["in"];
  readonly #flops: Flops;
  readonly #limits: Limits;
  #beside: Beside[] = [];

  /** @param first  the thread whose weights are sampled by, opened with `opened` */
  constructor(first: EngineThread, opened: Verbs["open"]["in"], flops: Flops) {
    this.#first = first;
    this.#opened = opened;
    this.#flops = flops;
    this.#limits = limitsFor(opened.origin.config, opened.options);
  }

  /** The weights that learn are about to change. */
  outdate(): void {
    for (const each of this.#beside) each.isOld = true;
  }

  /** Nothing else may be asked of the engine until it has ended. */
  async sample(prompts: readonly Prompt[], sampling: Sampling, watch: SampleWatch): Promise<Completion[][]> {
    const { origin, options } = this.#opened;
    watch.signal?.throwIfAborted();
    const shares = sharesOf(
      origin.config,
      askedFor(prompts, sampling),
      sampling.maxTokens,
      options.threads ?? availableParallelism(),
    );
    const threads = [this.#first, ...(await this.#ready(shares.length - 1))];
    const longest = Math.max(0, ...prompts.map(({ tokens }) => tokens.length));
    const together = this.#limits.inFlight(sampling.maxTokens, longest, sampling.answers);
    const inFlight = Math.max(1, Math.floor(together / shares.length));
    const groups = new Groups(prompts.length, sampling, shares.length, watch);
    const stop = new AbortController();
    const abort = () => stop.abort(watch.signal!.reason);
    watch.signal?.addEventListener("abort", abort);
    let failure: { readonly cause: unknown } | undefined;
    try {
      await Promise.all(
        shares.map(async (asked, share) => {
          const given = { asked, sampling, inFlight, streams: watch.onTokens !== undefined };
          try {
            await threads[share].ask("sample", given, { ...groups.watch(asked, share), signal: stop.signal });
          } catch (cause) {
            failure ??= { cause };
            stop.abort(cause);
          }
        }),
      );
    } finally {
      watch.signal?.removeEventListener("abort", abort);
    }
    if (failure !== undefined) throw failure.cause;
    return groups.answers;
  }

  /** So many threads beside the first that know its weights. */
  async #ready(count: number): Promise<EngineThread[]> {
    this.#beside = this.#beside.filter(({ thread }) => !thread.closed);
    const learn = this.#beside.slice(0, count).filter(({ isOld }) => isOld);
    if (learn.length > 0) {
      const weights = await this.#first.ask("weights", { all: false });
      await Promise.all(learn.map((each) => give(each, weights)));
    }
    if (this.#beside.length < count) await this.#start(count - this.#beside.length);
    return this.#beside.slice(0, count).map(({ thread }) => thread);
  }

  async #start(count: number): Promise<void> {
    const weights = await this.#first.ask("weights", { all: true });
    if (this.#first.closed) return;
    const fresh = Array.from({ length: count }, () => ({
      thread: new EngineThread(this.#flops),
      isOld: false,
    }));
    // before they are ready, so that whoever closes the engine meanwhile closes them
    this.#beside.push(...fresh);
    const { origin, options } = this.#opened;
    await Promise.all(
      fresh.map(async (each) => {
        await give(each, weights);
        await each.thread.ask("open", { origin, options: { ...options, threads: 1 } });
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#beside.map(({ thread }) => thread.close()));
  }
}

async function give(beside: Beside, weights: Weights): Promise<void> {
  await Promise.all([...weights].map(([name, data]) => beside.thread.ask("take", { name, data })));
  beside.isOld = false;
}

/** The answers of a request as its shares give them, told on as if there were one share. */
class Groups {
  readonly answers: Completion[][];
  readonly #watch: SampleWatch;
  readonly #first: number;
  /** Answers that each prompt still waits for. */
  readonly #missing: number[];
  /** Answers that each share has ended. */
  readonly #done: number[];
  readonly #all: number;

  constructor(prompts: number, { answers, firstAnswer = 0 }: Sampling, shares: number, watch: SampleWatch) {
    this.answers = Array.from({ length: prompts }, () => new Array<Completion>(answers));
    this.#watch = watch;
    this.#first = firstAnswer;
    this.#missing = new Array(prompts).fill(answers);
    this.#done = new Array(shares).fill(0);
    this.#all = prompts * answers;
  }

  /** What hears a share. */
  watch(asked: readonly Asked[], share: number) {
    const { onProgress, onTokens, onGroup } = this.#watch;
    return {
      onTokens,
      onProgress: (done: number) => {
        this.#done[share] = done;
        onProgress?.(
          this.#done.reduce((sum, each) => sum + each, 0),
          this.#all,
        );
      },
      onAnswers: (at: number, answers: readonly Completion[]) => {
        const { place, first } = asked[at];
        answers.forEach((answer, i) => {
          this.answers[place][first - this.#first + i] = answer;
        });
        this.#missing[place] -= answers.length;
        if (this.#missing[place] === 0) onGroup?.(place, this.answers[place]);
      },
    };
  }
}
