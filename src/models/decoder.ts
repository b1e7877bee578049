/**
 * A transformer layer, once, for every family of the table; and its two kinds of attention.
 *
 * Training, scoring and prefill see whole sequences: prompts [P, S], each computed once, and answers
 * [A, T] that look back at the prompt they own. Decoding sees one new token per answer and caches.
 * The last token of a prompt leads its answers: row t of an answer is what predicts its token t.
 */
import { KEYS, ROWS } from "../autodiff/blocks.ts";
import { type Dim, product as times } from "../autodiff/dims.ts";
import { type Bounds, inBlocks } from "../autodiff/in-blocks.ts";
import {
  add,
  cast,
  concat,
  expand,
  gather,
  geluTanh,
  greater,
  greaterOrEqual,
  matmul,
  mul,
  type Places,
  pack,
  reshape,
  rmsNorm,
  rope,
  silu,
  softmax,
  softmaxMatmul,
  split,
  spread,
  sub,
  sum,
  tanh,
  transpose,
  where,
} from "../autodiff/ops.ts";
import { input, type Program, type Tensor } from "../autodiff/tensor.ts";
import { architectureOf, silu as siluRow } from "./architectures.ts";
import { type ModelConfig, rotaryDim, scaleOf } from "./config.ts";
import { adapterNames, adapterShapes, loraScale } from "./lora.ts";
import { type Precision, product, weightInputs } from "./precision.ts";
import { layerTensorShapes } from "./tensor-shapes.ts";

/** Added to a score that must not count: far below any real one, and no NaN in a row that is all padding. */
export const HIDDEN = -1e9;

/** Tensors of one layer, by the end of their Hugging Face names (after `model.layers.N.`). */
export type LayerWeights = Readonly<Record<string, Tensor>>;

/** Shapes of one layer's tensors, adapters included, by the same names. */
export function layerShapes(c: ModelConfig): Record<string, readonly number[]> {
  const shapes = layerTensorShapes(c);
  return { ...shapes, ...Object.fromEntries(adapterShapes(c.lora, Object.entries(shapes))) };
}

export function layerInputs(c: ModelConfig, precision: Precision = "float32"): LayerWeights {
  const matrices = new Set(matricesOfLayer(c));
  const parts = Object.entries(layerShapes(c)).map(([name, shape]) =>
    weightInputs(name, shape, matrices.has(name) ? precision : "float32"),
  );
  return Object.assign({}, ...parts);
}

/** Names of one layer's matrices, adapters left out. */
export const matricesOfLayer = (c: ModelConfig): string[] =>
  Object.entries(layerTensorShapes(c)).flatMap(([name, shape]) => (shape.length === 2 ? [name] : []));

/** Where rows stand, and the table of angles, which may be those of this kind of layer. */
export interface Positions {
  /** [N] int64 */
  readonly position: Tensor;
  /** [positions, headDim/2] */
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/** q [N, heads·headDim], k and v [N, kvHeads·headDim] → [N, heads·headDim], and what spares a backward pass that. */
export type Attend = (
  q: Tensor,
  k: Tensor,
  v: Tensor,
) => { readonly attended: Tensor; readonly kept: Readonly<Record<string, Tensor>> };

/** What a backward pass would otherwise compute again, dearest first: the results of matrix products. */
export interface Kept {
  readonly attention: Readonly<Record<string, Tensor>>;
  readonly all: Readonly<Record<string, Tensor>>;
}

/** One layer on rows x [N, D]. */
export function layer(
  c: ModelConfig,
  w: LayerWeights,
  x: Tensor,
  at: Positions,
  attend: Attend,
): { y: Tensor; kept: Kept } {
  const project = (rows: Tensor, name: string) => {
    const y = product(rows, w, `${name}.weight`);
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
  const { attended, kept } = attend(
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
  return { y, kept: { attention: kept, all: { q, k, v, ...kept, middle, gate, up } } };
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

/** What queries see of keys: a mask [L, W] or [B, 1, 1, L, W] added to the scores, or where both stand, in blocks. */
export type Sight = Tensor | BlockSight;

/** Keys in places at most a query's own, and less than a window before it; with their rows cut into blocks. */
export interface BlockSight extends Bounds {
  readonly places: {
    /** [B, L] and [B, W] int64 */
    readonly query: Tensor;
    readonly key: Tensor;
    /** int64, the keys that a query sees at most, its own included */
    readonly window: Tensor;
  };
}

/** Softmax attention of queries [B, kvHeads, G, L, headDim] on keys and values [B, kvHeads, W, headDim], as queries. */
const attention = (c: ModelConfig, q: Tensor, k: Tensor, v: Tensor, sight: Sight): Tensor =>
  "bounds" in sight
    ? inBlocks(blockAttention(c), { q, k, v, ...sight.places }, sight)
    : maskedAttention(c, q, k, v, sight);

/** Queries on keys, and a mask → scores [B, kvHeads, G, L, W]. */
function maskedScores(c: ModelConfig, q: Tensor, k: Tensor, mask: Tensor): Tensor {
  const [batch, , shared, length] = q.shape;
  const asRows = reshape(q, [batch, c.kvHeads, times(shared, length), c.headDim]);
  const scores = capped(matmul(asRows, k, { transB: true, alpha: scaleOf(c, "attention") }), c.caps?.scores);
  return add(reshape(scores, [batch, c.kvHeads, shared, length, k.shape[2]]), mask);
}

function maskedAttention(c: ModelConfig, q: Tensor, k: Tensor, v: Tensor, mask: Tensor): Tensor {
  const [batch, , shared, length] = q.shape;
  const grouped = [batch, c.kvHeads, times(shared, length), k.shape[2]];
  return reshape(matmul(reshape(softmax(maskedScores(c, q, k, mask)), grouped), v), q.shape);
}

/** The same on a block of rows; its mask is made of places as it is needed. */
function blockAttention(c: ModelConfig): Program {
  const q = input("f32", ["B", c.kvHeads, c.heads / c.kvHeads, ROWS, c.headDim]);
  const [k, v] = [1, 2].map(() => input("f32", ["B", c.kvHeads, KEYS, c.headDim]));
  const [query, key, window] = [input("i64", ["B", ROWS]), input("i64", ["B", KEYS]), input("i64", [])];
  const ago = sub(
    reshape(cast(query, "f32"), ["B", 1, 1, ROWS, 1]),
    reshape(cast(key, "f32"), ["B", 1, 1, 1, KEYS]),
  );
  const near = where(greater(cast(window, "f32"), ago), 0, HIDDEN);
  const mask = where(greaterOrEqual(ago, 0), near, HIDDEN);
  const y = softmaxMatmul(maskedScores(c, q, k, mask), v);
  return { name: "attention", inputs: { q, k, v, query, key, window }, outputs: { y } };
}

/** [B, kvHeads, G, L, headDim] as rows [B·L, heads·headDim]. */
function rowsOf(c: ModelConfig, heads: Tensor): Tensor {
  const [batch, , , length] = heads.shape;
  return reshape(transpose(heads, [0, 3, 1, 2, 4]), [times(batch, length), c.heads * c.headDim]);
}

/** Prompts alone, causal. */
export const attendPrompts =
  (c: ModelConfig, causal: Sight): Attend =>
  (q, k, v) => {
    const [keys, values] = [keyHeads(c, k, "P", "S"), keyHeads(c, v, "P", "S")];
    const attended = rowsOf(c, attention(c, queryHeads(c, q, "P", "S"), keys, values, causal));
    return { attended, kept: {} };
  };

/**
 * Rows of P prompts, then of A answers: each answer sees the prompt it owns, and itself up to the present.
 *
 * @param owner    [A] int64, the prompt of each answer
 * @param prompts  what the prompts' S rows see of themselves
 * @param answers  what the answers' T rows see of the prompt and of themselves, S + T keys
 */
export const attendSequences =
  (c: ModelConfig, owner: Tensor, prompts: Sight, answers: Sight): Attend =>
  (q, k, v) => {
    const parts = (rows: Tensor) => split(rows, 0, [times("P", "S"), times("A", "T")]);
    const [[qp, qa], [kp, ka], [vp, va]] = [parts(q), parts(k), parts(v)];
    const [keys, values] = [keyHeads(c, kp, "P", "S"), keyHeads(c, vp, "P", "S")];
    const both = (prompt: Tensor, answer: Tensor) =>
      concat([gather(prompt, owner), keyHeads(c, answer, "A", "T")], 2);
    const ofPrompts = attention(c, queryHeads(c, qp, "P", "S"), keys, values, prompts);
    const ofAnswers = attention(c, queryHeads(c, qa, "A", "T"), both(keys, ka), both(values, va), answers);
    const attended = concat([rowsOf(c, ofPrompts), rowsOf(c, ofAnswers)], 0);
    return { attended, kept: "bounds" in answers ? { ofPrompts, ofAnswers } : { attended } };
  };

/** The same for rows without padding: into their cells, and out again. */
export const attendPacked =
  (attend: Attend, places: Places): Attend =>
  (q, k, v) => {
    const { attended: cells, kept } = attend(spread(q, places), spread(k, places), spread(v, places));
    const attended = pack(cells, places);
    return { attended, kept: kept.attended === undefined ? kept : { attended } };
  };

/** What a decoding step looks back at. Slots are [P, K], the places of each prompt's answers that still run. */
export interface Caches {
  /** [P, kvHeads, S, headDim], one copy for all answers to a prompt */
  readonly promptK: Tensor;
  readonly promptV: Tensor;
  /** [pages, A, kvHeads, page, headDim], C = pages·page places */
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
      return reshape(transpose(slotted, [0, 2, 1, 3, 4]), ["P", c.kvHeads, times(shared, "K"), last]);
    };
    const fromSlots = (rows: Tensor, last: Dim) => {
      const apart = transpose(reshape(rows, ["P", c.kvHeads, "K", shared, last]), [0, 2, 1, 3, 4]);
      return gather(reshape(apart, [times("P", "K"), c.kvHeads, shared, last]), caches.slotOf);
    };
    const [pages, , , page] = caches.answerK.shape;
    const places = times(pages, page);
    const onPages = scores(
      expand(reshape(heads, [1, ...heads.shape]), [pages, ...heads.shape]),
      caches.answerK,
    );
    const onPrompt = fromSlots(scores(toSlots(heads, c.headDim), caches.promptK), "S");
    const onAnswer = reshape(transpose(onPages, [1, 2, 3, 0, 4]), ["A", c.kvHeads, shared, places]);
    const onSelf = scores(heads, newK);
    const weights = softmax(
      concat([add(onPrompt, caches.promptMask), add(onAnswer, caches.answerMask), onSelf], 3),
    );
    const [wp, wa, ws] = split(weights, 3, ["S", places, 1]);
    const byPages = transpose(reshape(wa, ["A", c.kvHeads, shared, pages, page]), [3, 0, 1, 2, 4]);
    const ofAnswer = reshape(sum(matmul(byPages, caches.answerV), 0), heads.shape);
    const ofPrompt = fromSlots(matmul(toSlots(wp, "S"), caches.promptV), c.headDim);
    const mixed = add(add(ofPrompt, ofAnswer), matmul(ws, newV));
    return { attended: reshape(mixed, ["A", c.heads * c.headDim]), kept: {} };
  };
