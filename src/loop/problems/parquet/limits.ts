/**
 * What decoding a parquet file may take, by the file's size.
 *
 * A file of a kilobyte can claim, and even be true to its format with, a billion times the same. What is worth
 * reading repeats itself a few hundred times at most.
 */

/** Counts what is taken, up to a limit. */
export class Budget {
  #left: number;
  readonly #most: number;
  readonly #what: string;

  /** @param what  is counted, for the error */
  constructor(what: string, most: number) {
    this.#what = what;
    this.#most = most;
    this.#left = most;
  }

  /** @throws Error where more is taken than there is */
  take(amount: number): void {
    if (!(amount >= 0 && amount <= this.#left)) throw new Error(`more than ${this.#most} ${this.#what}`);
    this.#left -= amount;
  }

  /** What was taken has been given back. */
  refill(): void {
    this.#left = this.#most;
  }
}

/** Megabytes of the heap of the thread: what arrays may take, twice over. */
export const HEAP_MB = 4096;

/** For a file of so many bytes. */
export function limitsOf(bytes: number) {
  const of = `of a file of ${bytes} bytes`;
  return {
    /** Milliseconds of the processor to read the footer. */
    footerMs: 1000 + bytes / 10_000,
    /** Milliseconds of the processor to decode all rows. */
    rowsMs: 1000 + bytes / 100,
    /** Bytes of arrays made to decode one group of rows. */
    arrays: new Budget(`bytes of arrays in a group of rows ${of}`, Math.min(2 ** 27 + 128 * bytes, 2 ** 31)),
    /** Bytes of buffers made to decode one group of rows; unpacked pages are counted by themselves. */
    buffers: new Budget(`bytes of buffers in a group of rows ${of}`, 2 ** 26 + 32 * bytes),
    /** Bytes of unpacked pages. */
    unpacked: new Budget(`unpacked bytes ${of}`, 2 ** 26 + 250 * bytes),
    /** Characters of rows. */
    characters: new Budget(`characters in rows ${of}`, 2 ** 26 + 500 * bytes),
  };
}
export type Limits = ReturnType<typeof limitsOf>;
