/**
 * One row of a text file, gathered from the chunks it lies in.
 */
import { DataError } from "../../../errors.ts";
import { LONGEST_ROW } from "./row-of-file.ts";

/** The bytes of one row and where they begin. */
export interface Cut {
  readonly place: number;
  readonly bytes: Buffer;
}

export class Pieces {
  place = 1;
  readonly #file: string;
  readonly #unit: string;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(file: string, unit: string) {
    this.#file = file;
    this.#unit = unit;
  }

  add(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > LONGEST_ROW) {
      throw new DataError({
        where: `${this.#file}, ${this.#unit} ${this.place}`,
        expected: `at most ${LONGEST_ROW} bytes`,
        got: "more",
        next: "One problem does not need so much; is this a data set, with one problem a row?",
      });
    }
    if (piece.length > 0) this.#pieces.push(piece);
  }

  take(): Cut {
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    return { place: this.place++, bytes };
  }
}
