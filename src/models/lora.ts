/**
 * LoRA: beside a frozen matrix W, two thin ones that learn (Hu et al., arXiv 2106.09685).
 *
 *   y = x Wᵀ + scale · (x Aᵀ) Bᵀ        A [rank, in], B [out, rank]
 *
 * Names are those of PEFT, so that its adapters are read and written as they are.
 */

/** The matrices of a layer that may have adapters, by PEFT's word for them; no family has all of these. */
export const linearLayers = {
  q_proj: "self_attn.q_proj",
  k_proj: "self_attn.k_proj",
  v_proj: "self_attn.v_proj",
  qkv_proj: "self_attn.qkv_proj",
  o_proj: "self_attn.o_proj",
  gate_proj: "mlp.gate_proj",
  up_proj: "mlp.up_proj",
  gate_up_proj: "mlp.gate_up_proj",
  down_proj: "mlp.down_proj",
} as const;
export type LinearLayer = keyof typeof linearLayers;

/** Those that a family has: q, k and v apart, gate and up apart, or each of these as one. */
export const matricesOf = (fused: boolean): LinearLayer[] =>
  fused
    ? ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]
    : ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

/** PEFT's word for all of them. */
export const ALL_LINEAR = "all-linear";

/** The adapters of a model, the same in every layer. */
export interface Lora {
  /** Rows of A and columns of B, at least 1. */
  readonly rank: number;
  readonly alpha: number;
  /** The scale is alpha / √rank in place of alpha / rank (rsLoRA, arXiv 2312.03732). */
  readonly rankStabilized: boolean;
  /** In the order of `linearLayers`, at least one. */
  readonly targets: readonly LinearLayer[];
}

export const loraScale = ({ rank, alpha, rankStabilized }: Lora): number =>
  alpha / (rankStabilized ? Math.sqrt(rank) : rank);

/** The same adapters: what one trained, the other can go on with. */
export const sameLora = (a: Lora, b: Lora): boolean =>
  a.rank === b.rank && loraScale(a) === loraScale(b) && a.targets.join() === b.targets.join();

/** In words, for errors: `rank 16, alpha 32, on q_proj, v_proj`. */
export const loraText = ({ rank, alpha, rankStabilized, targets }: Lora): string =>
  `rank ${rank}, alpha ${alpha}${rankStabilized ? " (rank-stabilized)" : ""}, on ${targets.join(", ")}`;

/** In the order of `linearLayers`; undefined where a word is none of them, or there is no word. */
export function targetsOf(words: readonly string[]): LinearLayer[] | undefined {
  const all = Object.keys(linearLayers) as LinearLayer[];
  if (words.length === 0 || !words.every((word) => Object.hasOwn(linearLayers, word))) return undefined;
  return all.filter((layer) => words.includes(layer));
}

/**
 * The targets among the matrices that a model has: its own where all there are were meant, as by `all-linear`.
 * Undefined where one is named that it has not.
 */
export function targetsAmong(
  own: readonly LinearLayer[],
  targets: readonly LinearLayer[],
): readonly LinearLayer[] | undefined {
  if (targets.length === Object.keys(linearLayers).length) return own;
  return targets.every((target) => own.includes(target)) ? targets : undefined;
}

/** The names of the adapters of a matrix. */
export const adapterNames = (matrix: string): readonly [a: string, b: string] => {
  const module = matrix.replace(/\.weight$/, "");
  return [`${module}.lora_A.weight`, `${module}.lora_B.weight`];
};

/**
 * The adapters beside the weights that have them, by name.
 *
 * @param weights  names, whole or from the layer on, with their shapes
 */
export function adapterShapes(
  lora: Lora | undefined,
  weights: Iterable<readonly [string, readonly number[]]>,
): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const ends = lora?.targets.map((target) => `${linearLayers[target]}.weight`) ?? [];
  for (const [name, [out, into]] of weights) {
    if (!ends.some((end) => name.endsWith(end))) continue;
    const [a, b] = adapterNames(name);
    shapes.set(a, [lora!.rank, into!]);
    shapes.set(b, [out!, lora!.rank]);
  }
  return shapes;
}

/**
 * W ← W + scale · B A, in place: the matrix that does alone what it and its adapters do.
 *
 * @param weight  [out, in]
 * @param a       [rank, in]
 * @param b       [out, rank]
 */
export function merge(weight: Float32Array, a: Float32Array, b: Float32Array, lora: Lora): void {
  const { rank } = lora;
  const scale = loraScale(lora);
  const width = a.length / rank;
  // One row in float64, so that what is rounded to float32 is the sum and not each of its terms.
  const row = new Float64Array(width);
  for (let out = 0; out < b.length / rank; out++) {
    row.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = scale * b[out * rank + k];
      const from = k * width;
      for (let i = 0; i < width; i++) row[i] += factor * a[from + i];
    }
    for (let i = 0; i < width; i++) weight[out * width + i] += row[i];
  }
}
