/**
 * What a file may unfold to, by its size.
 *
 * A parquet file of a kilobyte can say "a billion times the same" and be true to its format. What is
 * worth reading repeats itself a few hundred times at most.
 */
class Budget {
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
}

/** Of a file of so many bytes. */
export function budgets(bytes: number) {
  return {
    /** Values in columns, each counted for every level of lists it is in. */
    values: new Budget(`values in a file of ${bytes} bytes`, 2_000_000 + 32 * bytes),
    /** Bytes of unpacked pages. */
    unpacked: new Budget(`bytes unpacked from a file of ${bytes}`, 2 ** 26 + 250 * bytes),
    /** Characters of rows. */
    characters: new Budget(`characters in rows of a file of ${bytes} bytes`, 2 ** 26 + 500 * bytes),
  };
}
export type Budgets = ReturnType<typeof budgets>;
