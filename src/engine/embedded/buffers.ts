/**
 * Memory that is used again: what a step holds on to, it holds in the same arrays as the step before.
 *
 * A gigabyte of fresh arrays in every step would cost seconds of page faults: so programs write what must last into
 * arrays of ours.
 */
export class Buffers {
  readonly #arrays = new Map<string, Float32Array>();

  /** Room for so many numbers, whatever they are now; it lasts until the next of this name. */
  room(name: string, length: number): Float32Array {
    let array = this.#arrays.get(name);
    if (array === undefined || array.length < length) {
      array = new Float32Array(length);
      this.#arrays.set(name, array);
    }
    return array.subarray(0, length);
  }
}
