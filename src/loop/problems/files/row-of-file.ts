/**
 * A row as it stands in a data file, before it is read as a problem.
 */

/** A row's value, or what is wrong with it in words that go on from "line 3". */
export type Row = {
  /** What `place` counts, from 1: lines of a text file, or rows. */
  readonly unit: "line" | "row";
  readonly place: number;
  /** Bytes it takes in the file, or characters it unfolds to. */
  readonly size: number;
} & (
  | {
      readonly value: unknown;
      /** The value with text in place of numbers that are rounded in it; absent where none is. */
      readonly exact?: unknown;
      /** True where every value is text as it was typed, numbers and lists too. */
      readonly typed?: true;
    }
  | { readonly because: string }
);

/** Bytes of the longest row: far above any problem with its tests, far below what would fill memory. */
export const LONGEST_ROW = 2 ** 23;
