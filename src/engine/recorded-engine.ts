/**
 * An engine whose answers are kept, so that a run that is taken up again hears them as it did before.
 *
 *   a call, and what a record holds of it  →  what is held, read; the rest, asked for and kept
 *
 * An engine that is not deterministic would sample other answers. What it said since the last checkpoint is read, and
 * only the updates since then are made again. A call is named by all that it asks and by how many updates are made.
 */

import { createHash } from "node:crypto";
import { bytesOf } from "../files/bytes-of.ts";
import type {
  Completion,
  Engine,
  EngineFacts,
  Example,
  Prompt,
  SampleWatch,
  Sampling,
  Score,
  Sequence,
  Step,
  UpdateReport,
  Watch,
} from "./engine.ts";
import type { Objective } from "./objective.ts";

/** One call of a verb: what is held of it by place, and a way to keep more. */
export interface RecordedCall {
  readonly held: ReadonlyMap<number, unknown>;
  keep(place: number, answer: unknown): Promise<void>;
}

export interface CallRecord {
  /** The next call of this name: the first time the first one that is held, the second time the second. */
  next(name: string): Promise<RecordedCall>;
}

export class RecordedEngine implements Engine {
  readonly #engine: Engine;
  readonly #record: CallRecord;

  constructor(engine: Engine, record: CallRecord) {
    [this.#engine, this.#record] = [engine, record];
  }

  get facts(): EngineFacts {
    return this.#engine.facts;
  }

  get flops(): Engine["flops"] {
    return this.#engine.flops;
  }

  get updates(): number {
    return this.#engine.updates;
  }

  async sample(
    prompts: readonly Prompt[],
    sampling: Sampling,
    watch: SampleWatch = {},
  ): Promise<Completion[][]> {
    watch.signal?.throwIfAborted();
    const asked = prompts.flatMap(({ tokens, key }) => [tokens, Int32Array.of(key)]);
    const held = prompts.map(({ constraint }) => constraint?.grammar.key);
    const how = held.some((key) => key !== undefined) ? { ...sampling, held } : sampling;
    const call = await this.#record.next(this.#nameOf("sample", how, asked));
    const groups = prompts.map((_, place): Completion[] | undefined => {
      const held = call.held.get(place) as readonly Packed[] | undefined;
      return held?.map((each) => unpacked(each) as Completion);
    });
    for (const [prompt, answers] of groups.entries()) if (answers !== undefined) tell(watch, prompt, answers);
    const missing = prompts.flatMap((_, place) => (groups[place] === undefined ? [place] : []));
    const before = prompts.length - missing.length;
    const kept: Promise<void>[] = [];
    const { onTokens, onGroup, onProgress, signal } = watch;
    onProgress?.(before * sampling.answers, prompts.length * sampling.answers);
    if (missing.length > 0)
      await this.#engine.sample(
        missing.map((place) => prompts[place]!),
        sampling,
        {
          signal,
          onTokens:
            onTokens &&
            ((tokens) => onTokens(tokens.map((each) => ({ ...each, prompt: missing[each.prompt]! })))),
          onGroup: (at, answers) => {
            const place = missing[at]!;
            groups[place] = [...answers];
            kept.push(call.keep(place, answers.map(packed)));
            onGroup?.(place, answers);
          },
          // in answers here and tokens there: as a share it is the same
          onProgress:
            onProgress &&
            ((done, total) => onProgress(before * total + missing.length * done, prompts.length * total)),
        },
      );
    await Promise.all(kept);
    return groups.map((answers) => answers!);
  }

  async score(sequences: readonly Sequence[], temperature: number, watch: Watch = {}): Promise<Score[]> {
    watch.signal?.throwIfAborted();
    const asked = sequences.flatMap(({ prompt, completion }) => [prompt, completion]);
    const call = await this.#record.next(this.#nameOf("score", { temperature }, asked));
    if (sequences.every((_, place) => call.held.has(place))) {
      watch.onProgress?.(1, 1);
      return sequences.map((_, place) => unpacked(call.held.get(place) as Packed));
    }
    const scores = await this.#engine.score(sequences, temperature, watch);
    for (const [place, score] of scores.entries()) await call.keep(place, packed(score));
    return scores;
  }

  update(
    examples: readonly Example[],
    objective: Objective,
    step: Step,
    watch?: Watch,
  ): Promise<UpdateReport> {
    return this.#engine.update(examples, objective, step, watch);
  }

  save(folder: string, watch?: Watch): Promise<void> {
    return this.#engine.save(folder, watch);
  }

  load(folder: string, watch?: Watch): Promise<void> {
    return this.#engine.load(folder, watch);
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  #nameOf(verb: string, how: object, asked: readonly Int32Array[]): string {
    const hash = createHash("sha256").update(JSON.stringify([verb, this.updates, how]));
    for (const tokens of asked) hash.update(`${tokens.length}:`).update(bytesOf(tokens));
    return hash.digest("base64url").slice(0, 22);
  }
}

function tell({ onTokens, onGroup }: SampleWatch, prompt: number, answers: readonly Completion[]): void {
  const tokens = answers.flatMap(({ tokens, logps }, answer) =>
    [...tokens].map((token, t) => ({ prompt, answer, token, logp: logps[t]! })),
  );
  onTokens?.(tokens);
  onGroup?.(prompt, answers);
}

/** An answer or a score with its numbers as base64, to the bit and a third of their size as digits. */
interface Packed {
  readonly tokens?: string;
  readonly logps: string;
  readonly entropies?: string;
  readonly stop?: Completion["stop"];
}

const packed = ({ tokens, logps, entropies, stop }: Score & Partial<Completion>): Packed => ({
  ...(tokens && { tokens: textOf(tokens) }),
  logps: textOf(logps),
  ...(entropies && { entropies: textOf(entropies) }),
  ...(stop && { stop }),
});

const unpacked = ({ tokens, logps, entropies, stop }: Packed): Score & Partial<Completion> => ({
  ...(tokens !== undefined && { tokens: new Int32Array(bufferOf(tokens)) }),
  logps: new Float32Array(bufferOf(logps)),
  ...(entropies !== undefined && { entropies: new Float32Array(bufferOf(entropies)) }),
  ...(stop && { stop }),
});

const textOf = (numbers: Int32Array | Float32Array): string =>
  Buffer.from(bytesOf(numbers)).toString("base64");

const bufferOf = (text: string): ArrayBuffer => Uint8Array.from(Buffer.from(text, "base64")).buffer;
