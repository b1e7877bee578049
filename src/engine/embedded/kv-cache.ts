/**
 * The keys and values that answers look back at: one copy for each prompt, one growing row for each answer.
 *
 * Answers that have ended are dropped, and room is added, only now and then, because either copies the cache.
 */
import type { ModelConfig } from "../../models/config.ts";
import { HIDDEN } from "../../models/decoder.ts";
import { free } from "../onnx/free.ts";
import { array, type Values } from "../onnx/run.ts";

/** Tokens of room added at a time. */
export const ROOM = 32;

export interface PromptCache {
  /** [P, kvHeads, S, headDim] for each layer. */
  readonly k: Float32Array[];
  readonly v: Float32Array[];
  /** S */
  readonly length: number;
  /** [P] tokens that count in each. */
  readonly lengths: readonly number[];
}

export class Caches {
  readonly #config: ModelConfig;
  #prompts: PromptCache;
  /** [A, kvHeads, capacity, headDim] for each layer, at the front of its array. */
  #k: Float32Array[];
  #v: Float32Array[];
  /** Row of `prompts` for each answer. */
  #owners: number[];
  #capacity = ROOM;
  #written = 0;
  #lookups: Record<string, Values> = {};
  /** What answers see, by the window of a layer; undefined: everything. Made as they are first asked for. */
  readonly #views = new Map<number | undefined, Record<"promptMask" | "answerMask", Values>>();

  constructor(config: ModelConfig, prompts: PromptCache, owners: readonly number[]) {
    this.#config = config;
    this.#prompts = prompts;
    this.#owners = [...owners];
    this.#k = this.#rows();
    this.#v = this.#rows();
    this.#rebuildLookups();
  }

  get #headSize(): number {
    return this.#capacity * this.#config.headDim;
  }

  /** Numbers in a layer's keys: the arrays keep the length that they were made with. */
  get #size(): number {
    return this.#owners.length * this.#config.kvHeads * this.#headSize;
  }

  #rows(): Float32Array[] {
    return Array.from({ length: this.#config.layers }, () => new Float32Array(this.#size));
  }

  /** What a decoding step of one layer is told of the caches. */
  inputs(layer: number): Record<string, Values> {
    const { kvHeads, headDim } = this.#config;
    const A = this.#owners.length;
    const P = this.#prompts.lengths.length;
    return {
      promptK: array(this.#prompts.k[layer], P, kvHeads, this.#prompts.length, headDim),
      promptV: array(this.#prompts.v[layer], P, kvHeads, this.#prompts.length, headDim),
      answerK: array(this.#k[layer].subarray(0, this.#size), A, kvHeads, this.#capacity, headDim),
      answerV: array(this.#v[layer].subarray(0, this.#size), A, kvHeads, this.#capacity, headDim),
      ...this.#lookups,
    };
  }

  /** Writes a layer's new keys and values, [A, kvHeads·headDim], after those of earlier tokens. */
  write(layer: number, k: Float32Array, v: Float32Array): void {
    const { kvHeads, headDim } = this.#config;
    const at = this.#written * headDim;
    for (let head = 0; head < this.#owners.length * kvHeads; head++) {
      this.#k[layer].set(k.subarray(head * headDim, (head + 1) * headDim), head * this.#headSize + at);
      this.#v[layer].set(v.subarray(head * headDim, (head + 1) * headDim), head * this.#headSize + at);
    }
  }

  /** What every answer sees of its prompt and of its own tokens, in layers with this window. */
  masks(window: number | undefined): Record<string, Values> {
    let view = this.#views.get(window);
    if (view === undefined) {
      view = this.#view(window ?? Number.POSITIVE_INFINITY);
      this.#views.set(window, view);
    }
    return view;
  }

  #view(window: number): Record<"promptMask" | "answerMask", Values> {
    const [A, S] = [this.#owners.length, this.#prompts.length];
    const promptMask = new Float32Array(A * S).fill(HIDDEN);
    this.#owners.forEach((owner, answer) => {
      const length = this.#prompts.lengths[owner];
      const first = length + this.#written + 1 - window;
      promptMask.fill(0, answer * S + Math.min(length, Math.max(0, first)), answer * S + length);
    });
    const answerMask = new Float32Array(this.#capacity)
      .fill(HIDDEN)
      .fill(0, Math.max(0, this.#written + 1 - window), this.#written);
    return {
      promptMask: array(promptMask, A, 1, 1, S),
      answerMask: array(answerMask, 1, 1, 1, this.#capacity),
    };
  }

  /** Every layer has written a token: the next step sees it, and no longer what leaves the window. */
  advance(): void {
    const S = this.#prompts.length;
    for (const [window, { promptMask, answerMask }] of this.#views) {
      answerMask.data[this.#written] = 0;
      if (window === undefined) continue;
      const leaving = this.#written + 1 - window;
      if (leaving >= 0) answerMask.data[leaving] = HIDDEN;
      this.#owners.forEach((owner, answer) => {
        const place = this.#prompts.lengths[owner] + leaving;
        if (leaving < 0 && place >= 0) promptMask.data[answer * S + place] = HIDDEN;
      });
    }
    this.#written++;
  }

  get full(): boolean {
    return this.#written === this.#capacity;
  }

  /**
   * Keeps only these rows of answers, in order, the prompts that they own, and makes room for more tokens where it
   * has run out.
   */
  keep(rows: readonly number[]): void {
    const [k, v, headSize] = [this.#k, this.#v, this.#headSize];
    const { kvHeads, headDim } = this.#config;
    if (this.full) this.#capacity += ROOM;
    this.#keepPrompts(rows.map((row) => this.#owners[row]));
    // With no room to add, rows move up where they are: fresh memory is dear.
    if (this.#headSize !== headSize) [this.#k, this.#v] = [this.#rows(), this.#rows()];
    const used = this.#written * headDim;
    const move = (from: Float32Array, to: Float32Array) =>
      rows.forEach((row, i) => {
        for (let head = 0; head < kvHeads; head++) {
          const start = (row * kvHeads + head) * headSize;
          to.set(from.subarray(start, start + used), (i * kvHeads + head) * this.#headSize);
        }
      });
    for (let layer = 0; layer < k.length; layer++) {
      move(k[layer], this.#k[layer]);
      move(v[layer], this.#v[layer]);
    }
    if (k !== this.#k) [...k, ...v].forEach(free);
    this.#rebuildLookups();
  }

  /** Drops the prompts that no answer owns any more. */
  #keepPrompts(owners: readonly number[]): void {
    const kept = [...new Set(owners)].sort((a, b) => a - b);
    this.#owners = owners.map((owner) => kept.indexOf(owner));
    if (kept.length === this.#prompts.lengths.length) return;
    const size = this.#config.kvHeads * this.#prompts.length * this.#config.headDim;
    const pick = (all: Float32Array) => {
      const picked = new Float32Array(kept.length * size);
      kept.forEach((row, i) => picked.set(all.subarray(row * size, (row + 1) * size), i * size));
      return picked;
    };
    const { k, v, length, lengths } = this.#prompts;
    this.#prompts = { k: k.map(pick), v: v.map(pick), length, lengths: kept.map((row) => lengths[row]) };
    [...k, ...v].forEach(free);
  }

  /** Gives the memory back, which is a good part of the machine's: the garbage collector is in no hurry. */
  release(): void {
    [...this.#k, ...this.#v, ...this.#prompts.k, ...this.#prompts.v].forEach(free);
  }

  /** Rebuilds the slots of each prompt's answers; what each may see is made anew as it is asked for. */
  #rebuildLookups(): void {
    const A = this.#owners.length;
    const P = this.#prompts.lengths.length;
    const places: number[][] = Array.from({ length: P }, () => []);
    this.#owners.forEach((owner, answer) => places[owner].push(answer));
    const K = Math.max(...places.map((answers) => answers.length));
    const slots = new BigInt64Array(P * K);
    const slotOf = new BigInt64Array(A);
    places.forEach((answers, prompt) =>
      answers.forEach((answer, place) => {
        slots[prompt * K + place] = BigInt(answer);
        slotOf[answer] = BigInt(prompt * K + place);
      }),
    );
    this.#lookups = { slots: array(slots, P, K), slotOf: array(slotOf, A) };
    this.#views.clear();
  }
}
