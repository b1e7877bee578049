/**
 * A model on the disk, opened: what every format comes down to. Nothing of it needs closing, so that one
 * opening can be handed on for as long as a command runs.
 */
import type { ModelConfig } from "../models/config.ts";
import type { Lora } from "../models/lora.ts";
import type { Tokenizer } from "./tokenizer/tokenizer.ts";

export interface ModelFiles {
  readonly path: string;
  readonly config: ModelConfig;
  /** Any of these ends a text: those of the config, the generation config and the tokenizer. */
  readonly eosIds: readonly number[];
  /** Undefined where the files have none. */
  readonly tokenizer: Tokenizer | undefined;
  /** The folder's config.json, for `saveModel` to keep what errata does not read; empty for GGUF. */
  readonly configJson: Readonly<Record<string, unknown>>;
  /** The folder's generation_config.json, kept likewise; empty where it has none. */
  readonly generationJson: Readonly<Record<string, unknown>>;
  /** The number formats that its tensors are stored in: F32, BF16, Q4_K, … */
  readonly stored: readonly string[];
  /** Of a PEFT folder: what `read` merges. */
  readonly adapters?: Adapters;
  /**
   * A tensor by its Hugging Face name, as float32, of the shape in `tensorShapes(config)`, every value finite.
   *
   * @throws ModelError where it is not finite, or the file was written since it was opened
   */
  read(name: string): Promise<Float32Array>;
}

/** A PEFT folder and the model that its adapters belong to, apart. */
export interface Adapters {
  /** The folder. */
  readonly path: string;
  readonly lora: Lora;
  /** The base model, with the adapters' own tokenizer where they came with one. */
  readonly base: ModelFiles;
  /** An adapter by its name in `adapterShapes`, as float32. */
  read(name: string): Promise<Float32Array>;
}
