/**
 * A model ready to run: its parameters, and its programs compiled as they are first needed.
 */
import type { Program } from "../../autodiff/tensor.ts";
import { type LayerKind, layerKinds, type ModelConfig, rotaryDim, scaleOf } from "../../models/config.ts";
import type { Precision } from "../../models/precision.ts";
import { type RopeTable, ropeTable } from "../../models/rope.ts";
import { array, compile, type Runnable, type Values } from "../onnx/run.ts";
import { Buffers } from "./buffers.ts";
import { decoder } from "./decoder-program.ts";
import { type Choosing, type HeadSample, headSample, nameOf } from "./head-sample.ts";
import { Int8Weights } from "./int8-weights.ts";
import { answerMask, causalMask } from "./masks.ts";
import type { MicroBatch } from "./micro-batch.ts";
import { EMBEDDING, FINAL_NORM, type Parameters } from "./parameters.ts";
import { backward, decode, forward, headScore, headTrain, type Keep, prefill } from "./programs.ts";
import { answerBlocks, promptBlocks } from "./query-blocks.ts";

const number = (value: number): Values<Float32Array> => array(Float32Array.of(value));

/** A vector of int64. */
export const numbers = (values: ArrayLike<number>): Values =>
  array(
    BigInt64Array.from({ length: values.length }, (_, i) => BigInt(values[i])),
    values.length,
  );

/** Rows of the angle table are made in steps of so many positions. */
const POSITIONS = 1024;

export class Network {
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  readonly threads: number | undefined;
  /** What it multiplies by in sampling, in place of the parameters' matrices; undefined: those themselves. */
  readonly int8: Int8Weights | undefined;
  readonly #precision: Precision;
  readonly buffers = new Buffers();
  readonly #compiled = new Map<string, Promise<Runnable>>();
  readonly #int8Decoders = new Map<string, Promise<Runnable>>();
  readonly #layerKinds: ReturnType<typeof layerKinds>;
  /** Of each kind of layer, for so many positions. */
  #angles: { readonly positions: number; readonly tables: readonly RopeTable[] } | undefined;

  constructor(parameters: Parameters, threads: number | undefined, precision: Precision = "float32") {
    this.#precision = precision;
    this.int8 = precision === "int8" ? new Int8Weights(parameters) : undefined;
    this.config = parameters.config;
    this.parameters = parameters;
    this.threads = threads;
    this.#layerKinds = layerKinds(this.config);
  }

  forward = (keep: Keep, { packed, blocked }: MicroBatch) =>
    this.#program(`forward ${keep} ${packed} ${blocked}`, () =>
      forward(this.config, keep, { packed, blocked }),
    );
  backward = (keep: Keep, { packed, blocked }: MicroBatch) =>
    this.#program(`backward ${keep} ${packed} ${blocked}`, () =>
      backward(this.config, keep, { packed, blocked }),
    );
  prefill = (blocked: boolean) =>
    this.#program(`prefill ${blocked}`, () => prefill(this.config, blocked, this.#precision));
  decode = () => this.#program("decode", () => decode(this.config, this.#precision));
  headScore = () => this.#program("head-score", () => headScore(this.config));
  headSample = (how: HeadSample) =>
    this.#program(`head ${nameOf(how)}`, () => headSample(this.config, how, this.#precision));

  decoder = (how: HeadSample) => this.#program(`decoder ${nameOf(how)}`, () => decoder(this.config, how));

  /**
   * The same with the weights as they are now, all but adapters, which stay inputs; whoever asks releases it. Of eight
   * bits the matrices alone, until these are rounded anew.
   */
  decoderOfConstants(how: HeadSample): Promise<Runnable> {
    if (this.int8 === undefined) return this.#decoderOf(how);
    let runnable = this.#int8Decoders.get(nameOf(how));
    if (runnable === undefined) {
      runnable = this.#decoderOf(how);
      // what failed for want of room may find it the next time
      runnable.catch(() => this.#int8Decoders.delete(nameOf(how)));
      this.#int8Decoders.set(nameOf(how), runnable);
    }
    return runnable;
  }

  #decoderOf(how: HeadSample): Promise<Runnable> {
    const { tensors, trained } = this.parameters;
    const adapters = this.config.lora ? trained : new Map();
    const constants = this.int8?.constants() ?? new Map([...tensors].filter(([name]) => !adapters.has(name)));
    return compile(decoder(this.config, how, this.#precision), this.threads, constants);
  }

  /** Before answers are sampled with eight bits: rounds the weights as they are now, where they have changed. */
  async refresh(): Promise<void> {
    if (this.int8?.refresh() === true) await releaseAll(this.#int8Decoders);
  }

  /** Each layer's weights, as sampling takes them. */
  get layers(): readonly Readonly<Record<string, Values>>[] {
    return (this.int8 ?? this.parameters).layers;
  }

  /** The head with an objective inside. Its options are part of the program, so it is compiled for each anew. */
  headTrain = (objective: Program, key: string) =>
    this.#program(`head-train ${key}`, () => headTrain(this.config, objective));

  #program(key: string, make: () => Program): Promise<Runnable> {
    let runnable = this.#compiled.get(key);
    if (runnable === undefined) {
      runnable = compile(make(), this.threads);
      this.#compiled.set(key, runnable);
    }
    return runnable;
  }

  /** The head's parameters, and 1 / temperature (1 where that is 0: taking the likeliest needs no scale). */
  headInputs(temperature: number): Record<string, Values> {
    return {
      norm: this.parameters.values(FINAL_NORM),
      ...(this.int8?.inputs(this.parameters.headName, "embedding") ?? {
        embedding: this.parameters.values(this.parameters.headName),
      }),
      inverseTemperature: number(temperature === 0 ? 1 : 1 / temperature),
    };
  }

  /** What a choice among tokens takes, the head's parameters included. */
  choiceInputs({ u, temperature }: Choosing): Record<string, Values> {
    return {
      row: numbers([...u.keys()]),
      u: array(u, u.length, 1),
      ...this.headInputs(temperature),
    };
  }

  /** The rows that the first layer takes. */
  embed(tokens: Int32Array): Float32Array {
    const rows = this.parameters.rows(EMBEDDING, tokens);
    this.scaleEmbeddings(rows);
    return rows;
  }

  /** In place: embeddings as they go in, or the gradient of what went in as that of embeddings. */
  scaleEmbeddings(rows: Float32Array): void {
    const scale = Math.fround(scaleOf(this.config, "embedding"));
    if (scale !== 1) for (let i = 0; i < rows.length; i++) rows[i] *= scale;
  }

  /**
   * What each layer is told: `of` its kind, with cos and sin for positions up to `last`. Layers of a kind are told
   * the same.
   */
  layerInputs(
    last: number,
    of: (kind: LayerKind) => Record<string, Values>,
  ): readonly Record<string, Values>[] {
    const { kinds, kindOf } = this.#layerKinds;
    const { positions, tables } = this.#anglesTo(last);
    const half = rotaryDim(this.config) / 2;
    const told = kinds.map((kind, i) => ({
      ...of(kind),
      cos: array(tables[i].cos, positions, half),
      sin: array(tables[i].sin, positions, half),
    }));
    return kindOf.map((kind) => told[kind]);
  }

  #anglesTo(last: number) {
    if (this.#angles !== undefined && this.#angles.positions > last) return this.#angles;
    const positions = Math.ceil((last + 1) / POSITIONS) * POSITIONS;
    const tables = this.#layerKinds.kinds.map(({ rope }) =>
      ropeTable(rope, rotaryDim(this.config), positions),
    );
    this.#angles = { positions, tables };
    return this.#angles;
  }

  /** What each layer is told of a micro-batch. */
  batchInputs(batch: MicroBatch): readonly Record<string, Values>[] {
    const { prompts: P, promptLength: S, members, answerLength: T, tokens } = batch;
    const [A, N] = [members.length, tokens.length];
    const same = {
      promptRow: array(batch.promptRow, P, S),
      answerRow: array(batch.answerRow, A, T),
      owner: array(batch.owner, A),
      position: array(batch.position, N),
      ...(batch.packed && { cells: array(batch.cells, N), real: array(batch.real, P * S + A * T, 1) }),
    };
    return this.layerInputs(S + T, ({ window }) => ({
      ...same,
      ...(batch.blocked
        ? { ...promptBlocks(P, S, window), ...answerBlocks(batch, window) }
        : {
            causal: array(causalMask(S, window), S, S),
            answerMask: array(answerMask(batch, window), A, 1, 1, T, S + T),
          }),
    }));
  }

  async release(): Promise<void> {
    await releaseAll(this.#compiled);
    await releaseAll(this.#int8Decoders);
  }
}

async function releaseAll(compiled: Map<string, Promise<Runnable>>): Promise<void> {
  for (const runnable of compiled.values()) await (await runnable).release();
  compiled.clear();
}
