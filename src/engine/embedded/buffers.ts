/**
 * Memory that is used again: what a step holds on to, it holds in the same arrays as the step before.
 *
 * onnxruntime gives each output as a fresh array. A gigabyte of them in every step costs seconds of page
 * faults, and garbage collection comes too late to give the same pages back: so what must last is copied
 * into an array of ours, and the fresh one is freed at once.
 */
import { MessageChannel } from "node:worker_threads";

/** A small array is not worth the call. */
const WORTH_BYTES = 2 ** 18;

const { port1: drain } = new MessageChannel();
drain.close();

/** Gives the memory of an output back at once. It is empty afterwards, and so is every view of it. */
export function free(values: Float32Array): void {
  // What is transferred to a closed port goes nowhere, and its memory with it. Node 20 has no ArrayBuffer.transfer.
  if (values.byteLength >= WORTH_BYTES) drain.postMessage(0, [values.buffer as ArrayBuffer]);
}

export class Buffers {
  readonly #arrays = new Map<string, Float32Array>();

  /** A copy of `values` that lasts until the next of this name; `values` itself is freed. */
  hold(name: string, values: Float32Array): Float32Array {
    let array = this.#arrays.get(name);
    if (array === undefined || array.length < values.length) {
      array = new Float32Array(values.length);
      this.#arrays.set(name, array);
    }
    const held = array.subarray(0, values.length);
    held.set(values);
    free(values);
    return held;
  }
}
