/**
 * What only sets an answer, taken off before it is read: alignment, phantoms, quotes, unit packages, currency
 * commands. And the spellings of one thing that a parser would need many rules for: ]2, 5[, 4.4\mathrm{e}7,
 * √26, 52 base 8.
 *
 * Each row is a pattern and what it becomes, in order. No pattern backtracks over more than one bounded run.
 */
import { numberOf } from "./number-words.ts";

type Rule = readonly [RegExp, string | ((...match: (string | undefined)[]) => string)];

const STYLE = String.raw`\\(?:text|textrm|textbf|textit|textsf|textup|mathrm|mathsf|mathbf|mathit|operatorname|operatorname\*|mbox|rm|bf|it)`;
const ORDINAL = "(?:st|nd|rd|th)";

const rules: readonly Rule[] = [
  // alignment: one column of marks, and rows that go on with a relation
  [
    /\\(?:begin|end)\s*\{(?:aligned|align\*?|alignedat|split|gathered|gather\*?|equation\*?|eqnarray\*?|center)\}/g,
    " ",
  ],
  [/\\\\\s*&?\s*(?=[=<>]|\\(?:le|ge|approx)\b)/g, " "],
  [/&(?=\s*(?:[=<>]|\\(?:le|ge|approx|in)\b))|(?<=[=<>]\s*)&/g, " "],
  [/^([^&]*)&\s*$/, "$1"],
  // what is invisible, crossed out, or stands for "done"
  [
    /\\(?:h|v)?phantom\s*\{[^{}]*\}|\\(?:h|v)space\*?\s*\{[^{}]*\}|\\(?:b|x)?cancel\s*\{[^{}]*\}|\\(?:label|tag)\*?\s*\{[^{}]*\}/g,
    " ",
  ],
  [/(?<=\S)\s*(?:\\(?:qed|blacksquare|checkmark)(?![a-zA-Z])|[✓✔✅∎])\s*$/, ""],
  [/^\s*(?:\\(?:implies|Rightarrow|Longrightarrow|therefore|to)(?![a-zA-Z])|[⇒∴→])\s*/, ""],
  [/\\verb(?:\*)?([|!+])([^|!+]*)\1/g, "$2"],
  [/^\s*\\?#\s*(?=\d)/, ""],
  // quotes, and marks that end a sentence
  [/^\s*(["'`])+\s*([^"'`]+?)\s*["'`]+\s*$/, "$2"],
  [/^\s*_{1,3}(?=[^_\s])([^_]+)(?<=[^_\s])_{1,3}\s*$/, "$1"],
  [/(?<=\d)\s*:\s*$/, ""],
  // roman and other type
  [/\\math(?:sf|tt|it)(?![a-zA-Z])/g, "\\mathrm"],
  [/\{\s*\\(?:rm|it|sf|tt)\s+([^{}]*)\}/g, "\\text{$1}"],
  [/\\operatorname\*/g, "\\operatorname"],
  // {,} {=} {\times}: braces against spacing
  [/\{\s*(\\times|\\cdot|\\pm|\\le|\\ge|[=<>+*/-])\s*\}/g, " $1 "],
  // powers of ten
  [
    new RegExp(
      String.raw`(\d)\s*${STYLE}\s*\{\s*[eE]\s*(-?)\s*\}\s*(?:\^\s*)?(?:\{\s*([+-]?\d+)\s*\}|([+-]?\d+))`,
      "g",
    ),
    (_, digit, sign, braced, bare) => `${digit}e${sign}${braced ?? bare}`,
  ],
  [
    new RegExp(String.raw`(\d)\s*(?:[xX]|${STYLE}\s*\{\s*[xX]\s*\}|\\bullet)\s*10\s*\^`, "g"),
    "$1\\times 10^",
  ],
  // unit packages
  [
    /\\(?:SI|qty)\s*(?:\[[^\]]*\])?\s*\{([^{}]*)\}\s*\{([^{}]*)\}/g,
    (_, value, unit) => `${value}\\text{ ${packaged(unit!)}}`,
  ],
  [/\\(?:si|unit)\s*\{([^{}]*)\}/g, (_, unit) => `\\text{ ${packaged(unit!)}}`],
  [/\\num\s*\{([^{}]*)\}/g, "$1"],
  [/(?<=[\d}])((?:\s|\\[,;:! ]|~)*)\\(?:Omega|ohm)(?![a-zA-Z_^(])/g, "\\text{ Ω}"],
  [/\\mu\s*\\(?:text|mathrm)\s*\{\s*(?=[A-Za-z])/g, "\\text{ μ"],
  [/\\(?:AA|angstrom)(?![a-zA-Z])/g, "Å"],
  // money
  [/\\pounds(?![a-zA-Z])|\\text\s*\{\s*£\s*\}/g, "£"],
  [/\\(?:euro|EUR)(?![a-zA-Z])\s*(?:\{\})?|\\text\s*\{\s*€\s*\}/g, "€"],
  [/\\(?:textcent|cent)(?![a-zA-Z])/g, "¢"],
  [/\\(?:yen|textyen)(?![a-zA-Z])/g, "¥"],
  [/\b(?:US|A|C|CA|AU|NZ|HK|S)\s*(?=\\\$)/g, ""],
  [/\\text\s*\{\s*Rs\.?\s*\}|\bRs\.?(?=\s*\d)/g, "₹"],
  // ordinals
  [
    new RegExp(
      String.raw`(\d)\s*(?:\^\s*\{\s*${STYLE}\s*\{\s*${ORDINAL}\s*\}\s*\}|\^?\s*${STYLE}\s*\{\s*${ORDINAL}\s*\}|\^\s*\{\s*${ORDINAL}\s*\}|\^?${ORDINAL}(?![a-zA-Z]))`,
      "g",
    ),
    "$1",
  ],
  // roots without braces, as far as the number or the name goes
  [
    /\\sqrt(\[\d+\])?\s*(\d+(?:\.\d+)?)(?=$|[^\d{])/g,
    (all, degree = "", of) => (of!.length > 1 ? `\\sqrt${degree}{${of}}` : all!),
  ],
  [
    /(?<![a-zA-Z\\])(sqrt|cbrt)\s*(\d+|[a-z](?![a-z]))/g,
    (_, name, of) => (name === "sqrt" ? `\\sqrt{${of}}` : `\\sqrt[3]{${of}}`),
  ],
  [/(?<![a-zA-Z\\])cbrt\s*\(([^()]*)\)/g, "\\sqrt[3]{$1}"],
  // numerals in another base
  [/_\s*\{\s*\(\s*(\w+)\s*\)\s*\}/g, "_{$1}"],
  [/_\s*\{\s*\\text\s*\{\s*(?:base[\s-]*)?([a-z]+|\d+)\s*\}\s*\}/gi, (all, base) => based(base!) ?? all!],
  [/_\s*\{\s*(?:\\text\s*\{\s*base\s*\}|base\b)?\s*([a-z]+|\d+)\s*\}/gi, (all, base) => based(base!) ?? all!],
  [
    /(\d)\s*(?:\\text\s*\{\s*(?:in\s+)?base\s*\}\s*(\d+)|\\text\s*\{\s*(?:in\s+)?\(?\s*base[\s-]*(\w+)\s*\)?\s*\}|\(\s*base[\s-]*(\w+)\s*\)|(?:in\s+)?base[\s-]*(\w+))/gi,
    (all, digit, ...words) => {
      const index = based(words.slice(0, 4).find((word) => word !== undefined) ?? "");
      return index ? digit + index : all!;
    },
  ],
  // 0.333… and 0.(3)
  [
    /(?<![\d.])(\d*\.\d*?)(\d{1,6}?)\2{2,}\d?\s*(?:\\(?:ldots|dots|cdots|dotsc)(?![a-zA-Z])|\.{2,3}|…)/g,
    "$1\\overline{$2}",
  ],
  [/(\d\.\d{0,20})\((\d{1,20})\)/g, "$1\\overline{$2}"],
  // 2, …, 5 written out
  [
    /(-?\d{1,4})\s*,(?:\s*(-?\d{1,4})\s*,)?\s*(?:\\(?:ldots|dots|cdots|dotsc)|\.{3}|…)\s*,\s*(-?\d{1,4})(?![\d.])/g,
    (all, from, second, to) => progression(all!, from!, second, to!),
  ],
  // 73 (seventy-three)
  [
    /^(.*?(-?\d+))\s*\(([a-z -]{3,60})\)\s*$/,
    (all, shown, digits, words) => (numberOf(words!) === digits ? shown! : all!),
  ],
  // ]2, 5[ as (2, 5)
  [/\\(?:left|right)\s*(?=[[\]])/g, ""],
  [
    /([[\]])([^[\](),;]*[,;][^[\](),;]*)([[\]])/g,
    (all, open, inside, close) =>
      open === "[" && close === "]"
        ? all!
        : `${open === "]" ? "(" : "["}${inside!.replace(";", ",")}${close === "[" ? ")" : "]"}`,
  ],
];

/** A text as it reads without its setting. */
export function unset(text: string): string {
  if (!/[\\&"'`_#:[\].(✓✔✅∎⇒∴→$]|[xXeE]|st|nd|rd|th|Rs|sqrt|cbrt|base/.test(text)) return text;
  if (text.length > 2000) return text;
  let out = text;
  for (const [pattern, becomes] of rules) out = out.replace(pattern, becomes as string);
  return out;
}

/** The whole numbers from one to another, in the steps of the first two; as written where they do not fit. */
function progression(written: string, from: string, second: string | undefined, to: string): string {
  const step = second === undefined ? 1 : Number(second) - Number(from);
  const count = (Number(to) - Number(from)) / step;
  if (!Number.isInteger(count) || count < 1 || count > 200) return written;
  return Array.from({ length: count + 1 }, (_, i) => Number(from) + i * step).join(", ");
}

/** A base as a subscript, where its word or digits name one. */
function based(base: string): string | undefined {
  const value = /^\d+$/.test(base) ? base : numberOf(base);
  return value === undefined || !/^\d{1,2}$/.test(value) ? undefined : `_{${value}}`;
}

/** \kilo\meter\per\second, \km or m.s^{-1} in words. */
function packaged(unit: string): string {
  return unit
    .replace(/\\(kilo|milli|micro|mega|giga|nano|centi|deci|hecto|pico|tera)\s*\\/g, "$1")
    .replace(/\\per(?![a-zA-Z])/g, "/")
    .replace(/\\(square|cubic)(?![a-zA-Z])/g, "$1 ")
    .replace(/\\([a-zA-Z]+)/g, "$1 ")
    .replace(/[.{}]/g, " ");
}
