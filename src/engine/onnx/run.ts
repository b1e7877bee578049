/**
 * A program made ready to run on onnxruntime, on this machine's processor.
 *
 * Inputs are read where they lie; outputs are fresh arrays, or written where the caller says. A run blocks its thread,
 * so this belongs in a worker.
 */
import { InferenceSession, Tensor as Value } from "onnxruntime-node";
import { type Sizes, sizer } from "../../autodiff/dims.ts";
import { flopCounter } from "../../autodiff/flops.ts";
import type { DType, Program } from "../../autodiff/tensor.ts";
import { type ConstantsFile, storeConstants } from "./constants-file.ts";
import { emit } from "./emit.ts";
import { free } from "./free.ts";

export type Data = Float32Array | Float64Array | BigInt64Array | Int8Array;

/** Numbers and the sizes of their dimensions; a symbolic dimension takes its value from here. */
export interface Values<T extends Data = Data> {
  readonly data: T;
  readonly dims: readonly number[];
}

export const array = <T extends Data>(data: T, ...dims: number[]): Values<T> => ({ data, dims });

/** Where an output of so many numbers is to be written, all of it; undefined where it is to be a fresh array. */
export type Place = (output: string, length: number) => Float32Array | undefined;

export interface Runnable {
  /** @param place  asked for each output that is float32 */
  run(inputs: Readonly<Record<string, Values>>, place?: Place): Promise<Record<string, Values>>;
  release(): Promise<void>;
}

const kind: Record<Exclude<DType, "bool">, "float32" | "float64" | "int64" | "int8"> = {
  f32: "float32",
  f64: "float64",
  i64: "int64",
  i8: "int8",
};

/** Floating-point operations of the matrix products run in this thread so far. */
export const work = { flops: 0 };

/**
 * @param threads    cores for one op; left out, onnxruntime chooses
 * @param constants  inputs that stay the same until the release: copied, and laid out as products like them best
 */
export async function compile(
  program: Program,
  threads = 0,
  constants?: ReadonlyMap<string, Data>,
): Promise<Runnable> {
  const file = constants && storeConstants(constants);
  try {
    return await start(program, threads, file);
  } finally {
    file?.remove();
  }
}

async function start(program: Program, threads: number, file?: ConstantsFile): Promise<Runnable> {
  const session = await InferenceSession.create(emit(program, file?.places), {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "all",
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
    // Every session has threads of its own, which spin after a run in hope of the next. With several
    // programs in turn they would take the cores from whichever runs now: sampling is 1.3 to 1.6 times
    // faster when they stop with the run.
    extra: {
      session: {
        force_spinning_stop: "1",
        ...(file && { model_external_initializers_file_folder_path: file.folder }),
      },
    },
  });
  const types = Object.fromEntries(
    Object.entries(program.inputs)
      .filter(([name]) => file?.places.has(name) !== true)
      .map(([name, { dtype }]) => [name, kind[dtype as keyof typeof kind]]),
  );
  const count = flopCounter(program);
  const sizeOf = sizer(program.inputs);
  const outputs = Object.entries(program.outputs).map(
    ([name, { dtype, shape }]) => [name, dtype, shape.map(sizeOf)] as const,
  );
  /** The outputs with the arrays they are to be written in; null where the runtime makes one. */
  const placed = (sizes: Sizes, place: Place) =>
    outputs.map(([name, dtype, shape]) => {
      const dims = shape.map((size) => size(sizes));
      const length = dims.reduce((product, size) => product * size, 1);
      const data = dtype === "f32" ? place(name, length) : undefined;
      return [name, data && array(data, ...dims)] as const;
    });
  return {
    async run(inputs, place) {
      const feeds: Record<string, Value> = {};
      const sizes: Record<string, readonly number[]> = {};
      for (const name in types) {
        const { data, dims } = inputs[name];
        feeds[name] = new Value(types[name], data as Float32Array, dims);
        sizes[name] = dims;
      }
      work.flops += count(sizes);
      if (place === undefined) return (await session.run(feeds)) as unknown as Record<string, Values>;
      const ours = placed(sizes, place);
      const fetches = ours.map(
        ([name, to]) => [name, to ? new Value("float32", to.data, to.dims) : null] as const,
      );
      const results = (await session.run(feeds, Object.fromEntries(fetches))) as unknown as Record<
        string,
        Values
      >;
      for (const [name, to] of ours) {
        if (to === undefined) continue;
        // it was written where it was to be, and beside that handed out as a copy
        free(results[name].data as Float32Array);
        results[name] = to;
      }
      return results;
    },
    async release() {
      await session.release();
      file?.remove();
    },
  };
}
