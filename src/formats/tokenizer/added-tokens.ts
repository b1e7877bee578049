/**
 * Added tokens: those that are found in a text before anything else is done to it.
 *
 *   text  →  sections, each a token or text that has none
 *
 * Of the tokens that stand at a place the longest is taken; each has its rules of what may be around it, and takes white space with it.
 */

import { WORD_LETTER } from "./pattern.ts";
import { Trie } from "./trie.ts";

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special?: boolean | undefined;
  /** Found only where no letter of a word stands beside it. */
  readonly single_word?: boolean | undefined;
  /** Takes the white space before it, after it. */
  readonly lstrip?: boolean | undefined;
  readonly rstrip?: boolean | undefined;
  /** Found in the normalized text, as its own text is normalized. */
  readonly normalized?: boolean | undefined;
}

/** A token's id, or text; where it begins in the whole. */
export type Section = { readonly start: number } & ({ readonly id: number } | { readonly text: string });

/** As `tokenizers` takes what is left out. */
export const isNormalized = (token: AddedToken): boolean => token.normalized ?? !token.special;

const wordBefore = new RegExp(`${WORD_LETTER}$`, "u");
const wordAfter = new RegExp(`^${WORD_LETTER}`, "u");
const space = /\p{White_Space}/u;

/** @param normalize  what a token's text is in the texts to come; left out, its own */
export function sectioner(
  tokens: readonly AddedToken[],
  normalize: (text: string) => string = (text) => text,
): (text: string) => readonly Section[] {
  if (tokens.length === 0) return (text) => (text === "" ? [] : [{ start: 0, text }]);
  // of two tokens of the same text a special one counts
  const order = [...tokens.keys()].sort(
    (a, b) => Number(tokens[b]!.special ?? false) - Number(tokens[a]!.special ?? false),
  );
  const trie = new Trie(order.map((i) => [normalize(tokens[i]!.content), i]));
  return (text) => {
    const sections: Section[] = [];
    let done = 0;
    for (let at = 0; at < text.length; at++) {
      let found = -1;
      let stop = at;
      trie.at(text, at, (number, end) => {
        found = number;
        stop = end;
      });
      if (found < 0) continue;
      const token = tokens[found]!;
      let start = at;
      at = stop - 1;
      if (token.single_word && !standsAlone(text, start, stop)) continue;
      if (token.lstrip) while (start > done && space.test(text[start - 1]!)) start--;
      if (token.rstrip) while (stop < text.length && space.test(text[stop]!)) stop++;
      if (done < start) sections.push({ start: done, text: text.slice(done, start) });
      sections.push({ start, id: token.id });
      done = stop;
    }
    if (done < text.length) sections.push({ start: done, text: text.slice(done) });
    return sections;
  };
}

/** The letter beside may take two of JavaScript's. */
const standsAlone = (text: string, start: number, stop: number): boolean =>
  !wordBefore.test(text.slice(Math.max(0, start - 2), start)) && !wordAfter.test(text.slice(stop, stop + 2));
