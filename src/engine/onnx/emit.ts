/**
 * Programs as ONNX: every tensor becomes the node its row names, equal nodes once.
 */

import { type Dim, type Shape, terms } from "../../autodiff/dims.ts";
import { type OpName, onnxType, ops } from "../../autodiff/ops.ts";
import type { Emitter, LoopBody, Rule } from "../../autodiff/rule.ts";
import { type Attribute, type DType, inOrder, type Program, type Tensor } from "../../autodiff/tensor.ts";
import { InternalError } from "../../errors.ts";
import { bytesOf } from "../../files/bytes-of.ts";
import type { Place } from "./constants-file.ts";
import { attributeKind, EXTERNAL, encodeModel } from "./schema.ts";

/** Attributes that ONNX defines as floats, even where the value is whole. */
const floats = new Set(["alpha", "epsilon"]);

/** ONNX attributes carry their kind. */
function attribute(name: string, value: Attribute) {
  if (typeof value === "string") return { name, type: attributeKind.string, s: Buffer.from(value) };
  if (Array.isArray(value)) return { name, type: attributeKind.ints, ints: value };
  if (floats.has(name)) return { name, type: attributeKind.float, f: value };
  return { name, type: attributeKind.int, i: value };
}

interface Node {
  readonly opType: string;
  readonly domain?: string;
  readonly input: string[];
  readonly output: string[];
  readonly name: string;
  readonly attribute?: object[];
  /** What a loop repeats: it names values of the graph around it. */
  readonly body?: Graph;
}

class Graph implements Emitter {
  readonly nodes: Node[] = [];
  readonly initializers: object[] = [];
  /** Begins the names of values, which differ from those of the graphs around this one. */
  readonly #prefix: string;
  readonly #known = new Map<string, readonly string[]>();
  readonly #symbols = new Map<string, { name: string; axis: number }>();
  readonly #left = new Map<string, string>();
  #made = 0;

  constructor(prefix = "#") {
    this.#prefix = prefix;
  }

  #name(): string {
    return `${this.#prefix}${this.#made++}`;
  }

  /** Notes at which input and axis each symbol's value can be read. */
  learn(name: string, { shape }: Tensor) {
    shape.forEach((dim, axis) => {
      if (typeof dim === "string" && /^\w+$/.test(dim) && !this.#symbols.has(dim))
        this.#symbols.set(dim, { name, axis });
    });
  }

  node(
    type: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    output = 0,
  ): string {
    const key = JSON.stringify([type, inputs, attributes]);
    let outputs = this.#known.get(key);
    if (outputs === undefined) {
      const [domain, opType] = type.includes(":") ? type.split(":") : ["", type];
      // A second output is named only by those who ask for it, so every such node is written with both.
      const count = opType === "SimplifiedLayerNormalization" ? 2 : 1;
      outputs = Array.from({ length: count }, () => this.#name());
      this.#known.set(key, outputs);
      this.nodes.push({
        opType,
        domain,
        input: [...inputs],
        output: [...outputs],
        name: outputs[0],
        attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      });
    }
    return outputs[output];
  }

  program(program: Program, given: Readonly<Record<string, string>>): Record<string, string> {
    const names = new Map<Tensor, string>();
    for (const [name, tensor] of Object.entries(program.inputs)) {
      names.set(tensor, given[name]);
      this.learn(given[name], tensor);
    }
    for (const tensor of inOrder(Object.values(program.outputs), new Set(names.keys()))) {
      if (names.has(tensor)) continue;
      if (tensor.op === "Input") throw new InternalError(`${program.name}: an input that is not in its list`);
      const inputs = tensor.inputs.map((each) => names.get(each)!);
      const { onnx } = (ops[tensor.op as OpName] as Rule | undefined) ?? {
        onnx: () => this.scalar(tensor.attributes.value as number, tensor.dtype),
      };
      names.set(
        tensor,
        typeof onnx === "string" ? this.node(onnx, inputs, tensor.attributes) : onnx(this, inputs, tensor),
      );
    }
    return Object.fromEntries(
      Object.entries(program.outputs).map(([name, tensor]) => [name, names.get(tensor)!]),
    );
  }

  loop(key: string, count: string, carried: readonly string[], dtype: DType, body: LoopBody): string[] {
    const known = this.#known.get(key);
    if (known !== undefined) return [...known];
    const name = this.#name();
    const inner = new Graph(`${name}/`);
    const value = (each: string) => valueInfo(each, { dtype, shape: undefined });
    const [round, goOn] = [`${name}/round`, `${name}/go-on`];
    const before = carried.map((_, i) => `${name}/carried-${i}`);
    const after = body(inner, round, before);
    const output = after.map(() => this.#name());
    this.#known.set(key, output);
    const graph = {
      name,
      node: inner.nodes,
      initializer: inner.initializers,
      input: [
        valueInfo(round, { dtype: "i64", shape: [] }),
        valueInfo(goOn, { dtype: "bool", shape: [] }),
        ...before.map(value),
      ],
      output: [valueInfo(inner.node("Identity", [goOn]), { dtype: "bool", shape: [] }), ...after.map(value)],
    };
    this.nodes.push({
      opType: "Loop",
      input: [count, "", ...carried],
      output: [...output],
      name,
      attribute: [{ name: "body", type: attributeKind.graph, g: graph }],
      body: inner,
    });
    return output;
  }

  /** Lets a value leave under a name: its own node's, for an Identity copies. What has left already, or came in, is copied. */
  output(name: string, value: string): void {
    const left = this.#left.get(value);
    if (left !== undefined || !this.nodes.some(({ output }) => output.includes(value))) {
      this.nodes.push({ opType: "Identity", input: [left ?? value], output: [name], name });
      return;
    }
    this.#left.set(value, name);
    this.#rename(value, name);
  }

  #rename(value: string, name: string): void {
    const rename = (values: string[]) => values.forEach((each, i) => each === value && (values[i] = name));
    for (const { input, output, body } of this.nodes) {
      rename(input);
      rename(output);
      if (body !== undefined) body.#rename(value, name);
    }
  }

  scalar(value: number, dtype: DType): string {
    const bytes =
      dtype === "i64"
        ? BigInt64Array.of(BigInt(value))
        : dtype === "f64"
          ? Float64Array.of(value)
          : Float32Array.of(value);
    return this.#initializer(`${dtype}:${value}`, [], dtype, bytes);
  }

  matrix(key: string, columns: number, values: Float32Array): string {
    return this.#initializer(key, [values.length / columns, columns], "f32", values);
  }

  dims(dims: readonly Dim[]): string {
    if (dims.every((dim): dim is number => typeof dim === "number"))
      return this.#initializer(`dims:${dims}`, [dims.length], "i64", BigInt64Array.from(dims.map(BigInt)));
    const parts = dims.map((dim) => (typeof dim === "number" ? this.dims([dim]) : this.#expression(dim)));
    return parts.length === 1 ? parts[0] : this.node("Concat", parts, { axis: 0 });
  }

  /** A symbolic dimension as an int64 vector of one element. */
  #expression(dim: string): string {
    const add = (a: string, b: string) => this.node("Add", [a, b]);
    const mul = (a: string, b: string) => this.node("Mul", [a, b]);
    return terms(dim)
      .map(([coefficient, symbols]) => {
        const factors = symbols.map((symbol) => this.#symbol(symbol));
        if (coefficient !== 1 || factors.length === 0) factors.unshift(this.dims([coefficient]));
        return factors.reduce(mul);
      })
      .reduce(add);
  }

  #symbol(symbol: string): string {
    const source = this.#symbols.get(symbol);
    if (source === undefined)
      throw new InternalError(`emit: no input has a dimension ${symbol} to read it from`);
    return this.node("Shape", [source.name], { start: source.axis, end: source.axis + 1 });
  }

  #initializer(key: string, dims: number[], dtype: DType, values: ArrayBufferView): string {
    const known = this.#known.get(key);
    if (known !== undefined) return known[0];
    const name = `${this.#prefix}c${this.initializers.length}`;
    this.#known.set(key, [name]);
    const rawData = bytesOf(values);
    this.initializers.push({ name, dims, dataType: onnxType[dtype], rawData });
    return name;
  }
}

/** @param shape  undefined: any */
const valueInfo = (name: string, { dtype, shape }: { dtype: DType; shape: Shape | undefined }) => ({
  name,
  type: {
    tensorType: {
      elemType: onnxType[dtype],
      ...(shape && {
        shape: { dim: shape.map((dim) => (typeof dim === "number" ? { dimValue: dim } : { dimParam: dim })) },
      }),
    },
  },
});

const stored = (name: string, { dtype, shape }: Tensor, place: Place) => ({
  name,
  dims: shape,
  dataType: onnxType[dtype],
  dataLocation: EXTERNAL,
  externalData: Object.entries(place).map(([key, value]) => ({ key, value: String(value) })),
});

/**
 * The bytes of an ONNX model with the program's inputs and outputs by name.
 *
 * @param constants  inputs that are none but constants, and where their values stand
 */
export function emit(program: Program, constants: ReadonlyMap<string, Place> = new Map()): Uint8Array {
  const graph = new Graph();
  const made = graph.program(
    program,
    Object.fromEntries(Object.keys(program.inputs).map((name) => [name, name])),
  );
  for (const [name, value] of Object.entries(made)) graph.output(name, value);
  return encodeModel({
    irVersion: 8,
    producerName: "errata",
    opsetImport: [
      { domain: "", version: 18 },
      { domain: "com.microsoft", version: 1 },
    ],
    graph: {
      name: program.name,
      node: graph.nodes,
      initializer: [
        ...graph.initializers,
        ...[...constants].map(([name, place]) => stored(name, program.inputs[name], place)),
      ],
      input: Object.entries(program.inputs)
        .filter(([name]) => !constants.has(name))
        .map(([name, tensor]) => valueInfo(name, tensor)),
      output: Object.entries(program.outputs).map(([name, tensor]) => valueInfo(name, tensor)),
    },
  });
}
