/**
 * What a model wrote, as lines of the screen: whole or cut, and harmless to the terminal.
 */
import { wrap } from "./columns.ts";
import { printable } from "./terminal.ts";

/** Where the text of an answer begins, in columns. */
const margin = 8;

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
    .flatMap((line) => broke(line, room - margin));
  const shown = whole ? broken : broken.slice(0, most);
  if (shown.length < broken.length) shown[most - 1] = `${shown[most - 1]!.slice(0, room - margin - 2)} …`;
  const lines = shown.map((line, i) => `${(i === 0 ? name : "").padEnd(margin)}${line}`.trimEnd());
  if (because === undefined || because === "") return lines;
  const reason = `(${printable(because).replace(/\s+/g, " ")})`;
  return [...lines, ...wrap(whole ? reason : short(reason, 2 * (room - margin)), room, margin).split("\n")];
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

function short(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 2)} …`;
}
