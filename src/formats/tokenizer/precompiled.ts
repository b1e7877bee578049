/**
 * sentencepiece's table of what characters are written as (`precompiled_charsmap`): a double array of bytes, and the texts it points to.
 *
 * Held to `tokenizers`, not to sentencepiece: each grapheme of a few bytes is looked up as a whole, where the shortest entry that it
 * begins with stands for all of it; others character by character.
 */

/** NFKC's longest has 33 bytes. */
const MOST_BYTES = 512;
/** A grapheme of more bytes is never looked up as a whole. */
const GRAPHEME_BYTES = 6;
/** What joins the character before it in a grapheme: marks, joiners, Hangul's parts, flags. */
const JOINED =
  "\\p{M}\\p{Cf}\\p{Emoji_Modifier}\\p{Regional_Indicator}\\u1100-\\u11ff\\ua960-\\ua97f\\ud7b0-\\ud7ff\\uff9e\\uff9f";
/** Line ends of two characters; a character with what may join it; any other. Longer graphemes are beyond the table anyway. */
const runs = new RegExp(`\\r\\n|[^${JOINED}\\r]?[${JOINED}]+|[^]`, "gu");
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const encoder = new TextEncoder();

/** Runs that are remembered. */
const KNOWN = 2 ** 14;

/**
 * A text rewritten by a table.
 *
 * @param base64  as in tokenizer.json
 * @throws Error where it is damaged
 */
export function charsmap(base64: string): (text: string) => string {
  const bytes = Buffer.from(base64, "base64");
  const size = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  if (size % 4 !== 0 || size === 0 || size + 4 > bytes.length)
    throw new Error("a damaged precompiled_charsmap");
  const units = Uint32Array.from({ length: size / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  const texts = bytes.subarray(4 + size);
  let start = 0;
  for (let end = 0; end <= texts.length; end++) {
    if (end < texts.length && texts[end] !== 0) continue;
    if (end - start > MOST_BYTES)
      throw new Error(`a precompiled_charsmap that writes a character with ${end - start} bytes`);
    start = end + 1;
  }
  /** What a character or grapheme is written as; undefined where it stays. */
  const written = (chunk: string): string | undefined => {
    const at = find(units, encoder.encode(chunk));
    return at < 0 ? undefined : texts.toString("utf8", at, endOf(texts, at));
  };
  const grapheme = (text: string): string => {
    const whole = encoder.encode(text).length < GRAPHEME_BYTES ? written(text) : undefined;
    return whole ?? Array.from(text, (character) => written(character) ?? character).join("");
  };
  const known = new Map<string, string>();
  return (text) =>
    text.replace(runs, (run) => {
      const before = known.get(run);
      if (before !== undefined) return before;
      const graphemes =
        run.length === 1 ? [run] : Array.from(segmenter.segment(run), ({ segment }) => segment);
      const made = graphemes.map(grapheme).join("");
      if (known.size < KNOWN) known.set(run, made);
      return made;
    });
}

const endOf = (texts: Uint8Array, at: number): number => {
  const end = texts.indexOf(0, at);
  return end < 0 ? texts.length : end;
};

/** Where the text of the shortest entry begins that a key begins with, -1 where there is none. */
function find(units: Uint32Array, key: Uint8Array): number {
  const offset = (unit: number) => (unit >>> 10) << ((unit & 512) >>> 6);
  let node = offset(units[0]!);
  for (const byte of key) {
    if (byte === 0) return -1;
    node ^= byte;
    const unit = units[node] ?? 0;
    if ((unit & 0x800000ff) >>> 0 !== byte) return -1;
    node ^= offset(unit);
    if ((unit >>> 8) & 1) return (units[node] ?? 0) & 0x7fffffff;
  }
  return -1;
}
