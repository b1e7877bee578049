/**
 * The keys and values that answers look back at: one copy for each prompt, and pages of all answers' newest tokens.
 *
 * A page more copies nothing: pages stand one behind the other, in arrays that have room for the longest answer and
 * take memory as they are written. Answers that have ended are dropped only now and then, because that moves the others.
 */
import type { ModelConfig } from "../../models/config.ts";
import { HIDDEN } from "../../models/decoder.ts";
import { free } from "../onnx/free.ts";
import { array, type Values } from "../onnx/run.ts";

/** Tokens of each answer in a page. */
export const PAGE = 32;

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
  /** [pages, A, kvHeads, PAGE, headDim] for each layer, at the front of its array. */
  readonly #k: readonly Float32Array[];
  readonly #v: readonly Float32Array[];
  /** Row of `prompts` for each answer. */
  #owners: number[];
  #pages = 1;
  #written = 0;
  #lookups: Record<string, Values> = {};
  /** What answers see, by the window of a layer; undefined: everything. Made as they are first asked for. */
  readonly #views = new Map<number | undefined, Record<"promptMask" | "answerMask", Values>>();

  /** @param maxTokens  of the longest answer */
  constructor(config: ModelConfig, prompts: PromptCache, owners: readonly number[], maxTokens: number) {
    this.#config = config;
    this.#prompts = prompts;
    this.#owners = [...owners];
    const size = Math.ceil(maxTokens / PAGE) * owners.length * this.#rowSize;
    const room = () => Array.from({ length: config.layers }, () => new Float32Array(size));
    [this.#k, this.#v] = [room(), room()];
    this.#rebuildLookups();
  }

  /** Numbers of an answer in a page of a layer's keys. */
  get #rowSize(): number {
    return this.#config.kvHeads * PAGE * this.#config.headDim;
  }

  get #capacity(): number {
    return this.#pages * PAGE;
  }

  /** What a decoding step of one layer is told of the caches. */
  inputs(layer: number): Record<string, Values> {
    const { kvHeads, headDim } = this.#config;
    const A = this.#owners.length;
    const P = this.#prompts.lengths.length;
    const pages = (all: readonly Float32Array[]) =>
      array(all[layer].subarray(0, this.#pages * A * this.#rowSize), this.#pages, A, kvHeads, PAGE, headDim);
    return {
      promptK: array(this.#prompts.k[layer], P, kvHeads, this.#prompts.length, headDim),
      promptV: array(this.#prompts.v[layer], P, kvHeads, this.#prompts.length, headDim),
      answerK: pages(this.#k),
      answerV: pages(this.#v),
      ...this.#lookups,
    };
  }

  /** Writes a layer's new keys and values, [A, kvHeads·headDim], after those of earlier tokens. */
  write(layer: number, k: Float32Array, v: Float32Array): void {
    const { kvHeads, headDim } = this.#config;
    const heads = this.#owners.length * kvHeads;
    const page = (this.#pages - 1) * heads;
    const place = this.#written % PAGE;
    for (let head = 0; head < heads; head++) {
      const to = ((page + head) * PAGE + place) * headDim;
      this.#k[layer].set(k.subarray(head * headDim, (head + 1) * headDim), to);
      this.#v[layer].set(v.subarray(head * headDim, (head + 1) * headDim), to);
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

  /** Keeps only these rows of answers, in order, the prompts that they own, and adds a page where the last one is full. */
  keep(rows: readonly number[]): void {
    const [A, size] = [this.#owners.length, this.#rowSize];
    this.#keepPrompts(rows.map((row) => this.#owners[row]));
    // Each row moves towards the front of its array, over what has moved already.
    if (rows.length < A)
      for (const all of [...this.#k, ...this.#v])
        for (let page = 0; page < this.#pages; page++)
          rows.forEach((row, i) => {
            const from = (page * A + row) * size;
            all.copyWithin((page * rows.length + i) * size, from, from + size);
          });
    if (this.full) this.#pages++;
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
