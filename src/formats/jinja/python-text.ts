/**
 * Texts as Python has them: counted in code points, with Python's white space and line ends.
 */

/** Inside a character class: what Python's `str.isspace` takes. U+FEFF is none, U+0085 and U+001C are. */
export const SPACES = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const onlySpaces = new RegExp(`^[${SPACES}]+$`);
const separators = new RegExp(`[${SPACES}]+`);
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python ends lines at them
const lineEnd = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;
const surrogate = /[\ud800-\udfff]/;

/** The characters of a text, to be counted and indexed. */
export function characters(text: string): string | readonly string[] {
  return surrogate.test(text) ? Array.from(text) : text;
}

export const lengthOf = (text: string): number => characters(text).length;

/** Python's `text[start:stop]`, of code points. */
export function slice(text: string, start: number, stop?: number): string {
  const all = characters(text);
  return typeof all === "string" ? all.slice(start, stop) : all.slice(start, stop).join("");
}

/** @param taken  the characters to take off; undefined or null is white space */
export function strip(
  text: string,
  taken: string | null | undefined,
  ends: "both" | "left" | "right",
): string {
  const all = characters(text);
  const set = taken == null ? undefined : new Set(taken);
  const goes = (character: string) => (set === undefined ? onlySpaces.test(character) : set.has(character));
  let start = 0;
  let stop = all.length;
  if (ends !== "right") while (start < stop && goes(all[start]!)) start++;
  if (ends !== "left") while (stop > start && goes(all[stop - 1]!)) stop--;
  return typeof all === "string" ? all.slice(start, stop) : all.slice(start, stop).join("");
}

/** Python's `split` and `rsplit`; `most` cuts at most, -1 for all. */
export function split(text: string, separator: string | null, most: number, fromRight = false): string[] {
  if (separator === null) return splitAtSpaces(text, most, fromRight);
  const parts = text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  return fromRight
    ? [parts.slice(0, parts.length - most).join(separator), ...parts.slice(parts.length - most)]
    : [...parts.slice(0, most), parts.slice(most).join(separator)];
}

function splitAtSpaces(text: string, most: number, fromRight: boolean): string[] {
  const bare = strip(text, null, "both");
  if (bare === "") return [];
  const parts = bare.split(separators);
  if (most < 0 || parts.length <= most + 1) return parts;
  if (most === 0) return [strip(text, null, fromRight ? "right" : "left")];
  let rest = strip(text, null, fromRight ? "right" : "left");
  if (fromRight) {
    const kept = parts.slice(parts.length - most);
    for (const part of [...kept].reverse())
      rest = strip(rest.slice(0, rest.length - part.length), null, "right");
    return [rest, ...kept];
  }
  const kept = parts.slice(0, most);
  for (const part of kept) rest = strip(rest.slice(part.length), null, "left");
  return [...kept, rest];
}

export function splitLines(text: string, keepEnds = false): string[] {
  const lines: string[] = [];
  let from = 0;
  for (const found of text.matchAll(lineEnd)) {
    lines.push(text.slice(from, keepEnds ? found.index + found[0].length : found.index));
    from = found.index + found[0].length;
  }
  if (from < text.length) lines.push(text.slice(from));
  return lines;
}

export const isSpace = (text: string): boolean => onlySpaces.test(text);

/** A first letter as it begins a word: the letter of two, where one stands for two. */
export function titleCase(character: string): string {
  const digraphs: Readonly<Record<string, string>> = { Ǆ: "ǅ", Ǉ: "ǈ", Ǌ: "ǋ", Ǳ: "ǲ" };
  const upper = character.toUpperCase();
  const [first = "", ...rest] = upper;
  return digraphs[upper] ?? first + rest.join("").toLowerCase();
}

/** Python's `capitalize`. */
export function capitalized(text: string): string {
  const [first = "", ...rest] = text;
  return titleCase(first) + rest.join("").toLowerCase();
}

/** Python's `repr` of a text. */
export function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };
  const inside = text.replace(/[\\'\p{C}\p{Z}]/gu, (character) => {
    if (character === " " || (character === "'" && quote === '"')) return character;
    if (character === "'") return "\\'";
    const code = character.codePointAt(0)!;
    const hex = code.toString(16);
    if (character in named) return named[character]!;
    return code < 0x100
      ? `\\x${hex.padStart(2, "0")}`
      : code < 0x10000
        ? `\\u${hex.padStart(4, "0")}`
        : `\\U${hex.padStart(8, "0")}`;
  });
  return quote + inside + quote;
}
