/**
 * Ids that differ: a repeated one would make two problems one in the records.
 */
export class Ids {
  readonly #taken = new Set<string>();
  /** The last number that an id which came again was given. */
  readonly #last = new Map<string, number>();

  /** The id, or where it is taken the id and a number that makes it free. */
  take(id: string): string {
    const free = this.#taken.has(id) ? this.#numbered(id) : id;
    this.#taken.add(free);
    return free;
  }

  #numbered(id: string): string {
    // from the last on: to count from the first each time would take time with the square of the rows
    let number = Math.max(this.#taken.size, this.#last.get(id) ?? 0) + 1;
    while (this.#taken.has(`${id}#${number}`)) number++;
    this.#last.set(id, number);
    return `${id}#${number}`;
  }
}
