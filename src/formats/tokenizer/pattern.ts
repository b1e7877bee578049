/**
 * The patterns in a tokenizer.json, which are Oniguruma's or plain texts, as JavaScript's.
 */
import { toRegExp } from "oniguruma-to-es";
import { z } from "zod";

export const patternField = z.union([z.object({ Regex: z.string() }), z.object({ String: z.string() })]);
export type Pattern = z.infer<typeof patternField>;

/** No known pattern is longer than a tenth of it. */
const LETTERS = 20_000;
/** Groups called like functions: none is in use, and each call is written out, so that a few lines can fill the memory. */
const calls = /\\g[<']|\(\?(?:R|&|P>|[-+]?\d)/;

/** @throws Error where it is no pattern that is supported */
export function compile(pattern: Pattern): RegExp {
  if ("String" in pattern) return literally(pattern.String);
  const { Regex } = pattern;
  if (Regex.length > LETTERS) throw new Error(`a pattern of ${Regex.length} letters, more than ${LETTERS}`);
  if (calls.test(Regex)) throw new Error(`a pattern that calls a group: ${Regex.slice(0, 80)}`);
  return toRegExp(withWords(Regex), { global: true, target: "ES2024" });
}

const literally = (text: string): RegExp => new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "gu");

const CLASS = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}";
/** Oniguruma's `\w`: outside of a class, six of Latin-1's numbers are letters too. */
const LETTER = `[${CLASS}²³¹¼½¾]`;
const [after, before] = [`(?=${LETTER})`, `(?<=${LETTER})`];
const [notAfter, notBefore] = [`(?!${LETTER})`, `(?<!${LETTER})`];
const words: Readonly<Record<string, string>> = {
  "\\w": LETTER,
  "\\W": LETTER.replace("[", "[^"),
  "\\b": `(?:${before}${notAfter}|${notBefore}${after})`,
  "\\B": `(?:${before}${after}|${notBefore}${notAfter})`,
};
const wordsInClass: Readonly<Record<string, string>> = { "\\w": `[${CLASS}]`, "\\W": `[^${CLASS}]` };

/** A pattern whose words are Oniguruma's: the translation has every number and its marks among their letters. */
function withWords(source: string): string {
  let depth = 0;
  return source.replace(/\\[\s\S]|[[\]]/g, (part) => {
    if (part === "[") depth++;
    else if (part === "]") depth = Math.max(0, depth - 1);
    const written = depth > 0 ? wordsInClass : words;
    return Object.hasOwn(written, part) ? written[part] : part;
  });
}

/** As Rust's `\w` and white space, which are Unicode's. */
export const WORD_LETTER = "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]";
export const WHITE_SPACE = "\\p{White_Space}";
