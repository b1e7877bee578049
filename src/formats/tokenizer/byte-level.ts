/**
 * The text of byte-level tokens, whose letters stand for bytes, by a table of each token's bytes.
 *
 * A step of the paper's size has 88 million tokens. One character after another, most of what the loop takes beside the model would
 * be spent here.
 */

/** GPT-2's letter for each byte: printable ones stand for themselves, the others from code point 256 on. */
export const byteLetters: readonly string[] = (() => {
  const printable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();

const encoder = new TextEncoder();
const printable = /^[!-~]*$/;

/** GPT-2's letters of a text's bytes. */
export function lettersOf(text: string): string {
  if (printable.test(text)) return text;
  let letters = "";
  for (const byte of encoder.encode(text)) letters += byteLetters[byte];
  return letters;
}

/** The way back. */
const letterBytes = new Map(byteLetters.map((letter, byte) => [letter, byte]));

/** A token's bytes: those that its letters stand for, or its own where one of them stands for none. */
export function bytesOfToken(token: string): Uint8Array {
  const bytes: number[] = [];
  for (const letter of token) {
    const byte = letterBytes.get(letter);
    if (byte === undefined) return encoder.encode(token);
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** Whether a tokenizer's decoder is this one and nothing beside it. */
export const isByteLevel = (decoder: unknown): boolean =>
  typeof decoder === "object" && decoder !== null && "type" in decoder && decoder.type === "ByteLevel";

/** @param tokenOf  the token of an id; undefined where it has none, or is left out */
export function byteLevelDecoder(
  tokenOf: (id: number) => string | undefined,
): (ids: ArrayLike<number>) => string {
  const known = new Map<number, Uint8Array>();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const bytesOf = (id: number): Uint8Array => {
    const token = tokenOf(id);
    return token === undefined ? new Uint8Array(0) : bytesOfToken(token);
  };
  return (ids) => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      const piece = known.get(id) ?? bytesOf(id);
      known.set(id, piece);
      pieces.push(piece);
      length += piece.length;
    }
    const text = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      text.set(piece, at);
      at += piece.length;
    }
    return decoder.decode(text);
  };
}
