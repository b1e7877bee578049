/**
 * The text of byte-level tokens, whose letters stand for bytes: what the library makes of them, by a table of bytes.
 *
 * A step of the paper's size has 88 million tokens. One character after another, as the library goes, most of what the
 * loop takes beside the model is spent here.
 */

/** GPT-2's letter for each byte: printable ones stand for themselves, the others from code point 256 on. */
export const byteLetters: readonly string[] = (() => {
  const printable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();

/** The way back, by code point. */
const letterBytes = new Uint8Array(512);
for (const [byte, letter] of byteLetters.entries()) letterBytes[letter.charCodeAt(0)] = byte;

/** A character that is no such letter is read as byte 0, as the library does. */
const toBytes = (token: string): Uint8Array =>
  Uint8Array.from(token, (letter) => letterBytes[letter.codePointAt(0)!] ?? 0);

/** Whether a tokenizer's decoder is this one and nothing beside it. */
export const isByteLevel = (decoder: unknown): boolean =>
  typeof decoder === "object" && decoder !== null && "type" in decoder && decoder.type === "ByteLevel";

/**
 * @param tokenOf  the token of an id; undefined where it has none, or is left out
 * @param added    tokens that stand for their own text
 */
export function byteLevelDecoder(
  tokenOf: (id: number) => string | undefined,
  added: ReadonlySet<string>,
): (ids: ArrayLike<number>) => string {
  const known = new Map<number, Uint8Array>();
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const bytesOf = (id: number): Uint8Array => {
    const token = tokenOf(id);
    if (token === undefined) return new Uint8Array(0);
    return added.has(token) ? encoder.encode(token) : toBytes(token);
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
