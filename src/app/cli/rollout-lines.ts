/**
 * What a model wrote, as lines of the screen: whole or cut, and harmless to the terminal.
 */

import { printable } from "../../errors.ts";
import type { ShownAnswer, WrongAnswers } from "../../run/records.ts";
import { wrap } from "./columns.ts";

/** Where the text of an answer begins, in columns. */
const MARGIN = 8;

/**
 * @param name     what the text is, before it: `right`, `wrong`, `asked`
 * @param because  the verdict's reason
 * @param whole    otherwise cut to `most` lines
 */
export function answerLines(
  name: string,
  text: string,
  because: string | undefined,
  width: number,
  whole: boolean,
  most = 6,
): string[] {
  const room = whole ? width : Math.min(width, 120);
  const broken = printable(text.trim())
    .replaceAll("\t", "  ")
    .split("\n")
    .flatMap((line) => broke(line, room - MARGIN));
  const shown = whole ? broken : broken.slice(0, most);
  if (shown.length < broken.length) shown[most - 1] = `${shown[most - 1]!.slice(0, room - MARGIN - 2)} …`;
  const lines = shown.map((line, i) => `${(i === 0 ? name : "").padEnd(MARGIN)}${line}`.trimEnd());
  if (because === undefined || because === "") return lines;
  const reason = `(${printable(because).replace(/\s+/g, " ")})`;
  return [...lines, ...wrap(whole ? reason : short(reason, 2 * (room - MARGIN)), room, MARGIN).split("\n")];
}

/** One answer in two lines at most: what was asked, how the answer begins and ends, and what the verifier said of it. */
export function shownLines(
  { question, reference, text, verdict, because }: ShownAnswer,
  width: number,
): string[] {
  const columns = Math.min(width, 120);
  const room = 2 * (columns - MARGIN) - MARGIN;
  const reason = because ? `${short(flat(because), room / 4)}; ` : "";
  const why = verdict === "right" ? "" : `   (${reason}reference ${short(flat(reference), room / 6)})`;
  const asked = `${short(flat(question), room / 4)} → `;
  const answer = cutMiddle(flat(text), room - asked.length - why.length);
  return answerLines(verdict, `${asked}${answer}${why}`, undefined, columns, false, 2);
}

/** Why all answers of a step are wrong, the commonest reason first. */
export function wrongLines({ answers, reasons }: WrongAnswers, width: number): string[] {
  const told = reasons.map(({ because, count }) => `${count} of ${answers}: ${short(flat(because), 200)}`);
  return wrap(told.join("; "), width, MARGIN).split("\n");
}

function flat(text: string): string {
  return printable(text.trim().replace(/\s+/g, " "));
}

function cutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = Math.floor((most - 3) / 2);
  return `${text.slice(0, head)} … ${text.slice(text.length - (most - 3 - head))}`;
}

/** A line of any text, cut between words where it can be, and at the edge where it cannot. */
function broke(line: string, room: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > room) {
    const space = rest.lastIndexOf(" ", room);
    const at = space > room / 2 ? space : room;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  return [...lines, rest];
}

/** Cut between words, where there are any. */
function short(text: string, most: number): string {
  if (text.length <= most) return text;
  const room = Math.floor(most) - 2;
  const space = text.lastIndexOf(" ", room);
  return `${text.slice(0, space > room / 2 ? space : room)} …`;
}
