/**
 * Announced answers: `#### 5`, `Answer: 5`, `the final answer is 5. I hope it is correct`.
 *
 * The last announcement counts. Every look around is in a bounded window, so a text of nothing but
 * announcements is read in one pass.
 */
import { environmentAt } from "./environments.ts";

export interface Announced {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly via: "hash" | "anchor";
}

/** How far after "answer" its "is" may stand, how long an answer may be, and how many announcements are tried. */
const WINDOW = 130;
const LONGEST = 1000;
const MOST_TRIED = 20;

/** `#### x` on the last such line. */
export function hashed(text: string): Announced | undefined {
  const at = text.lastIndexOf("####");
  if (at < 0) return undefined;
  const start = at + 4;
  const line = text.slice(start, start + LONGEST).split("\n", 1)[0]!;
  return span(line, start, "hash");
}

/** @returns the last announced answer; "negated" where it is announced as what it is not */
export function announced(text: string): Announced | "negated" | undefined {
  const lower = text.toLowerCase();
  if (lower.length !== text.length) return undefined;
  const tagged = betweenTags(text, lower);
  let at = lower.length;
  for (let tried = 0; tried < MOST_TRIED; tried++) {
    at = lower.lastIndexOf("answer", at - 1);
    if (at < 0) return undefined;
    if (tagged && at < tagged.end) return tagged;
    const found = announcedAt(text, lower, at + 6);
    if (found === "negated" || (found !== undefined && !isSupposed(lower, at))) return found;
    if (at === 0) return undefined;
  }
  return undefined;
}

/** <answer>73</answer>, the last of them. */
function betweenTags(text: string, lower: string): Announced | undefined {
  const close = lower.lastIndexOf("</answer>");
  const open = close < 0 ? -1 : lower.lastIndexOf("<answer>", close);
  if (open < 0 || close - open > LONGEST) return undefined;
  const inside = text.slice(open + 8, close);
  const said = /answer/i.test(inside) ? announced(inside) : undefined;
  if (said === "negated") return undefined;
  const found = said ? { ...said, start: said.start + open + 8 } : span(inside, open + 8, "anchor");
  return found.text === "" ? undefined : { ...found, end: close + 9 };
}

/** "Suppose the answer is 5" announces nothing. */
const isSupposed = (lower: string, at: number): boolean =>
  /\b(?:suppose|assume|assuming|imagine|if|whether|say)\b[^.!?\n]*$/.test(
    lower.slice(Math.max(0, at - 50), at),
  );

/** "That is wrong", "but this cannot be": said of the announcement before it. */
const isTakenBack = (after: string): boolean =>
  /^[\s.,;!$*]*(?:(?:but|no|wait|hmm|however|actually)\b[\s,.…]*)*(?:that|this|it|which)(?:\s+(?:is|was|must be|seems|looks)|'s)\s+(?:wrong|incorrect|not\b|false|a mistake|impossible)/i.test(
    after.slice(0, 80),
  );

function announcedAt(text: string, lower: string, from: number): Announced | "negated" | undefined {
  const ahead = lower.slice(from, from + WINDOW);
  const paragraph = ahead.split("\n\n", 1)[0]!;
  // "answers", "answer is", "answer:", "**Answer**:", "answer to the question is"
  const linked =
    (isHeading(lower, from) ? /^[*_\s:]*\n+/.exec(ahead) : null) ??
    /^(?:s)?[*_\s"')]*(?::|=|[—–]|-(?=\s)|\bis\b|\bare\b|\bwould be\b|\bmust be\b|\bshould be\b)/.exec(
      paragraph,
    ) ??
    laterLink(paragraph);
  if (!linked) return undefined;
  const link = linked.index + linked[0].length;
  if (/\b(?:not|isn't|never)\b/.test(paragraph.slice(0, link))) return "negated";
  const start = skip(text, from + link);
  if (/^(?:not\b|isn't\b|neither\b|\$?\\n(?:e|eq|ot)\b)/i.test(text.slice(start, start + 12)))
    return "negated";
  const end = answerEnd(text, start);
  if (isTakenBack(text.slice(end))) return "negated";
  // "Final Answer: the largest n is 34" says it after its own "is"
  const inner = innerLink(text.slice(start, end));
  if (inner !== undefined && /\bnot\b/.test(text.slice(start, start + inner))) return "negated";
  const begin = inner === undefined ? start : skip(text, start + inner);
  return begin < end ? span(text.slice(begin, end), begin, "anchor") : undefined;
}

/** Whether "answer" ends a heading: ### Final Answer. */
function isHeading(lower: string, from: number): boolean {
  const line = lower
    .slice(Math.max(0, from - 60), from)
    .split("\n")
    .at(-1)!;
  return /^\s*(?:[✅*]*\s*)?(?:#{1,6}|\*\*)\s*[✅*]*\s*(?:final )?answer$/u.test(line);
}

/** The first link in the window, in the same sentence. */
function laterLink(paragraph: string): RegExpExecArray | undefined {
  const sentence = paragraph.split(/[.!?]\s/, 1)[0]!;
  return /\b(?:is|are|would be|should be|must be)\b:?|[:=]/.exec(sentence) ?? undefined;
}

/** Where a sentence such as "the largest $n$ is 34" begins to say its value; undefined where it starts with it. */
function innerLink(sentence: string): number | undefined {
  if (!/^(?:the|so|thus|therefore|hence|there|we|this|it)\b/i.test(sentence)) return undefined;
  const at = Math.max(
    sentence.lastIndexOf(" is "),
    sentence.lastIndexOf(" are "),
    sentence.lastIndexOf(" is: "),
  );
  return at < 0 ? undefined : sentence.indexOf(" ", at + 1) + 1;
}

function skip(text: string, from: number): number {
  let i = from;
  while (i < text.length && i < from + 60 && /[\s*:_"'“—–]/.test(text[i]!)) i++;
  return (
    i +
    (/^(?:therefore|thus|then|simply|just|exactly|indeed|equal to)\b[\s,:]*/i.exec(text.slice(i, i + 40))?.[0]
      .length ?? 0)
  );
}

const enders =
  /,?\s+(?:because|since|as|which|where|so|but|not|when|i hope|however|and (?:we|that|this|it|so|i|thus)|q\.e\.d)\b|<\||<\/|\[end\]|\*\*|\.\s*i hope\b/i;

/** The end of the answer that starts here: of its mathematics, or of its sentence. */
function answerEnd(text: string, start: number): number {
  const parts = joinedEnvironments(text, start);
  if (parts !== undefined) return parts;
  const line = text.slice(start, start + LONGEST).split("\n", 1)[0]!;
  const sentence = sentenceEnd(line);
  const cut = line.slice(0, sentence).search(enders);
  return start + (cut >= 0 ? cut : sentence);
}

/** The end of `$a$ and $b$`; undefined where no mathematics starts here. */
function joinedEnvironments(text: string, start: number): number | undefined {
  let end: number | undefined;
  let at = start;
  for (;;) {
    const environment = environmentAt(text, at);
    if (!environment) return end;
    end = environment.end;
    const gap = /^(?:\s*(?:,|;|\bor\b|\band\b)\s*){1,2}/.exec(text.slice(end, end + 20));
    if (!gap) return end + trailing(text.slice(end, end + 20));
    at = end + gap[0].length;
  }
}

/** A percent sign, a degree sign or a word such as million after the mathematics belongs to it. */
export function trailing(after: string): number {
  return (
    /^\s*(?:\\?%|percent\b|pct\b|(?:hundred|thousand|million|billion|trillion|dozen|squared|cubed)\b|\^\s*\{?\\circ\}?|°)/i.exec(
      after,
    )?.[0].length ?? 0
  );
}

/** The place of the first full stop that ends a sentence: none inside mathematics or a number. */
function sentenceEnd(line: string): number {
  let depth = 0;
  let dollars = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    if (char === "{" || char === "(" || char === "[") depth++;
    else if (char === "}" || char === ")" || char === "]") depth--;
    else if (char === "$" && line[i - 1] !== "\\") dollars = !dollars;
    else if ((char === "." || char === "!" || char === "?") && depth <= 0 && !dollars) {
      const isEnd =
        char === "."
          ? i + 1 >= line.length || /\s/.test(line[i + 1]!)
          : /^[!?]\s+[A-Z]/.test(line.slice(i, i + 4));
      if (isEnd) return i;
    }
  }
  return line.length;
}

function span(text: string, start: number, via: "hash" | "anchor"): Announced {
  const left = text.length - text.trimStart().length;
  const trimmed = text.trim().replace(/(?:__|\*\*)+$/, "");
  return { text: trimmed, start: start + left, end: start + left + trimmed.length, via };
}
