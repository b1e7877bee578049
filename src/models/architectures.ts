/**
 * The families of decoders, one row each: what a family's config.json leaves unsaid, and how llama.cpp stores it.
 *
 * A family that differs from these in what a row says is one more row; docs/extending.md has the steps.
 */

export interface ArchitectureRow {
  /** For people. */
  readonly title: string;
  /** transformers' class, as config.json's `architectures` has it. */
  readonly className: string;
  /** Biases on q, k and v. */
  readonly qkvBias: boolean;
  /** q and k are normalised per head, before they are turned. */
  readonly qkNorm: boolean;
  /** Width of a head where the config names none; undefined: hidden size / heads. */
  readonly headDim: number | undefined;
  readonly gguf: {
    /** Rows of q and k stand by neighbours, as llama.cpp turns them: even rows are a head's first half. */
    readonly neighbours: boolean;
    /** Llama 3's divisors of the frequencies may lie in the file, and may be written. */
    readonly frequencyDivisors: boolean;
  };
}

/** By config.json's `model_type`, which is GGUF's `general.architecture` too. */
// biome-ignore format: a row a line
const architectures = {
  llama: { title: "Llama", className: "LlamaForCausalLM", qkvBias: false, qkNorm: false, headDim: undefined,
    gguf: { neighbours: true, frequencyDivisors: true } },
  qwen2: { title: "Qwen2", className: "Qwen2ForCausalLM", qkvBias: true, qkNorm: false, headDim: undefined,
    gguf: { neighbours: false, frequencyDivisors: false } },
  qwen3: { title: "Qwen3", className: "Qwen3ForCausalLM", qkvBias: false, qkNorm: true, headDim: 128,
    gguf: { neighbours: false, frequencyDivisors: false } },
} as const satisfies Record<string, ArchitectureRow>;

export type Architecture = keyof typeof architectures;

export const architectureNames = Object.keys(architectures) as Architecture[];

/** The row of a family. */
export const architectureOf = (name: Architecture): ArchitectureRow => architectures[name];

/** In words, for errors and help: `a Llama, Qwen2 or Qwen3`. */
export const knownArchitectures: string = `a ${architectureNames
  .map((name) => architectures[name].title)
  .join(", ")
  .replace(/, ([^,]+)$/, " or $1")}`;
