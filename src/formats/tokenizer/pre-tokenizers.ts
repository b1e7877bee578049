/**
 * How a text is cut into pieces, within which a model looks for tokens: the `pre_tokenizer` of a tokenizer.json, as `tokenizers` has each.
 */
import { z } from "zod";
import { lettersOf } from "./byte-level.ts";
import { metaspaceFields, prependScheme } from "./metaspace.ts";
import { fieldsOf, type Makers, makePart } from "./part.ts";
import { compile, patternField, WHITE_SPACE, WORD_LETTER } from "./pattern.ts";
import { type Behavior, behaviorField, type Cut, splitter } from "./split.ts";

export type PreTokenizer = (cut: Cut) => Cut;

/** GPT-2's words, numbers, runs of signs, and white space that leaves its last space to the next word. */
export const GPT2_PATTERN =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

const flag = z.boolean();
const behavior = z.preprocess(
  // older files write them in small letters
  (value) =>
    behaviorField.options.find((name) => name.toLowerCase() === String(value).toLowerCase()) ?? value,
  behaviorField,
);
const fields = {
  bytes: z.looseObject({ add_prefix_space: flag.default(false), use_regex: flag.default(true) }),
  digits: z.looseObject({ individual_digits: flag.default(false) }),
  punctuation: z.looseObject({ behavior: behavior.default("Isolated") }),
  split: z.looseObject({ pattern: patternField, behavior, invert: flag.default(false) }),
  delimiter: z.looseObject({ delimiter: z.string().min(1).max(2) }),
  length: z.looseObject({ length: z.int().min(1) }),
  metaspace: z.looseObject({ ...metaspaceFields, split: flag.nullish() }),
  sequence: z.looseObject({ pretokenizers: z.array(z.unknown()) }),
};
const PUNCTUATION = "[\\p{P}!-/:-@\\[-`{-~]";

const makers: Makers<PreTokenizer> = {
  ByteLevel: (part) => {
    const { add_prefix_space, use_regex } = fieldsOf(fields.bytes, part);
    const cut = use_regex ? at(compile({ Regex: GPT2_PATTERN }), "Isolated") : same;
    const spaced = add_prefix_space ? changed((text) => (text.startsWith(" ") ? text : ` ${text}`)) : same;
    const letters = changed(lettersOf);
    return (pieces) => letters(cut(spaced(pieces)));
  },
  Digits: (part) =>
    at(/\p{N}/gu, fieldsOf(fields.digits, part).individual_digits ? "Isolated" : "Contiguous"),
  Punctuation: (part) => at(new RegExp(PUNCTUATION, "gu"), fieldsOf(fields.punctuation, part).behavior),
  Whitespace: () =>
    at(new RegExp(`${WORD_LETTER}+|(?:(?!${WORD_LETTER})\\P{White_Space})+`, "gu"), "Removed", true),
  WhitespaceSplit: () => at(new RegExp(WHITE_SPACE, "gu"), "Removed"),
  BertPreTokenizer: () => {
    const words = at(new RegExp(WHITE_SPACE, "gu"), "Removed");
    const signs = at(new RegExp(PUNCTUATION, "gu"), "Isolated");
    return (pieces) => signs(words(pieces));
  },
  CharDelimiterSplit: (part) =>
    at(compile({ String: fieldsOf(fields.delimiter, part).delimiter }), "Removed"),
  FixedLength: (part) =>
    at(new RegExp(`[\\s\\S]{1,${fieldsOf(fields.length, part).length}}`, "gu"), "Isolated"),
  Split: (part) => {
    const { pattern, behavior, invert } = fieldsOf(fields.split, part);
    return at(compile(pattern), behavior, invert);
  },
  Metaspace: metaspace,
  Sequence: (part) => {
    const steps = fieldsOf(fields.sequence, part).pretokenizers.map(preTokenizerOf);
    return (pieces) => steps.reduce((cut, step) => step(cut), pieces);
  },
};

/** @throws Error where a part of it is not supported */
export function preTokenizerOf(part: unknown): PreTokenizer {
  return part == null ? same : makePart("pre_tokenizer", makers, part);
}

const same: PreTokenizer = (cut) => cut;

const changed =
  (change: (text: string) => string): PreTokenizer =>
  ({ pieces, first }) => ({ pieces: pieces.map(change), first });

/** Each piece cut further. */
function at(pattern: RegExp, behavior: Behavior, inverted = false): PreTokenizer {
  const split = splitter(pattern, behavior, inverted);
  return ({ pieces, first }) => {
    const cuts = pieces.map(split);
    return { pieces: cuts.flatMap((cut) => cut.pieces), first: first && (cuts[0]?.first ?? true) };
  };
}

/** Spaces become a letter, which begins a word; one is put before each piece, before the text, or nowhere. */
function metaspace(part: Parameters<(typeof makers)[string]>[0]): PreTokenizer {
  const { replacement, split, ...said } = fieldsOf(fields.metaspace, part);
  const scheme = prependScheme(said);
  const cut = split === false ? same : at(compile({ String: replacement }), "MergedWithNext");
  return ({ pieces, first }) => {
    const marked = pieces.map((piece, i) => {
      const text = piece.replaceAll(" ", replacement);
      const begins = scheme === "always" || (scheme === "first" && first && i === 0);
      return begins && !text.startsWith(replacement) ? replacement + text : text;
    });
    return cut({ pieces: marked, first });
  };
}
