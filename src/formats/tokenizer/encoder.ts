/**
 * A text → ids of tokens, in the order of `tokenizers`: added tokens, normalizer, the added tokens that are found in normalized text,
 * pre-tokenizer, model.
 */
import { type AddedToken, isNormalized, sectioner } from "./added-tokens.ts";
import type { TokenModel } from "./models.ts";
import type { Normalizer } from "./normalizers.ts";
import { preTokenizerOf } from "./pre-tokenizers.ts";

export interface EncoderParts {
  readonly added_tokens: readonly AddedToken[];
  readonly pre_tokenizer?: unknown;
}

/** @throws Error where a part is not supported; so does what it returns, where a text has no tokens */
export function encoderOf(
  parts: EncoderParts,
  normalize: Normalizer,
  model: TokenModel,
): (text: string) => Int32Array {
  const cut = preTokenizerOf(parts.pre_tokenizer);
  const outer = sectioner(parts.added_tokens.filter((token) => !isNormalized(token)));
  const inner = sectioner(parts.added_tokens.filter(isNormalized), (text) => normalize(text, { kept: true }));
  return (given) => {
    const text = wellFormed(given);
    const ids: number[] = [];
    for (const section of outer(text)) {
      if ("id" in section) {
        ids.push(section.id);
        continue;
      }
      const beginning = { kept: section.start === 0 };
      for (const part of inner(normalize(section.text, beginning))) {
        if ("id" in part) {
          ids.push(part.id);
          continue;
        }
        const { pieces } = cut({ pieces: [part.text], first: beginning.kept && part.start === 0 });
        for (const piece of pieces) for (const id of model.encode(piece)) ids.push(id);
      }
    }
    return Int32Array.from(ids);
  };
}

/** Halves of a character that lost their other half are no Unicode; they are marked, as where text is read as UTF-8. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd");
