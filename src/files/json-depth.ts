/**
 * How deep JSON text goes, known before it is parsed: whoever walks a value too deep runs out of stack.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const brackets = { openList: 0x5b, closeList: 0x5d, openObject: 0x7b, closeObject: 0x7d };

/** Follows JSON text byte by byte. */
export class Nesting {
  /** Brackets open now. */
  depth = 0;
  inString = false;
  #escaped = false;

  /** @returns the depth after the byte */
  read(byte: number): number {
    if (this.inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.inString = false;
    } else if (byte === QUOTE) this.inString = true;
    else if (byte === brackets.openList || byte === brackets.openObject) this.depth++;
    else if (byte === brackets.closeList || byte === brackets.closeObject) this.depth--;
    return this.depth;
  }
}

/** Nesting of lists and objects in a row. */
export const DEEPEST_ROW = 64;

/** Whether brackets outside of strings go deeper than `DEEPEST_ROW`. */
export function isDeep(bytes: Uint8Array): boolean {
  const nesting = new Nesting();
  for (const byte of bytes) if (nesting.read(byte) > DEEPEST_ROW) return true;
  return false;
}
