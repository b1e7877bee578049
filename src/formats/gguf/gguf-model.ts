/**
 * A GGUF file as a Hugging Face model: its config, and its tensors by their names.
 */
import { ModelError } from "../../errors.ts";
import { shortestDecimal } from "../../files/float32.ts";
import {
  type Architecture,
  type ArchitectureRow,
  architectureNames,
  architectureOf,
  type Capped,
  capKeys,
  type Scale,
} from "../../models/architectures.ts";
import { checkConfig, checkSizes, type ModelConfig, rotaryDim } from "../../models/config.ts";
import { type LinearLayer, linearLayers } from "../../models/lora.ts";
import { frequencyDivisors, longRopeAttention, type Rope, yarnAttention } from "../../models/rope.ts";
import { unknownFamily, unsupported } from "../../models/unsupported.ts";
import type { GgufFile } from "./gguf.ts";
import { fromGguf, ggufName, LONG_FACTORS, ROPE_DIVISORS, SHORT_FACTORS } from "./gguf-layout.ts";

/**
 * The config in a GGUF file's metadata.
 *
 * @throws ModelError naming the key that is missing, implausible or not supported
 */
export async function ggufConfig(file: GgufFile): Promise<ModelConfig> {
  const architecture = familyOf(file);
  const name = file.metadata.get("general.architecture") as string;
  const family = architectureOf(architecture);
  const read = keyReader(file, name);
  const heads = read("attention.head_count");
  const width = read("embedding_length");
  const headDim = read("attention.key_length", Math.floor(width / heads));
  const turned = read("rope.dimension_count", headDim);
  for (const [key, value] of [
    ["attention.value_length", headDim],
    ["expert_count", 0],
    ...(family.partialRotary ? [] : [["rope.dimension_count", headDim] as const]),
    ...(family.gguf!.fullEvery ? [] : [["attention.sliding_window", 0] as const]),
  ] as const) {
    if (read(key, value) !== value) throw unsupported(file.path, `${name}.${key} ${value}`, `${read(key)}`);
  }
  const [vocabSize] = file.tensors.get("token_embd.weight")?.shape ?? [];
  if (vocabSize === undefined) throw unsupported(file.path, "a tensor token_embd.weight", "none");
  const sizes = {
    vocabSize,
    width,
    layers: read("block_count"),
    heads,
    kvHeads: read("attention.head_count_kv", heads),
    headDim,
    ffnWidth: read("feed_forward_length"),
    contextLength: read("context_length"),
  };
  checkSizes(sizes, file.path);
  const theta = shortestDecimal(read("rope.freq_base", 10000));
  const plain: ModelConfig = {
    architecture,
    ...sizes,
    rmsEps: shortestDecimal(read("attention.layer_norm_rms_epsilon")),
    rope: { type: "default", theta },
    tiedHead: !file.tensors.has("output.weight"),
    biases: biasesIn(file, architecture, family),
    ...(turned !== headDim && { rotaryShare: turned / headDim }),
    ...(family.scales && { scales: scalesIn(family, headDim, read) }),
    ...(family.caps && { caps: capsIn(file, family, read) }),
    ...(family.noRopeInterval && { noRope: withoutRope(sizes.layers, family.noRopeInterval) }),
  };
  checkConfig(plain, file.path);
  const rope = await ropeOf(file, plain, name, read);
  const config = { ...plain, rope, ...slidingIn(family, sizes.layers, rope, read) };
  if (rope.type !== "longrope") return checkConfig(config, file.path);
  const contextLength = Math.min(sizes.contextLength, rope.originalContextLength);
  return checkConfig({ ...config, contextLength }, file.path);
}

function familyOf(file: GgufFile): Architecture {
  const named = file.metadata.get("general.architecture");
  const known = architectureNames.filter((name) => architectureOf(name).gguf);
  const nameOf = (name: Architecture) => architectureOf(name).gguf?.name ?? name;
  // The first of a name: a Mistral is a Llama to llama.cpp, and computed as one.
  const found = known.find((name) => nameOf(name) === named);
  if (found !== undefined) return found;
  const names = [...new Set(known.map(nameOf))];
  throw unknownFamily(file.path, "general.architecture", String(named ?? null), names);
}

/** The biases that every model of the family has, and those that may be there where the first layer has them. */
function biasesIn(file: GgufFile, architecture: Architecture, { biases, gguf }: ArchitectureRow) {
  const there = (layer: LinearLayer) =>
    file.tensors.has(ggufName(architecture, `model.layers.0.${linearLayers[layer]}.bias`));
  const known = (layer: LinearLayer) => gguf?.biases?.includes(layer);
  const on = biases.filter(({ of, key }) => (key ? of.every(known) && of.every(there) : true));
  return on.flatMap(({ of }) => of);
}

function scalesIn({ scales, gguf }: ArchitectureRow, headDim: number, read: KeyReader) {
  const found = Object.entries(scales!).flatMap(([scale, { key, otherwise }]) => {
    if (key === undefined) return [];
    const named = gguf!.scales?.[scale as Scale];
    // Without a key llama.cpp scales scores by the width of a head alone.
    return [[scale, named === undefined ? headDim : shortestDecimal(read(named, otherwise))]];
  });
  return Object.fromEntries(found) as Partial<Record<Scale, number>>;
}

function capsIn(file: GgufFile, { caps }: ArchitectureRow, read: KeyReader) {
  const name = file.metadata.get("general.architecture") as string;
  const found = (Object.keys(capKeys) as Capped[]).flatMap((capped) => {
    const otherwise = caps![capped];
    const there = otherwise !== null || file.metadata.has(`${name}.${capKeys[capped]}`);
    return there ? [[capped, shortestDecimal(read(capKeys[capped], otherwise ?? undefined))]] : [];
  });
  return Object.fromEntries(found) as Partial<Record<Capped, number>>;
}

const withoutRope = (layers: number, interval: number): boolean[] =>
  Array.from({ length: layers }, (_, layer) => (layer + 1) % interval === 0);

function slidingIn({ gguf, sliding }: ArchitectureRow, layers: number, rope: Rope, read: KeyReader) {
  const every = gguf!.fullEvery;
  if (every === undefined) return {};
  const own = sliding?.theta;
  return {
    sliding: {
      window: read("attention.sliding_window", sliding?.window),
      layers: Array.from({ length: layers }, (_, layer) => layer % every !== every - 1),
      rope: own
        ? ({ type: "default", theta: shortestDecimal(read("rope.freq_base_swa", own.otherwise)) } as const)
        : rope,
    },
  };
}

/** One tensor by its Hugging Face name, as Hugging Face has it. */
export async function readGgufTensor(
  file: GgufFile,
  config: ModelConfig,
  name: string,
): Promise<Float32Array> {
  return fromGguf(await file.read(ggufName(config.architecture, name)), config, name);
}

async function ropeOf(file: GgufFile, config: ModelConfig, name: string, read: KeyReader): Promise<Rope> {
  const { theta } = config.rope;
  const scaling = file.metadata.get(`${name}.rope.scaling.type`) ?? "none";
  const factor = () => shortestDecimal(read("rope.scaling.factor"));
  for (const key of ["rope.scale_linear", "rope.scaling.yarn_log_multiplier", "rope.scaling.alpha"])
    if (file.metadata.has(`${name}.${key}`) && read(key) !== 1)
      throw unsupported(file.path, `no ${name}.${key}`, `${read(key)}`);
  if (file.tensors.has(SHORT_FACTORS)) return longRope(file, config, read);
  if (scaling === "linear") return { type: "linear", theta, factor: factor() };
  if (scaling === "yarn") {
    const stretch = factor();
    return {
      type: "yarn",
      theta,
      factor: stretch,
      attentionFactor: yarnAttention(stretch),
      betaFast: read("rope.scaling.yarn_beta_fast", 32),
      betaSlow: read("rope.scaling.yarn_beta_slow", 1),
      truncate: true,
      originalContextLength: read("rope.scaling.original_context_length"),
    };
  }
  if (scaling !== "none") throw unsupported(file.path, `rope.scaling.type "none"`, JSON.stringify(scaling));
  return file.tensors.has(ROPE_DIVISORS) ? llama3Rope(file, config) : { type: "default", theta };
}

async function longRope(file: GgufFile, config: ModelConfig, read: KeyReader): Promise<Rope> {
  const decimals = async (name: string) => [...(await file.read(name))].map(shortestDecimal);
  const originalContextLength = read("rope.scaling.original_context_length");
  const attention = read("rope.scaling.attn_factor", 1);
  const usual = longRopeAttention(config.contextLength / originalContextLength, originalContextLength);
  return {
    type: "longrope",
    theta: config.rope.theta,
    shortFactors: await decimals(SHORT_FACTORS),
    longFactors: await decimals(LONG_FACTORS),
    attentionFactor: Math.fround(usual) === attention ? usual : shortestDecimal(attention),
    originalContextLength,
    stretchedContextLength: config.contextLength,
  };
}

/**
 * Llama 3's scaling is in the file only as its result, a divisor for each frequency. The published
 * models share every parameter but the factor, which is the largest divisor; that is taken if it
 * gives all the others, too.
 */
async function llama3Rope(file: GgufFile, config: ModelConfig): Promise<Rope> {
  if (!architectureOf(config.architecture).gguf?.frequencyDivisors)
    throw unsupported(file.path, `no ${ROPE_DIVISORS} in a ${config.architecture} model`, "one");
  const half = rotaryDim(config) / 2;
  const { shape } = file.tensors.get(ROPE_DIVISORS)!;
  if (shape.length !== 1 || shape[0] !== half)
    throw unsupported(file.path, `${ROPE_DIVISORS} of [${half}]`, `[${shape.join(", ")}]`);
  const divisors = await file.read(ROPE_DIVISORS);
  const rope: Rope = {
    type: "llama3",
    theta: config.rope.theta,
    factor: Math.max(...divisors),
    lowFreqFactor: 1,
    highFreqFactor: 4,
    originalContextLength: 8192,
  };
  const usual = frequencyDivisors(rope, rotaryDim(config));
  for (const [i, divisor] of divisors.entries()) {
    const expected = usual[i];
    if (!(Math.abs(divisor - expected) <= 1e-3 * expected))
      throw unsupported(file.path, `${ROPE_DIVISORS}[${i}] of ${expected.toFixed(4)}`, `${divisor}`);
  }
  return rope;
}

type KeyReader = (key: string, otherwise?: number) => number;

function keyReader(file: GgufFile, name: string): KeyReader {
  return (key, otherwise) => {
    const value = file.metadata.get(`${name}.${key}`) ?? otherwise;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw new ModelError({
      where: file.path,
      expected: `a number in ${name}.${key}`,
      got: value === undefined ? "no such key" : Array.isArray(value) ? "a list" : String(value),
      next: "The file is damaged, or of a kind that is not supported; fetch the model again.",
    });
  };
}
