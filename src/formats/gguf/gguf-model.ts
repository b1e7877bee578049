/**
 * A GGUF file as a Hugging Face model: its config, its tensors' names, its rows in their order.
 *
 * llama.cpp renames everything, and in Llama models it interleaves the two halves of every head of
 * q and k, because its rotary embedding turns neighbours; here they are put back.
 */
import { ModelError } from "../../errors.ts";
import { shortestDecimal } from "../../files/float32.ts";
import { type Architecture, architectureNames, architectureOf } from "../../models/architectures.ts";
import { checkConfig, type ModelConfig } from "../../models/config.ts";
import type { Rope } from "../../models/rope.ts";
import { frequencyDivisors } from "../../models/rope.ts";
import { unknownFamily, unsupported } from "../../models/unsupported.ts";
import type { GgufFile } from "./gguf.ts";

const whole: Record<string, string> = {
  "model.embed_tokens.weight": "token_embd.weight",
  "model.norm.weight": "output_norm.weight",
  "lm_head.weight": "output.weight",
};
const inLayer: Record<string, string> = {
  input_layernorm: "attn_norm",
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.o_proj": "attn_output",
  "self_attn.q_norm": "attn_q_norm",
  "self_attn.k_norm": "attn_k_norm",
  post_attention_layernorm: "ffn_norm",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};

/** The GGUF name of a tensor with a Hugging Face name. */
export function ggufName(name: string): string {
  const [, layer, part, kind] = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  return layer === undefined ? whole[name] : `blk.${layer}.${inLayer[part]}.${kind}`;
}

/** True of tensors that a file may hold beside the model's: what they say is in the config. */
export function isDerived(name: string): boolean {
  return name === "rope_freqs.weight";
}

/**
 * The config in a GGUF file's metadata.
 *
 * @throws ModelError naming the key that is missing, implausible or not supported
 */
export async function ggufConfig(file: GgufFile): Promise<ModelConfig> {
  const named = file.metadata.get("general.architecture");
  const known = architectureNames.filter((name) => architectureOf(name).gguf);
  const architecture = known.find((name) => name === named);
  if (!architecture) throw unknownFamily(file.path, "general.architecture", String(named ?? null), known);
  const read = keyReader(file, architecture);
  const heads = read("attention.head_count");
  const width = read("embedding_length");
  const headDim = read("attention.key_length", Math.floor(width / heads));
  for (const [key, value] of [
    ["attention.value_length", headDim],
    ["rope.dimension_count", headDim],
    ["expert_count", 0],
    ["attention.sliding_window", 0],
    ["rope.scaling.factor", 1],
    ["rope.scale_linear", 1],
  ] as const) {
    if (read(key, value) !== value)
      throw unsupported(file.path, `${architecture}.${key} ${value}`, `${read(key)}`);
  }
  const [vocabSize] = file.tensors.get("token_embd.weight")?.shape ?? [];
  if (vocabSize === undefined) throw unsupported(file.path, "a tensor token_embd.weight", "none");
  const config: ModelConfig = {
    architecture,
    vocabSize,
    width,
    layers: read("block_count"),
    heads,
    kvHeads: read("attention.head_count_kv", heads),
    headDim,
    ffnWidth: read("feed_forward_length"),
    rmsEps: shortestDecimal(read("attention.layer_norm_rms_epsilon")),
    rope: { type: "default", theta: shortestDecimal(read("rope.freq_base", 10000)) },
    contextLength: read("context_length"),
    tiedHead: !file.tensors.has("output.weight"),
    biases: architectureOf(architecture).biases.flatMap(({ of, otherwise }) => (otherwise ? of : [])),
  };
  checkConfig(config, file.path);
  return { ...config, rope: await ropeOf(file, config) };
}

/** One tensor by its Hugging Face name, its rows in Hugging Face's order. */
export async function readGgufTensor(
  file: GgufFile,
  config: ModelConfig,
  name: string,
): Promise<Float32Array> {
  const data = await file.read(ggufName(name));
  const [, letter] = /\.self_attn\.([qk])_proj\.(?:weight|bias)$/.exec(name) ?? [];
  if (!architectureOf(config.architecture).gguf?.neighbours || letter === undefined) return data;
  const heads = letter === "q" ? config.heads : config.kvHeads;
  return separateHalves(data, heads, config.headDim);
}

/** Rows 0, 2, 4, … of each head are its first half, rows 1, 3, 5, … its second. */
function separateHalves(data: Float32Array, heads: number, headDim: number): Float32Array {
  const columns = data.length / (heads * headDim);
  const ordered = new Float32Array(data.length);
  for (let row = 0; row < heads * headDim; row++) {
    const within = row % headDim;
    const to = row - within + (within >> 1) + (within & 1) * (headDim / 2);
    ordered.set(data.subarray(row * columns, (row + 1) * columns), to * columns);
  }
  return ordered;
}

/**
 * Llama 3's scaling is in the file only as its result, a divisor for each frequency. The published
 * models share every parameter but the factor, which is the largest divisor; that is taken if it
 * gives all the others, too.
 */
async function ropeOf(file: GgufFile, config: ModelConfig): Promise<Rope> {
  const { theta } = config.rope;
  const scaling = file.metadata.get(`${config.architecture}.rope.scaling.type`) ?? "none";
  if (scaling !== "none") throw unsupported(file.path, `rope.scaling.type "none"`, JSON.stringify(scaling));
  const entry = file.tensors.get("rope_freqs.weight");
  if (!entry) return { type: "default", theta };
  if (!architectureOf(config.architecture).gguf?.frequencyDivisors)
    throw unsupported(file.path, `no rope_freqs.weight in a ${config.architecture} model`, "one");
  if (entry.shape.length !== 1 || entry.shape[0] !== config.headDim / 2)
    throw unsupported(
      file.path,
      `rope_freqs.weight of [${config.headDim / 2}]`,
      `[${entry.shape.join(", ")}]`,
    );
  const divisors = await file.read("rope_freqs.weight");
  const rope: Rope = {
    type: "llama3",
    theta,
    factor: Math.max(...divisors),
    lowFreqFactor: 1,
    highFreqFactor: 4,
    originalContextLength: 8192,
  };
  const usual = frequencyDivisors(rope, config.headDim);
  for (const [i, divisor] of divisors.entries()) {
    const expected = usual[i];
    if (!(Math.abs(divisor - expected) <= 1e-3 * expected))
      throw unsupported(file.path, `rope_freqs.weight[${i}] of ${expected.toFixed(4)}`, `${divisor}`);
  }
  return rope;
}

type KeyReader = (key: string, otherwise?: number) => number;

function keyReader(file: GgufFile, architecture: Architecture): KeyReader {
  return (key, otherwise) => {
    const value = file.metadata.get(`${architecture}.${key}`) ?? otherwise;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw new ModelError({
      where: file.path,
      expected: `a number in ${architecture}.${key}`,
      got: value === undefined ? "no such key" : Array.isArray(value) ? "a list" : String(value),
      next: "The file is damaged, or of a kind that is not supported; fetch the model again.",
    });
  };
}
