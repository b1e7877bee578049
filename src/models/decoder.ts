/**
 * A transformer layer, once, for every family of the table; and its two kinds of attention.
 *
 * Training, scoring and prefill see whole sequences: prompts [P, S], each computed once, and answers
 * [A, T] that look back at the prompt they own. Decoding sees one new token per answer and caches.
 * The last token of a prompt leads its answers: row t of an answer is what predicts its token t.
 */
import { type Dim, product } from "../autodiff/dims.ts";
import {
  add,
  concat,
  gather,
  geluTanh,
  matmul,
  mul,
  type Places,
  pack,
  reshape,
  rmsNorm,
  rope,
  silu,
  softmax,
  split,
  spread,
  tanh,
  transpose,
} from "../autodiff/ops.ts";
import { input, type Tensor } from "../autodiff/tensor.ts";
import { architectureOf, silu as siluRow } from "./architectures.ts";
import { type ModelConfig, rotaryDim, scaleOf } from "./config.ts";
import { adapterNames, adapterShapes, loraScale } from "./lora.ts";
import { layerTensorShapes } from "./tensor-shapes.ts";

/** Tensors of one layer, by the end of their Hugging Face names (after `model.layers.N.`). */
export type LayerWeights = Readonly<Record<string, Tensor>>;

/** Shapes of one layer's tensors, adapters included, by the same names. */
export function layerShapes(c: ModelConfig): Record<string, readonly number[]> {
  const shapes = layerTensorShapes(c);
  return { ...shapes, ...Object.fromEntries(adapterShapes(c.lora, Object.entries(shapes))) };
}

export const layerInputs = (c: ModelConfig): LayerWeights =>
  Object.fromEntries(Object.entries(layerShapes(c)).map(([name, shape]) => [name, input("f32", shape)]));

/** Where rows stand, and the table of angles, which may be those of this kind of layer. */
export interface Positions {
  /** [N] int64 */
  readonly position: Tensor;
  /** [positions, headDim/2] */
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/** q [N, heads·headDim], k and v [N, kvHeads·headDim] → [N, heads·headDim]. */
export type Attend = (q: Tensor, k: Tensor, v: Tensor) => Tensor;

/** What a backward pass would otherwise compute again, dearest first: the results of matrix products. */
export type Kept = Readonly<Record<"q" | "k" | "v" | "attended" | "middle" | "gate" | "up", Tensor>>;

/** One layer on rows x [N, D]. */
export function layer(
  c: ModelConfig,
  w: LayerWeights,
  x: Tensor,
  at: Positions,
  attend: Attend,
): { y: Tensor; kept: Kept } {
  const project = (rows: Tensor, name: string) => {
    const y = matmul(rows, w[`${name}.weight`], { transB: true });
    const biased = w[`${name}.bias`] ? add(y, w[`${name}.bias`]) : y;
    const [a, b] = adapterNames(name).map((adapter) => w[adapter]);
    if (a === undefined) return biased;
    const low = matmul(rows, a, { transB: true });
    return add(biased, matmul(low, b, { transB: true, alpha: loraScale(c.lora!) }));
  };
  const { norms, qkNorm, fused, activation = siluRow } = architectureOf(c.architecture);
  const norm = (rows: Tensor, name: string | undefined) =>
    name === undefined ? rows : normalise(c, rows, w[`${name}.weight`]);
  /** Matrices that stand one below the other in a single one, where the family has it so. */
  const together = (rows: Tensor, one: string, each: readonly (readonly [name: string, width: number])[]) =>
    fused
      ? split(
          project(rows, one),
          1,
          each.map(([, width]) => width),
        )
      : each.map(([name]) => project(rows, name));
  const turnedDim = rotaryDim(c);
  const turned = (rows: Tensor, heads: number, name: string) => {
    const [n, width] = rows.shape;
    const inHeads = qkNorm === "head" ? reshape(rows, [n, heads, c.headDim]) : rows;
    const normed = reshape(norm(inHeads, qkNorm && name), [n, width]);
    const part = turnedDim === c.headDim ? {} : { heads, turned: turnedDim };
    return rope(normed, at.position, at.cos, at.sin, part);
  };
  const residual = scaleOf(c, "residual");
  const join = (stream: Tensor, part: Tensor) => add(stream, residual === 1 ? part : mul(part, residual));
  const h = norm(x, norms.beforeAttention);
  const [q, k, v] = together(h, "self_attn.qkv_proj", [
    ["self_attn.q_proj", c.heads * c.headDim],
    ["self_attn.k_proj", c.kvHeads * c.headDim],
    ["self_attn.v_proj", c.kvHeads * c.headDim],
  ]);
  const attended = attend(
    turned(q, c.heads, "self_attn.q_norm"),
    turned(k, c.kvHeads, "self_attn.k_norm"),
    v,
  );
  const middle = join(x, norm(project(attended, "self_attn.o_proj"), norms.afterAttention));
  const h2 = norm(middle, norms.beforeFeedForward);
  const [gate, up] = together(h2, "mlp.gate_up_proj", [
    ["mlp.gate_proj", c.ffnWidth],
    ["mlp.up_proj", c.ffnWidth],
  ]);
  const y = join(
    middle,
    norm(project(mul(activations[activation.of](gate), up), "mlp.down_proj"), norms.afterFeedForward),
  );
  return { y, kept: { q, k, v, attended, middle, gate, up } };
}

const activations = { silu, geluTanh };

/** RMSNorm, as the family weighs it. */
export function normalise(c: ModelConfig, rows: Tensor, weight: Tensor): Tensor {
  const { onePlusNorms } = architectureOf(c.architecture);
  return rmsNorm(rows, onePlusNorms ? add(weight, 1) : weight, c.rmsEps);
}

/** cap · tanh(x / cap): between the two bounds, and nearly x far from them. */
export const capped = (x: Tensor, cap: number | undefined): Tensor =>
  cap === undefined ? x : mul(tanh(mul(x, 1 / cap)), cap);

/** Rows [B·L, heads·headDim] as [B, kvHeads, G, L, headDim]: the query heads that share a key head, side by side. */
function queryHeads(c: ModelConfig, rows: Tensor, batch: Dim, length: Dim): Tensor {
  const shared = c.heads / c.kvHeads;
  return transpose(reshape(rows, [batch, length, c.kvHeads, shared, c.headDim]), [0, 2, 3, 1, 4]);
}

/** Rows [B·L, kvHeads·headDim] as [B, kvHeads, L, headDim]: the layout of the caches too. */
export function keyHeads(c: ModelConfig, rows: Tensor, batch: Dim, length: Dim): Tensor {
  return transpose(reshape(rows, [batch, length, c.kvHeads, c.headDim]), [0, 2, 1, 3]);
}

/** Softmax attention of L queries on W keys; `mask`, added to the scores, is [L, W] or [B, 1, 1, L, W]. */
function attention(c: ModelConfig, q: Tensor, k: Tensor, v: Tensor, mask: Tensor): Tensor {
  const [batch, , shared, length] = q.shape;
  const keys = k.shape[2];
  const grouped = [batch, c.kvHeads, product(shared, length), keys];
  const asRows = reshape(q, [batch, c.kvHeads, grouped[2], c.headDim]);
  const scores = capped(matmul(asRows, k, { transB: true, alpha: scaleOf(c, "attention") }), c.caps?.scores);
  const masked = add(reshape(scores, [batch, c.kvHeads, shared, length, keys]), mask);
  const mixed = matmul(reshape(softmax(masked), grouped), v);
  const heads = reshape(mixed, [batch, c.kvHeads, shared, length, c.headDim]);
  return reshape(transpose(heads, [0, 3, 1, 2, 4]), [product(batch, length), c.heads * c.headDim]);
}

/** Prompts alone, causal. */
export const attendPrompts =
  (c: ModelConfig, causal: Tensor): Attend =>
  (q, k, v) =>
    attention(c, queryHeads(c, q, "P", "S"), keyHeads(c, k, "P", "S"), keyHeads(c, v, "P", "S"), causal);

/**
 * Rows of P prompts, then of A answers: each answer sees the prompt it owns, and itself up to the present.
 *
 * @param owner       [A] int64, the prompt of each answer
 * @param causal      [S, S] added to the prompts' scores
 * @param answerMask  [A, 1, 1, T, S+T] added to the answers' scores
 */
export const attendSequences =
  (c: ModelConfig, owner: Tensor, causal: Tensor, answerMask: Tensor): Attend =>
  (q, k, v) => {
    const parts = (rows: Tensor) => split(rows, 0, [product("P", "S"), product("A", "T")]);
    const [[qp, qa], [kp, ka], [vp, va]] = [parts(q), parts(k), parts(v)];
    const [keys, values] = [keyHeads(c, kp, "P", "S"), keyHeads(c, vp, "P", "S")];
    const both = (prompt: Tensor, answer: Tensor) =>
      concat([gather(prompt, owner), keyHeads(c, answer, "A", "T")], 2);
    return concat(
      [
        attention(c, queryHeads(c, qp, "P", "S"), keys, values, causal),
        attention(c, queryHeads(c, qa, "A", "T"), both(keys, ka), both(values, va), answerMask),
      ],
      0,
    );
  };

/** The same for rows without padding: into their cells, and out again. */
export const attendPacked =
  (attend: Attend, places: Places): Attend =>
  (q, k, v) =>
    pack(attend(spread(q, places), spread(k, places), spread(v, places)), places);

/** What a decoding step looks back at. Slots are [P, K], the places of each prompt's answers that still run. */
export interface Caches {
  /** [P, kvHeads, S, headDim], one copy for all answers to a prompt */
  readonly promptK: Tensor;
  readonly promptV: Tensor;
  /** [A, kvHeads, C, headDim] */
  readonly answerK: Tensor;
  readonly answerV: Tensor;
  /** [P, K] int64, the answer in each slot (any, where a slot is empty) */
  readonly slots: Tensor;
  /** [A] int64, the slot of each answer, counted row by row */
  readonly slotOf: Tensor;
  /** [A, 1, 1, S] and [1, 1, 1, C], added to the scores */
  readonly promptMask: Tensor;
  readonly answerMask: Tensor;
}

/** One new row per answer: scores on the prompt, on what was generated, and on itself, under one softmax. */
export const attendCaches =
  (c: ModelConfig, caches: Caches): Attend =>
  (q, k, v) => {
    const shared = c.heads / c.kvHeads;
    const heads = reshape(q, ["A", c.kvHeads, shared, c.headDim]);
    const [newK, newV] = [k, v].map((rows) => reshape(rows, ["A", c.kvHeads, 1, c.headDim]));
    const alpha = scaleOf(c, "attention");
    const scores = (queries: Tensor, keys: Tensor) =>
      capped(matmul(queries, keys, { transB: true, alpha }), c.caps?.scores);

    // All answers of a prompt meet its keys in one product: [P, kvHeads, K·G, ·].
    const toSlots = (rows: Tensor, last: Dim) => {
      const slotted = reshape(gather(rows, caches.slots), ["P", "K", c.kvHeads, shared, last]);
      return reshape(transpose(slotted, [0, 2, 1, 3, 4]), ["P", c.kvHeads, product(shared, "K"), last]);
    };
    const fromSlots = (rows: Tensor, last: Dim) => {
      const apart = transpose(reshape(rows, ["P", c.kvHeads, "K", shared, last]), [0, 2, 1, 3, 4]);
      return gather(reshape(apart, [product("P", "K"), c.kvHeads, shared, last]), caches.slotOf);
    };
    const onPrompt = fromSlots(scores(toSlots(heads, c.headDim), caches.promptK), "S");
    const onAnswer = scores(heads, caches.answerK);
    const onSelf = scores(heads, newK);
    const weights = softmax(
      concat([add(onPrompt, caches.promptMask), add(onAnswer, caches.answerMask), onSelf], 3),
    );
    const [wp, wa, ws] = split(weights, 3, ["S", "C", 1]);
    const mixed = add(
      add(fromSlots(matmul(toSlots(wp, "S"), caches.promptV), c.headDim), matmul(wa, caches.answerV)),
      matmul(ws, newV),
    );
    return reshape(mixed, ["A", c.heads * c.headDim]);
  };
