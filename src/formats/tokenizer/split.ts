/**
 * A text cut at what a pattern matches, in each of the ways that `tokenizers` knows.
 */
import { z } from "zod";

/** Pieces in their order, none empty; whether the first of them begins the text it was cut from. */
export interface Cut {
  readonly pieces: readonly string[];
  readonly first: boolean;
}

const behaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"] as const;
export const behaviorField = z.enum(behaviors);
export type Behavior = (typeof behaviors)[number];

/**
 * @param pattern   with the flag `g`
 * @param inverted  what lies between the matches counts as matched
 */
export function splitter(pattern: RegExp, behavior: Behavior, inverted = false): (text: string) => Cut {
  return (text) => {
    const cut: string[] = [];
    let first = true;
    let start = 0;
    const take = (end: number, kept: boolean) => {
      if (end === start) return;
      if (kept) cut.push(text.slice(start, end));
      else if (start === 0) first = false;
      start = end;
    };
    const ends = spans(pattern, text, inverted);
    const last = ends.length - 1;
    // each end is that of a span: n where it is matched, -n - 1 where not; a border of it is drawn or left out
    for (let i = 0; i <= last; i++) {
      const matched = ends[i]! >= 0;
      const end = matched ? ends[i]! : -ends[i]! - 1;
      const next = i < last && ends[i + 1]! >= 0;
      switch (behavior) {
        case "Removed":
          take(end, !matched);
          break;
        case "Isolated":
          take(end, true);
          break;
        case "Contiguous":
          if (i === last || matched !== next) take(end, true);
          break;
        case "MergedWithPrevious":
          if (i === last || !next || matched) take(end, true);
          break;
        case "MergedWithNext":
          if (i === last || !matched || next) take(end, true);
          break;
      }
    }
    return { pieces: cut, first };
  };
}

/** The ends of a text's spans, matched or between two matches, in their order. */
function spans(pattern: RegExp, text: string, inverted: boolean): number[] {
  const ends: number[] = [];
  const put = (end: number, matched: boolean) => ends.push(matched === inverted ? -end - 1 : end);
  let done = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const { index, 0: found } = match;
    const end = index + found.length;
    if (found === "") pattern.lastIndex += text.codePointAt(index)! > 0xffff ? 2 : 1;
    if (found === "" && (index === done || index === text.length)) continue;
    if (index > done) put(index, false);
    put(end, true);
    done = end;
  }
  if (done < text.length) put(text.length, false);
  return ends;
}
