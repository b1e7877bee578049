/**
 * Arrays and buffers of a known size: counted before they are made, and never grown after.
 *
 * The decoder makes arrays as long as a page claims and fills them for as long as a run claims. A thread's memory
 * limit does not help: buffers are outside of it, and an array that outgrows it ends the whole process. So the
 * thread's own `Array`, `Uint8Array` and the like count what they are asked for.
 */
import type { Limits } from "./limits.ts";

const bufferKinds = [
  "ArrayBuffer",
  "Uint8Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
] as const;

/** Bytes of a place in an array. */
const BYTES_OF_PLACE = 8;

/**
 * Counts from here on, in this thread, what is made as `new Array(length)`, `new Uint8Array(length)` and so on.
 *
 * @param limits  those that hold at that moment
 */
export function countMemory(limits: () => Pick<Limits, "arrays" | "buffers">): void {
  const plainArray = Array;
  const fixed = (length: number): unknown[] => {
    limits().arrays.take(length * BYTES_OF_PLACE);
    return Object.preventExtensions(new plainArray(length).fill(undefined));
  };
  globalThis.Array = new Proxy(plainArray, {
    apply: (make, _, args) => (isLength(args) ? fixed(args[0]) : make(...args)),
    construct: (make, args) => (isLength(args) ? fixed(args[0]) : new make(...args)),
  });
  for (const kind of bufferKinds) {
    const plain = globalThis[kind] as new (...args: unknown[]) => object;
    const width = "BYTES_PER_ELEMENT" in plain ? (plain.BYTES_PER_ELEMENT as number) : 1;
    const counted = new Proxy(plain, {
      construct(make, args) {
        if (isLength(args)) limits().buffers.take(args[0] * width);
        return new make(...args);
      },
    });
    Object.assign(globalThis, { [kind]: counted });
  }
}

function isLength(args: unknown[]): args is [number] {
  return args.length === 1 && typeof args[0] === "number";
}
