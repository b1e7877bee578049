/**
 * The whole decoder as one program: no layer waits for the one before to be handed over, and little leaves it.
 */
import { gather, mul } from "../../autodiff/ops.ts";
import { input, type Program, type Tensor } from "../../autodiff/tensor.ts";
import { layerKinds, type ModelConfig, scaleOf } from "../../models/config.ts";
import { layerInputs } from "../../models/decoder.ts";
import type { Precision } from "../../models/precision.ts";
import { chosen, type HeadSample, nameOf } from "./head-sample.ts";
import { EMBEDDING, FINAL_NORM, headNameOf, layerTensor } from "./parameters.ts";
import {
  angles,
  cacheInputs,
  cacheLookups,
  cacheMasks,
  decodeLayer,
  head,
  headMatrix,
  named,
} from "./programs.ts";

/**
 * All layers and the head on one new token of each of A answers: `tokens` [A] → what is chosen (head-sample.ts), the last rows `hidden` [A, D], and
 * of layer N the new key and value as `N/k` and `N/v`. What a layer is told goes in as `N/<name>`, what layers of a kind
 * are told as `kind N/<name>`, weights by the names they have in files, or those of `models/precision.ts`.
 */
export function decoder(c: ModelConfig, how: HeadSample, precision: Precision = "float32"): Program {
  const { kinds, kindOf } = layerKinds(c);
  const all = { tokens: input("i64", ["A"]), position: input("i64", ["A"]), ...cacheLookups() };
  const told = kinds.map(() => ({ ...angles(c), ...cacheMasks() }));
  const layers = kindOf.map((kind) => ({ kind, weights: layerInputs(c, precision), caches: cacheInputs(c) }));
  const embedding = input("f32", [c.vocabSize, c.width]);
  const grown: Record<string, Tensor> = {};
  const scale = scaleOf(c, "embedding");
  const rows = gather(embedding, all.tokens);
  let x = scale === 1 ? rows : mul(rows, scale);
  layers.forEach(({ kind, weights, caches }, n) => {
    const at = { position: all.position, ...told[kind] };
    const { y, ...own } = decodeLayer(c, weights, x, at, { ...all, ...told[kind], ...caches });
    Object.assign(grown, named(`${n}/`, own));
    x = y;
  });
  const shared = c.tiedHead && precision === "float32";
  const last = head(c, "A", x, shared ? { embedding } : headMatrix(c, precision));
  const end = chosen(c, last.logits, how);
  const { h: _, norm, inverseTemperature, ...matrix } = last.inputs as Record<string, Tensor>;
  const headNames = Object.entries(matrix).map(([name, tensor]) => [
    name.replace("embedding", headNameOf(c)),
    tensor,
  ]);
  const prefixed = (parts: readonly Record<string, Tensor>[], prefix: (n: number) => string) =>
    Object.assign({}, ...parts.map((part, n) => named(prefix(n), part)));
  return {
    name: `decoder-${nameOf(how)}`,
    inputs: {
      ...all,
      ...prefixed(told, (n) => `kind ${n}/`),
      ...prefixed(
        layers.map(({ caches }) => caches),
        (n) => `${n}/`,
      ),
      ...end.inputs,
      inverseTemperature,
      [EMBEDDING]: embedding,
      [FINAL_NORM]: norm,
      ...Object.fromEntries(headNames),
      ...prefixed(
        layers.map(({ weights }) => weights),
        (n) => layerTensor(n, ""),
      ),
    },
    outputs: { hidden: x, ...end.outputs, ...grown },
  };
}
