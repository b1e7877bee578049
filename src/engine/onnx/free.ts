/**
 * Gives the memory of an output back at once: garbage collection comes too late for the next one to take the same pages.
 */
import { MessageChannel } from "node:worker_threads";

/** A small array is not worth the call. */
const WORTH_BYTES = 2 ** 18;

const { port1: drain } = new MessageChannel();
drain.close();

/** `values` is empty afterwards, and so is every view of its memory. */
export function free(values: Float32Array): void {
  // What is transferred to a closed port goes nowhere, and its memory with it. Node 20 has no ArrayBuffer.transfer.
  if (values.byteLength >= WORTH_BYTES) drain.postMessage(0, [values.buffer as ArrayBuffer]);
}
