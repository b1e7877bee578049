/**
 * A model's matrices as eight bits, for sampling: rounded anew from the weights as they are, where these have changed.
 *
 * They are a function of the weights alone: what samples after a resume is what sampled before.
 */
import { matricesOfLayer } from "../../models/decoder.ts";
import { int8Name, scaleName } from "../../models/precision.ts";
import type { Data, Values } from "../onnx/run.ts";
import { roundTurned } from "./kernels.ts";
import { layerTensor, type Parameters } from "./parameters.ts";

export class Int8Weights {
  readonly #parameters: Parameters;
  readonly #matrices = new Map<
    string,
    { readonly bytes: Values<Int8Array>; readonly scales: Values<Float32Array> }
  >();
  /** Of the parameters, when they were rounded last. */
  #version: number | undefined;
  /** As `Parameters.layers`. */
  readonly layers: readonly Readonly<Record<string, Values>>[];

  constructor(parameters: Parameters) {
    this.#parameters = parameters;
    const { config, headName, shapes } = parameters;
    const ofLayer = new Set(matricesOfLayer(config));
    const layerNames = parameters.layers.flatMap((_, n) => [...ofLayer].map((name) => layerTensor(n, name)));
    for (const name of [headName, ...layerNames]) {
      const [rows, width] = shapes.get(name) as readonly [number, number];
      this.#matrices.set(name, {
        bytes: { data: new Int8Array(rows * width), dims: [width, rows] },
        scales: { data: new Float32Array(rows), dims: [rows] },
      });
    }
    this.layers = parameters.layers.map((layer, n) =>
      Object.assign(
        {},
        ...Object.entries(layer).map(([name, values]) =>
          ofLayer.has(name) ? this.inputs(layerTensor(n, name), name) : { [name]: values },
        ),
      ),
    );
  }

  /** A matrix, ready to be given to a program that knows it by a name. */
  inputs(tensor: string, name: string): Record<string, Values> {
    const { bytes, scales } = this.#matrices.get(tensor)!;
    return { [int8Name(name)]: bytes, [scaleName(name)]: scales };
  }

  /** All matrices by the names that `decoder` has for them. */
  constants(): Map<string, Data> {
    const all = [...this.#matrices].flatMap(([name, { bytes, scales }]) => [
      [int8Name(name), bytes.data] as const,
      [scaleName(name), scales.data] as const,
    ]);
    return new Map<string, Data>(all);
  }

  /** Rounds what has changed since the last time. @returns whether anything had */
  refresh(): boolean {
    const { version, trained, tensors } = this.#parameters;
    if (this.#version === version) return false;
    let changed = false;
    for (const [name, { bytes, scales }] of this.#matrices) {
      if (this.#version !== undefined && !trained.has(name)) continue;
      roundTurned(tensors.get(name)!, bytes.dims[0], bytes.data, scales.data);
      changed = true;
    }
    this.#version = version;
    return changed;
  }
}
