/**
 * The decoder's programs: what the layer and the head become, as functions of the parameters.
 *
 * One compiled layer serves every layer, one copy of the weights serves sampling, scoring and training.
 */
import { gradient } from "../../autodiff/gradient.ts";
import {
  cast,
  concat,
  logSumExp,
  matmul,
  mul,
  reshape,
  softmax,
  spread,
  stopGradient,
  sub,
  sum,
} from "../../autodiff/ops.ts";
import { constant, inline, input, type Program, type Tensor } from "../../autodiff/tensor.ts";
import { type ModelConfig, rotaryDim, scaleOf } from "../../models/config.ts";
import {
  attendCaches,
  attendPacked,
  attendPrompts,
  attendSequences,
  type Caches,
  capped,
  type Kept,
  keyHeads,
  type LayerWeights,
  layer,
  layerInputs,
  layerShapes,
  normalise,
  type Positions,
  type Sight,
} from "../../models/decoder.ts";
import { adapterShapes } from "../../models/lora.ts";
import { type Precision, product, weightInputs } from "../../models/precision.ts";
import { totalLoss } from "../objective-program.ts";
import { PAGE } from "./kv-cache.ts";

const f32 = (...shape: (number | string)[]) => input("f32", shape);
const i64 = (...shape: (number | string)[]) => input("i64", shape);

export const angles = (c: ModelConfig) => ({
  cos: f32("R", rotaryDim(c) / 2),
  sin: f32("R", rotaryDim(c) / 2),
});

export const named = (prefix: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}${name}`, tensor]));

/** Cells of the two rectangles that a micro-batch's attention is computed in. */
const CELLS = "A*T+P*S";

/** How a micro-batch's rows are laid. */
export interface Layout {
  /** N rows without padding, put into the rectangles for attention alone; else the rectangles' own rows */
  readonly packed?: boolean;
  /** Attention in blocks of rows, as suits long sequences: its memory grows with their length, not with its square. */
  readonly blocked?: boolean;
}

const nameOf = (program: string, { packed, blocked }: Layout) =>
  `${program}${packed ? "-packed" : ""}${blocked ? "-blocked" : ""}`;

/** What prompts and answers see, and the inputs that say it. */
interface Sights {
  readonly prompts: Sight;
  readonly answers: Sight;
  readonly ofPrompts: Readonly<Record<string, Tensor>>;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

function maskSights(): Sights {
  const [causal, answerMask] = [f32("S", "S"), f32("A", 1, 1, "T", "S+T")];
  return { prompts: causal, answers: answerMask, ofPrompts: { causal }, inputs: { causal, answerMask } };
}

function blockSights(): Sights {
  const window = i64();
  const [promptBounds, promptPlace] = [i64("promptBlocks", 4), i64("P", "S")];
  const [answerBounds, answerPlace, keyPlace] = [i64("answerBlocks", 4), i64("A", "T"), i64("A", "S+T")];
  const ofPrompts = { promptBounds, promptPlace, window };
  return {
    prompts: { bounds: promptBounds, before: 0, places: { query: promptPlace, key: promptPlace, window } },
    answers: { bounds: answerBounds, before: "S", places: { query: answerPlace, key: keyPlace, window } },
    ofPrompts,
    inputs: { ...ofPrompts, answerBounds, answerPlace, keyPlace },
  };
}

/**
 * A layer on a micro-batch: the rows of P prompts of S tokens, then of A answers of T tokens.
 */
function sequenceLayer(c: ModelConfig, { packed, blocked }: Layout) {
  const weights = layerInputs(c);
  const rows = packed ? "N" : CELLS;
  const x = f32(rows, c.width);
  const [promptRow, answerRow] = [i64("P", "S"), i64("A", "T")];
  const owner = i64("A");
  const sight = blocked ? blockSights() : maskSights();
  const at = { position: i64(rows), ...angles(c) };
  const inCells = { cells: i64("N"), real: f32(CELLS, 1) };
  const index = concat([reshape(promptRow, ["P*S"]), reshape(answerRow, ["A*T"])], 0);
  const attend = attendSequences(c, owner, sight.prompts, sight.answers);
  return {
    x,
    batch: { promptRow, answerRow, owner, ...sight.inputs, ...at, ...(packed && inCells) },
    weights,
    ...layer(c, weights, x, at, packed ? attendPacked(attend, { index, ...inCells }) : attend),
  };
}

/** What a forward pass leaves to the backward one, which computes the rest again. */
export type Keep = "nothing" | "attention" | "all";

/** @param all  whether there is room for all; what attention in blocks gives is small beside what it took */
export const keepFor = (all: boolean, blocked: boolean): Keep =>
  all ? "all" : blocked ? "attention" : "nothing";

const keptOf = (keep: Keep, kept: Kept) => (keep === "nothing" ? {} : named("kept/", kept[keep]));

/** `x` and the batch → `y` and, as `kept/<name>`, what `backward` is to be spared. */
export function forward(c: ModelConfig, keep: Keep, layout: Layout = {}): Program {
  const { x, batch, weights, y, kept } = sequenceLayer(c, layout);
  return {
    name: nameOf(`forward-${keep}`, layout),
    inputs: { x, ...batch, ...weights },
    outputs: { y, ...keptOf(keep, kept) },
  };
}

/**
 * `x`, the batch and d loss / dy → d loss / dx and, as `d/<name>`, of every weight that is trained: of all, or
 * of the adapters alone where there are any. What is not given as `kept/<name>` is computed again.
 */
export function backward(c: ModelConfig, keep: Keep, layout: Layout = {}): Program {
  const { x, batch, weights, y, kept } = sequenceLayer(c, layout);
  const dy = f32(...x.shape);
  const adapters = adapterShapes(c.lora, Object.entries(layerShapes(c)));
  const names = Object.keys(weights).filter((name) => adapters.size === 0 || adapters.has(name));
  const [dx, ...dWeights] = gradient([[y, dy]], [x, ...names.map((name) => weights[name])]);
  return {
    name: nameOf(`backward-${keep}`, layout),
    inputs: { x, dy, ...batch, ...weights, ...keptOf(keep, kept) },
    outputs: { dx, ...named("d/", Object.fromEntries(names.map((name, i) => [name, dWeights[i]]))) },
  };
}

/** A layer on P prompts alone → `y` and the keys and values [P, kvHeads, S, headDim] that answers will look at. */
export function prefill(c: ModelConfig, blocked = false, precision: Precision = "float32"): Program {
  const weights = layerInputs(c, precision);
  const x = f32("P*S", c.width);
  const sight = blocked ? blockSights() : maskSights();
  const batch = { promptPosition: i64("P", "S"), ...sight.ofPrompts, ...angles(c) };
  const at = { ...batch, position: reshape(batch.promptPosition, ["P*S"]) };
  const seen: Record<string, Tensor> = {};
  const { y } = layer(c, weights, x, at, (q, k, v) => {
    seen.k = keyHeads(c, k, "P", "S");
    seen.v = keyHeads(c, v, "P", "S");
    return attendPrompts(c, sight.prompts)(q, k, v);
  });
  return {
    name: nameOf("prefill", { blocked }),
    inputs: { x, ...batch, ...weights },
    outputs: { y, ...seen },
  };
}

/** A layer on one new token of each of A answers → `y` and its key and value [A, kvHeads·headDim]. */
export function decode(c: ModelConfig, precision: Precision = "float32"): Program {
  const weights = layerInputs(c, precision);
  const x = f32("A", c.width);
  const told = { ...cacheInputs(c), ...cacheLookups(), ...cacheMasks() };
  const at = { position: i64("A"), ...angles(c) };
  return {
    name: "decode",
    inputs: { x, ...at, ...told, ...weights },
    outputs: decodeLayer(c, weights, x, at, told),
  };
}

export function decodeLayer(c: ModelConfig, weights: LayerWeights, x: Tensor, at: Positions, told: Caches) {
  const seen: Record<string, Tensor> = {};
  const { y } = layer(c, weights, x, at, (q, k, v) => {
    Object.assign(seen, { k, v });
    return attendCaches(c, told)(q, k, v);
  });
  return { y, k: seen.k, v: seen.v };
}

/** A layer's own caches. */
export const cacheInputs = (c: ModelConfig) => ({
  promptK: f32("P", c.kvHeads, "S", c.headDim),
  promptV: f32("P", c.kvHeads, "S", c.headDim),
  answerK: f32("pages", "A", c.kvHeads, PAGE, c.headDim),
  answerV: f32("pages", "A", c.kvHeads, PAGE, c.headDim),
});

/** What all layers are told of the caches, and what those of a kind are. */
export const cacheLookups = () => ({ slots: i64("P", "K"), slotOf: i64("A") });
export const cacheMasks = () => ({
  promptMask: f32("A", 1, 1, "S"),
  answerMask: f32(1, 1, 1, `${PAGE}*pages`),
});

/** The head's matrix, as a program is given it. */
export const headMatrix = (c: ModelConfig, precision: Precision = "float32") =>
  weightInputs("embedding", [c.vocabSize, c.width], precision);

/** The head on rows h: logits at the sampling temperature, and what follows from them. */
export function head(c: ModelConfig, rows: string, h = f32(rows, c.width), matrix = headMatrix(c)) {
  const norm = f32(c.width);
  const inverseTemperature = f32();
  const scale = scaleOf(c, "logits");
  const normal = normalise(c, h, norm);
  const scaled = scale === 1 ? normal : mul(normal, scale);
  const cap = c.caps?.logits;
  // Where logits are not bent, the temperature divides the narrower rows before the product.
  const normed = cap === undefined ? mul(scaled, inverseTemperature) : scaled;
  const finished = (z: Tensor) => (cap === undefined ? z : mul(capped(z, cap), inverseTemperature));
  /** Log-prob of each row's target, whose logit is a product with its row of the embedding: no [rows, V] matrix for it. */
  const targetLogp = (target: Tensor, lse: Tensor) => sub(finished(sum(mul(normed, target), 1)), lse);
  const logits = finished(product(normed, matrix, "embedding"));
  return { inputs: { h, norm, ...matrix, inverseTemperature }, logits, targetLogp };
}

/** Entropy of each row, in nats: log Σ exp z − Σ p·z, without a gradient. */
export function entropy(c: ModelConfig, logits: Tensor, lse: Tensor): Tensor {
  const [n] = logits.shape;
  const p = stopGradient(softmax(logits));
  const mean = matmul(reshape(p, [n, 1, c.vocabSize]), reshape(stopGradient(logits), [n, c.vocabSize, 1]));
  return sub(stopGradient(lse), reshape(mean, [n, 1]));
}

/** Rows `h` and the embeddings of their targets → `logp` and `entropy`, [rows, 1] each. */
export function headScore(c: ModelConfig): Program {
  const { inputs, logits, targetLogp } = head(c, "N");
  const target = f32("N", c.width);
  const lse = logSumExp(logits);
  return {
    name: "head-score",
    inputs: { ...inputs, target },
    outputs: { logp: targetLogp(target, lse), entropy: entropy(c, logits, lse) },
  };
}

/**
 * The head of B whole answers with an objective inside: forward, loss and backward in one run, so the
 * logits never leave it and are never computed twice. The N rows have no padding; the objective's [B, T] have,
 * where `mask` is 0; so have `logp` and `dlogp`, what the objective read and gave. The head's own weights have gradients unless adapters are what is trained.
 */
export function headTrain(c: ModelConfig, objective: Program): Program {
  const { inputs, logits, targetLogp } = head(c, "N");
  const target = f32("N", c.width);
  const [row, cells, lossScale] = [i64("B", "T"), i64("N"), input("f64", [])];
  const { logp: _, ...given } = objective.inputs;
  const places = {
    index: reshape(row, ["B*T"]),
    cells,
    real: cast(reshape(given.mask, ["B*T", 1]), "f32"),
  };
  const lse = logSumExp(logits);
  const inGrid = reshape(spread(targetLogp(target, lse), places), ["B", "T"]);
  const { losses, ...metrics } = inline(objective, { logp: cast(inGrid, "f64") });
  const loss = totalLoss(losses, given.mask, lossScale);
  const { h, norm, embedding } = inputs as Record<string, Tensor>;
  const by = c.lora ? { dh: h } : { dh: h, dnorm: norm, dembedding: embedding, dtarget: target };
  const [dlogp, ...grads] = gradient([[loss, constant(1, "f64")]], [inGrid, ...Object.values(by)]);
  const backward = Object.fromEntries(Object.keys(by).map((name, i) => [name, grads[i]]));
  return {
    name: `head-train-${objective.name}`,
    inputs: { ...inputs, target, row, cells, lossScale, ...given },
    outputs: { loss, entropy: entropy(c, logits, lse), logp: inGrid, dlogp, ...backward, ...metrics },
  };
}
