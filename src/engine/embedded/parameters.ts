/**
 * A model's weights in memory: one float32 array per tensor, by Hugging Face name, and what the layers see of them.
 *
 * Where the config has adapters they are the part that is trained, and the rest never changes.
 */

import type { NamedTensor } from "../../formats/safetensors/safetensors-writer.ts";
import type { ModelConfig } from "../../models/config.ts";
import { layerShapes } from "../../models/decoder.ts";
import { adapterShapes } from "../../models/lora.ts";
import { parameterShapes } from "../../models/parameter-shapes.ts";
import { tensorShapes } from "../../models/tensor-shapes.ts";
import type { Values } from "../onnx/run.ts";

export const EMBEDDING = "model.embed_tokens.weight";
export const FINAL_NORM = "model.norm.weight";

export const headNameOf = ({ tiedHead }: ModelConfig): string => (tiedHead ? EMBEDDING : "lm_head.weight");

export type Tensors = ReadonlyMap<string, Float32Array>;

export class Parameters {
  readonly config: ModelConfig;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly tensors: Map<string, Float32Array>;
  /** Those of `tensors` that learn: the adapters, or all where there are none. */
  readonly trained: Tensors;
  /** Grows as `trained` changes. */
  version = 0;
  /** Each layer's tensors by the end of their names, ready to be given to a program. */
  readonly layers: readonly Readonly<Record<string, Values<Float32Array>>>[];

  /** @param tensors  each of `parameterShapes(config)` */
  constructor(config: ModelConfig, tensors: Map<string, Float32Array>) {
    this.config = config;
    this.shapes = parameterShapes(config);
    this.tensors = tensors;
    const adapters = [...adapterShapes(config.lora, tensorShapes(config)).keys()];
    this.trained =
      adapters.length === 0 ? tensors : new Map(adapters.map((name) => [name, tensors.get(name)!]));
    const names = Object.keys(layerShapes(config));
    this.layers = Array.from({ length: config.layers }, (_, layer) =>
      Object.fromEntries(names.map((name) => [name, this.values(layerTensor(layer, name))])),
    );
  }

  static async read(config: ModelConfig, read: (name: string) => Promise<Float32Array>): Promise<Parameters> {
    const tensors = new Map<string, Float32Array>();
    for (const name of parameterShapes(config).keys()) tensors.set(name, await read(name));
    return new Parameters(config, tensors);
  }

  /** The tensor that turns hidden rows into logits. */
  get headName(): string {
    return headNameOf(this.config);
  }

  get count(): number {
    return [...this.tensors.values()].reduce((total, data) => total + data.length, 0);
  }

  values(name: string): Values<Float32Array> {
    return { data: this.tensors.get(name)!, dims: this.shapes.get(name)! };
  }

  /** These or other tensors of the same names and shapes, as a checkpoint stores them. */
  *named(tensors: Tensors, prefix = ""): Iterable<NamedTensor> {
    for (const [name, data] of tensors) yield { name: prefix + name, shape: this.shapes.get(name)!, data };
  }

  /** Rows of a [vocabulary, D] tensor, one for each token. */
  rows(name: string, tokens: Int32Array): Float32Array {
    const { width } = this.config;
    const table = this.tensors.get(name)!;
    const rows = new Float32Array(tokens.length * width);
    for (let i = 0; i < tokens.length; i++)
      rows.set(table.subarray(tokens[i] * width, (tokens[i] + 1) * width), i * width);
    return rows;
  }
}

export const layerTensor = (layer: number, name: string): string => `model.layers.${layer}.${name}`;
