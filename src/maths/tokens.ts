/**
 * Text to tokens: numbers, runs of letters, commands, words in `\text{}`, and marks.
 *
 * What only sets type (`\left`, `\displaystyle`, thin spaces, dollars) is dropped here; spellings of one
 * sign (`\le`, `\leq`, `<=`) become one mark.
 */
import { type Fuel, Refusal } from "./fuel.ts";
import { lowest, type Rational } from "./rational.ts";

export type Token =
  | {
      readonly kind: "number";
      readonly text: string;
      readonly value: Rational;
      readonly decimal: boolean;
      readonly spaced: boolean;
    }
  | { readonly kind: "letters"; readonly text: string; readonly spaced: boolean }
  | { readonly kind: "command"; readonly text: string; readonly spaced: boolean }
  /** The content of `\text{…}`, trimmed. */
  | { readonly kind: "text"; readonly text: string; readonly spaced: boolean }
  | { readonly kind: "mark"; readonly text: string; readonly spaced: boolean };

/** How a comma between digits is read: the ambiguity of 1,234 is settled by trying. */
export type Commas = "thousands" | "separators" | "decimal";

const MOST_TOKENS = 6000;
/** Digits of one number, and of its part after the point. */
const LONGEST_NUMBER = 20_000;
const LONGEST_FRACTION = 2000;

const marks: Readonly<Record<string, string>> = {
  cdot: "*",
  times: "*",
  ast: "*",
  div: "/",
  pm: "±",
  mp: "∓",
  le: "<=",
  leq: "<=",
  leqslant: "<=",
  leqq: "<=",
  ge: ">=",
  geq: ">=",
  geqslant: ">=",
  geqq: ">=",
  lt: "<",
  gt: ">",
  ne: "!=",
  neq: "!=",
  approx: "~",
  simeq: "~",
  approxeq: "~",
  equiv: "≡",
  in: "∈",
  cup: "∪",
  bigcup: "∪",
  cap: "∩",
  setminus: "∖",
  backslash: "∖",
  colon: ":",
  mid: "|",
  vert: "|",
  lvert: "|",
  rvert: "|",
  Vert: "‖",
  lVert: "‖",
  rVert: "‖",
  langle: "⟨",
  rangle: "⟩",
  lbrace: "\\{",
  rbrace: "\\}",
  lbrack: "[",
  rbrack: "]",
  lparen: "(",
  rparen: ")",
  lor: "or",
  vee: "or",
  land: "and",
  wedge: "and",
  prime: "'",
  degree: "°",
  ldots: "…",
  dots: "…",
  cdots: "…",
  dotsc: "…",
  newline: "\\\\",
  cr: "\\\\",
};
const dropped = new Set(
  (
    "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr middle displaystyle textstyle scriptstyle quad qquad limits nolimits " +
    "hline thinspace enspace space hfill rm bf it sf tt mathstrut strut noindent centering large Large small underline color textcolor bm boldsymbol mathbf mathit vec boxed fbox ensuremath nonumber allowbreak relax"
  ).split(" "),
);
const textual = new Set(
  "text textbf textit textrm textnormal textsf texttt mbox hbox textup emph".split(" "),
);
const separatorWords = /^(?:,\s*)?(and|or|\\?&)$/i;

export function tokenize(text: string, commas: Commas, fuel: Fuel): Token[] {
  const tokens: Token[] = [];
  let spaced = false;
  const push = (kind: "letters" | "command" | "text" | "mark", token: string): void => {
    tokens.push({ kind, text: token, spaced });
    spaced = false;
  };
  let i = 0;
  while (i < text.length) {
    fuel.spend();
    if (tokens.length > MOST_TOKENS) throw new Refusal("too-long");
    const char = text[i]!;
    if (char === " " || char === "\n" || char === "\t" || char === "\r" || char === "~" || char === "$") {
      spaced = true;
      i++;
    } else if (isDigit(char) || (char === "." && isDigit(text[i + 1]))) {
      const number = readNumber(text, i, commas);
      tokens.push({ kind: "number", ...number.token, spaced });
      spaced = false;
      i = number.end;
    } else if (isLetter(char)) {
      let end = i + 1;
      while (isLetter(text[end])) end++;
      const word = text.slice(i, end);
      if (word === "and" || word === "or") push("mark", word);
      else push("letters", word);
      i = end;
    } else if (char === "\\") {
      i = command(text, i);
    } else if (char === "*" && text[i + 1] === "*") {
      // Markdown's bold, or Python's power: only the latter has something to raise
      if (tokens.length > 0 && i + 2 < text.length && /[\w({\\-]/.test(text[i + 2]!)) push("mark", "^");
      i += 2;
    } else {
      const pair = text.slice(i, i + 2);
      const two = pair === "<=" || pair === ">=" || pair === "!=" ? pair : pair === "==" ? "=" : undefined;
      push("mark", two ?? char);
      i += two ? 2 : 1;
    }
  }
  return tokens;

  /** A backslash and what it begins. @returns where to go on */
  function command(text: string, at: number): number {
    const next = text[at + 1];
    if (!isLetter(next)) {
      if (next === "\\") push("mark", "\\\\");
      else if (next === "{" || next === "}" || next === "|") push("mark", next === "|" ? "‖" : `\\${next}`);
      else if (next === "%" || next === "$" || next === "&" || next === "#" || next === "_") {
        push("mark", next === "$" ? "\\$" : next === "&" ? "and" : next);
      } else spaced = true;
      return at + 2;
    }
    let end = at + 2;
    while (isLetter(text[end])) end++;
    const name = text.slice(at + 1, end);
    if (dropped.has(name)) {
      spaced = true;
      if (name === "color" || name === "textcolor") return groupAt(text, end, fuel)?.end ?? end;
      // the empty delimiter of \left. and \right.
      return (name === "left" || name === "right") && text[end] === "." ? end + 1 : end;
    }
    const words = textual.has(name) || name === "mathrm" || name === "operatorname";
    const group = words ? groupAt(text, end, fuel) : undefined;
    if (group) {
      // a number in words' type is a number
      if (/^\s*[-+]?[\d.,/\s]+%?\s*$/.test(group.text.slice(0, 60)) && group.text.length < 60) return end;
      // a single letter in roman type is that letter; with a space before it, or as one of the units, a unit
      const letters = group.text.replaceAll("~", " ").trim();
      if (
        !textual.has(name) &&
        (name === "operatorname" || letters.length === 1) &&
        !/^[\s~]|^[msglhNJWVK]$/.test(group.text)
      ) {
        if (isLetter(letters[0])) push("letters", letters.replace(/[^A-Za-z]/g, ""));
      } else {
        const separator = separatorWords.exec(letters);
        if (separator) push("mark", separator[1]!.toLowerCase() === "or" ? "or" : "and");
        else if (/^[,;]$/.test(letters)) push("mark", letters);
        else if (letters !== "") push("text", letters);
        else spaced = true;
      }
      return group.end;
    }
    const mark = marks[name];
    if (mark !== undefined && Object.hasOwn(marks, name)) push("mark", mark);
    else push("command", /^[dtc]frac$/.test(name) ? "frac" : name);
    return end;
  }
}

/** The braces that follow `\text`, matched; undefined where there are none. */
function groupAt(
  text: string,
  from: number,
  fuel: Fuel,
): { readonly text: string; readonly end: number } | undefined {
  let i = from;
  while (text[i] === " ") i++;
  if (text[i] !== "{") return undefined;
  let depth = 1;
  let end = i + 1;
  while (end < text.length && depth > 0) {
    if (text[end] === "{") depth++;
    else if (text[end] === "}") depth--;
    end++;
  }
  fuel.spend((end - i) >> 4);
  return depth === 0 ? { text: text.slice(i + 1, end - 1), end } : undefined;
}

// sticky, each in time linear in what it matches; only the second kind of separator cannot be a list's
const thousandsAny = /\d{1,3}(?:(?:,| ?, ?\\! ?| ?\{, ?\}(?:\\!)? ?|\\, ?|\\! ?|\\ | |~)\d{3}(?!\d))+/y;
const thousandsSure = /\d{1,3}(?:(?: ?, ?\\! ?| ?\{, ?\}(?:\\!)? ?|\\, ?|\\! ?|\\ )\d{3}(?!\d))+/y;
const digits = /\d+/y;
const repeating = /\\(?:overline|bar|dot)\s*(?:\{\s*(\d+)\s*\}|(\d))/y;
const exponent = /[eE][+-]?\d{1,6}(?!\d|\.\d)/y;

interface NumberRead {
  readonly token: { readonly text: string; readonly value: Rational; readonly decimal: boolean };
  readonly end: number;
}

function readNumber(text: string, from: number, commas: Commas): NumberRead {
  let i = from;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = i;
    const match = pattern.exec(text);
    if (!match) return undefined;
    i += match[0].length;
    return match[0];
  };
  const grouped = text[i] === "0" ? undefined : take(commas === "thousands" ? thousandsAny : thousandsSure);
  const whole = (grouped ?? take(digits) ?? "").replace(/\D/g, "");
  let part = "";
  let cycle = "";
  // the point of Python's 1./3 belongs to the number, a sentence's full stop does not
  const comma = commas === "decimal" && text[i] === "," && isDigit(text[i + 1]) && grouped === undefined;
  if (
    (text[i] === "." && /^\.(?:[\d/*^]|\s*\\(?:overline|bar|dot)\b)/.test(text.slice(i, i + 14))) ||
    comma
  ) {
    i++;
    part = take(digits) ?? "";
    cycle = take(repeating)?.replace(/\D/g, "") ?? "";
  }
  if (whole.length > LONGEST_NUMBER || part.length + cycle.length > LONGEST_FRACTION)
    throw new Refusal("too-long");
  let value: Rational = { n: BigInt(whole + part || "0"), d: 10n ** BigInt(part.length) };
  let decimal = part !== "" && cycle === "";
  if (cycle !== "") {
    const nines = 10n ** BigInt(cycle.length) - 1n;
    value = { n: value.n * nines + BigInt(cycle), d: value.d * nines };
  }
  const scale = take(exponent);
  if (scale) {
    const by = Number(scale.slice(1));
    if (Math.abs(by) > 10_000) throw new Refusal("too-long");
    value =
      by >= 0
        ? { n: value.n * 10n ** BigInt(by), d: value.d }
        : { n: value.n, d: value.d * 10n ** BigInt(-by) };
    decimal = true;
  }
  return { token: { text: text.slice(from, i), value: lowest(value), decimal }, end: i };
}

const isDigit = (char: string | undefined): boolean => char !== undefined && char >= "0" && char <= "9";
const isLetter = (char: string | undefined): boolean =>
  char !== undefined && ((char >= "a" && char <= "z") || (char >= "A" && char <= "Z"));
