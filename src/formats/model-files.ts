/**
 * A model on the disk, opened: what every format comes down to.
 */
import type { ModelConfig } from "../models/config.ts";
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
  /** The number formats that its tensors are stored in: F32, BF16, Q4_K, … */
  readonly stored: readonly string[];
  /** A tensor by its Hugging Face name, as float32, of the shape in `tensorShapes(config)`, every value finite. */
  read(name: string): Promise<Float32Array>;
  close(): Promise<void>;
}
