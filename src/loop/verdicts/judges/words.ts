/**
 * Where a text says a phrase, as whole words: "art" is not in "party", and "4" not in "14" or "4.5".
 */

/** @returns the offsets at which the phrase begins, in order */
export function mentions(text: string, phrase: string): number[] {
  const found: number[] = [];
  if (phrase === "") return found;
  for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + phrase.length)) {
    const [before, after] = [text.slice(Math.max(0, at - 2), at), text.slice(at + phrase.length).slice(0, 2)];
    const opens = !/^[\p{L}\p{N}_]/u.test(phrase) || !/[\p{L}\p{N}_]$|\d[.,]$/u.test(before);
    const closes = !/[\p{L}\p{N}_]$/u.test(phrase) || !/^[\p{L}\p{N}_]|^[.,]\d/u.test(after);
    if (opens && closes) found.push(at);
  }
  return found;
}
