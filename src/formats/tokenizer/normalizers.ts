/**
 * What is done to a text before it is cut: the `normalizer` of a tokenizer.json, as `tokenizers` has each.
 */
import { z } from "zod";
import { lettersOf } from "./byte-level.ts";
import { fieldsOf, type Makers, makePart } from "./part.ts";
import { compile, patternField, WHITE_SPACE } from "./pattern.ts";
import { charsmap } from "./precompiled.ts";

/** Whether a normalized text still begins with the first character of the text it was made of. */
export interface Beginning {
  kept: boolean;
}

export type Normalizer = (text: string, beginning: Beginning) => string;

const flag = z.boolean();
const fields = {
  strip: z.looseObject({ strip_left: flag, strip_right: flag }),
  replace: z.looseObject({ pattern: patternField, content: z.string() }),
  prepend: z.looseObject({ prepend: z.string() }),
  precompiled: z.looseObject({ precompiled_charsmap: z.string().nullable() }),
  sequence: z.looseObject({ normalizers: z.array(z.unknown()) }),
  bert: z.looseObject({
    clean_text: flag.default(true),
    handle_chinese_chars: flag.default(true),
    strip_accents: flag.nullish(),
    lowercase: flag.default(true),
  }),
};

const composed = (form: string): (() => Normalizer) => {
  return () => (text) => text.normalize(form);
};

const leading = new RegExp(`^${WHITE_SPACE}+`, "u");
const trailing = new RegExp(`${WHITE_SPACE}+$`, "u");
const chinese =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

const makers: Makers<Normalizer> = {
  NFC: composed("NFC"),
  NFD: composed("NFD"),
  NFKC: composed("NFKC"),
  NFKD: composed("NFKD"),
  Lowercase: () => lowercase,
  StripAccents: () => without(/\p{M}/gu),
  Strip: (part) => {
    const { strip_left, strip_right } = fieldsOf(fields.strip, part);
    const left = strip_left ? without(leading) : same;
    return (text, beginning) => {
      const rest = left(text, beginning);
      return strip_right ? withoutEnd(rest) : rest;
    };
  },
  Nmt: () => {
    const dropped = without(/(?![\0\t\n\f\r\u0080-\u008e\u0090-\u009e])\p{Cc}/gu);
    const spaces = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/gu;
    return (text, beginning) => dropped(text, beginning).replace(spaces, " ");
  },
  Prepend: (part) => {
    const { prepend } = fieldsOf(fields.prepend, part);
    return (text) => (text === "" ? "" : prepend + text);
  },
  Replace: (part) => {
    const { pattern, content } = fieldsOf(fields.replace, part);
    const found = compile(pattern);
    return (text, beginning) =>
      text.replace(found, (match: string, ...rest: unknown[]) => {
        const at = rest.find((value) => typeof value === "number");
        // what is put there counts as the last of the characters that it stands for
        if (at === 0 && (content === "" ? match !== "" : [...match].length > 1)) beginning.kept = false;
        return content;
      });
  },
  Precompiled: (part) => {
    const { precompiled_charsmap } = fieldsOf(fields.precompiled, part);
    return precompiled_charsmap ? charsmap(precompiled_charsmap) : same;
  },
  ByteLevel: () => lettersOf,
  BertNormalizer: (part) => {
    const { clean_text, handle_chinese_chars, strip_accents, lowercase: lower } = fieldsOf(fields.bert, part);
    const clean = without(/[\0\ufffd]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}]/gu);
    const accents = without(/\p{Mn}/gu);
    return (text, beginning) => {
      let made = clean_text ? clean(text, beginning).replace(/\p{White_Space}/gu, " ") : text;
      if (handle_chinese_chars) made = made.replace(chinese, " $& ");
      if (strip_accents ?? lower) made = accents(made.normalize("NFD"), beginning);
      return lower ? lowercase(made) : made;
    };
  },
  Sequence: (part) => {
    const steps = fieldsOf(fields.sequence, part).normalizers.map(normalizerOf);
    return (text, beginning) => steps.reduce((made, step) => step(made, beginning), text);
  },
};

/** @throws Error where a part of it is not supported */
export function normalizerOf(part: unknown): Normalizer {
  return part == null ? same : makePart("normalizer", makers, part);
}

const same: Normalizer = (text) => text;

/** Character by character, as Rust does: JavaScript writes a Greek word's last sigma otherwise. */
const lowercase = (text: string): string => text.replaceAll("Σ", "σ").toLowerCase();

const without =
  (pattern: RegExp): Normalizer =>
  (text, beginning) =>
    text.replace(pattern, (_, at: number) => {
      if (at === 0) beginning.kept = false;
      return "";
    });

/** A search for `\s+$` would begin anew at every space. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && trailing.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}
