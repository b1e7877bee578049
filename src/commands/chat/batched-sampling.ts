/**
 * Prompts of several callers, sampled together: those that wait while the engine is at work go in one batch
 * where they ask for the same sampling, in the order they came.
 *
 * What each is answered does not depend on who else asks: its random numbers are named by its seed and key.
 */
import type { Engine, Prompt, SampledToken, Sampling } from "../../engine/engine.ts";

interface Waiting {
  readonly prompt: Prompt;
  readonly sampling: Sampling;
  /** Hears each of its tokens. @returns false once it wants no more */
  readonly onToken: (token: SampledToken) => boolean;
  readonly signal: AbortSignal | undefined;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/** Callers that ask at the same moment are a few milliseconds apart by the time their requests are read. */
const TOGETHER_MS = 5;

export class BatchedSampling {
  readonly #engine: Engine;
  #waiting: Waiting[] = [];
  #work: Promise<void> | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Samples answers to one prompt.
   *
   * @param onToken  hears each token of each answer; where it says false, the rest is not sampled for it
   * @param signal   ends it; the promise is then rejected with its reason
   */
  sample(
    prompt: Prompt,
    sampling: Sampling,
    onToken: (token: SampledToken) => boolean,
    signal?: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      this.#waiting.push({ prompt, sampling, onToken, signal, resolve, reject });
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      this.#work ??= this.#answerAll();
    });
  }

  /** Resolves once nobody waits, and the engine has let go of those who went away. */
  async settled(): Promise<void> {
    await this.#work;
  }

  async #answerAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, TOGETHER_MS));
      const [batch, others] = this.#next();
      this.#waiting = others;
      if (batch.length > 0) await this.#answer(batch);
    }
    this.#work = undefined;
  }

  /** Those that wait and ask for the same as the first, and the others. */
  #next(): [Waiting[], Waiting[]] {
    const here = this.#waiting.filter(({ signal }) => !signal?.aborted);
    const settings = here[0] && keyOf(here[0].sampling);
    const isSame = ({ sampling }: Waiting) => keyOf(sampling) === settings;
    return [here.filter(isSame), here.filter((one) => !isSame(one))];
  }

  async #answer(batch: readonly Waiting[]): Promise<void> {
    const enough = new AbortController();
    const growing = new Set(batch);
    // answered in full, or gone away: the others need not end before it is told
    const leave = (one: Waiting) => {
      growing.delete(one);
      one.resolve();
      if (growing.size === 0) enough.abort();
    };
    const leavers = batch.map((one) => () => leave(one));
    batch.forEach(({ signal }, i) => signal?.addEventListener("abort", leavers[i]!));
    try {
      await this.#engine.sample(
        batch.map(({ prompt }) => prompt),
        batch[0]!.sampling,
        {
          signal: enough.signal,
          onTokens: (tokens) => {
            for (const token of tokens) {
              const one = batch[token.prompt]!;
              if (growing.has(one) && !one.onToken(token)) leave(one);
            }
          },
        },
      );
      for (const { resolve } of growing) resolve();
    } catch (cause) {
      for (const { reject } of growing) reject(cause);
    } finally {
      batch.forEach(({ signal }, i) => signal?.removeEventListener("abort", leavers[i]!));
    }
  }
}

/** Settings that one call to the engine can have. */
const keyOf = ({ answers, maxTokens, temperature, topP, topK, seed, step }: Sampling): string =>
  [answers, maxTokens, temperature, topP, topK, seed, step].join();
