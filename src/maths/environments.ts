/**
 * Mathematics in a text: `$…$`, `$$…$$`, `\(…\)`, `\[…\]`; and plain numbers.
 *
 * Only the lenient mode takes an answer from here: the last of them is the easiest reward to hack.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const pairs = [
  { open: "$$", close: "$$", lines: true },
  { open: "\\[", close: "\\]", lines: true },
  { open: "\\(", close: "\\)", lines: false },
  { open: "$", close: "$", lines: false },
] as const;

/** Longest mathematics that is taken for an answer. */
const LONGEST = 4000;

/** The environment that opens exactly here. */
export function environmentAt(text: string, start: number): Span | undefined {
  const pair = pairs.find(({ open }) => text.startsWith(open, start));
  if (!pair) return undefined;
  const inside = start + pair.open.length;
  let close = text.indexOf(pair.close, inside);
  // an escaped dollar closes nothing
  while (close > 0 && pair.close === "$" && text[close - 1] === "\\") close = text.indexOf("$", close + 1);
  if (close < 0 || close - inside > LONGEST) return undefined;
  const content = text.slice(inside, close);
  if (!pair.lines && content.includes("\n")) return undefined;
  return content.trim() === "" ? undefined : { start, end: close + pair.close.length, text: content };
}

/** All environments of a text, in order. */
export function environments(text: string): Span[] {
  const found: Span[] = [];
  let i = 0;
  while (i < text.length) {
    const char = text[i];
    if (char !== "$" && char !== "\\") {
      i++;
      continue;
    }
    const environment = environmentAt(text, i);
    if (environment) found.push(environment);
    // what is escaped opens nothing
    i = environment ? environment.end : i + (char === "\\" || text[i + 1] === "$" ? 2 : 1);
  }
  return found;
}

const numeral = /[-−]?\d{1,3}(?:[, ]\d{3})+(?!\d)(?:\.\d+)?|[-−]?(?:\d+(?:[.,]\d+)?|\.\d+)/g;
const fraction = /^\s*\/\s*\d+/;
const scientific = /^(?:[eE][+-]?\d+|\s*(?:\\times|×|\*)\s*10\s*\^\s*(?:\{-?\d+\}|-?\d+))/;

/** The last number of a text, with its fraction, power of ten or percent sign. */
export function lastNumber(text: string): Span | undefined {
  let last: Span | undefined;
  for (const match of text.matchAll(numeral)) {
    const start = match.index;
    // a digit within a word, as in A2, is no number
    if (/[\w.\\^_]/.test(text[start - 1] ?? " ") || (last && start < last.end)) continue;
    let end = start + match[0].length;
    end += scientific.exec(text.slice(end, end + 40))?.[0].length ?? 0;
    end += fraction.exec(text.slice(end, end + 40))?.[0].length ?? 0;
    end += /^\s*(?:\\?%|percent\b|pct\b)/.exec(text.slice(end, end + 20))?.[0].length ?? 0;
    last = { start, end, text: text.slice(start, end) };
  }
  return last;
}
