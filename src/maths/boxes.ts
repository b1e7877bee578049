/**
 * Boxes: where a text says `\boxed{…}` or `\fbox{…}`.
 *
 * One scan with a stack of braces, so a text of nothing but openers costs no more than any other.
 */
export interface Box {
  /** Offset of the backslash. */
  readonly start: number;
  /** Offset just past the closing brace. */
  readonly end: number;
  /** Offset of the first character inside. */
  readonly inside: number;
  readonly text: string;
}

export interface Boxes {
  /** Outermost boxes that are closed, in order. */
  readonly closed: readonly Box[];
  /** Whether some box was opened and never closed. */
  readonly unclosed: boolean;
}

const commands = ["\\boxed", "\\fbox"] as const;
const noBoxes: Boxes = { closed: [], unclosed: false };
/** A box without braces (`\boxed 5$`) holds at most this many characters. */
const BARE_LENGTH = 60;

export function boxes(text: string): Boxes {
  if (!commands.some((command) => text.includes(command))) return noBoxes;
  const closed: Box[] = [];
  // where each open brace began: the offset of a box's backslash, or -1 for any other brace
  const open: { readonly start: number; readonly inside: number }[] = [];
  let i = 0;
  while (i < text.length) {
    const char = text.charCodeAt(i);
    if (char === 0x5c) {
      const command = commandAt(text, i);
      if (command === undefined) {
        // the character after a backslash is escaped, unless it is the backslash of a doubled "\\boxed"
        i += commandAt(text, i + 1) ? 1 : 2;
        continue;
      }
      const after = skipSpace(text, i + command.length);
      if (text[after] === "{") {
        open.push({ start: i, inside: after + 1 });
        i = after + 1;
      } else {
        const bare = bareBox(text, i, after);
        if (bare) closed.push(bare);
        i = bare ? bare.end : i + command.length;
      }
      continue;
    }
    if (char === 0x7b) open.push({ start: -1, inside: i + 1 });
    else if (char === 0x7d) {
      const top = open.pop();
      if (top && top.start >= 0) {
        // what lies inside this box is part of it
        while (closed.length > 0 && closed[closed.length - 1]!.start > top.start) closed.pop();
        closed.push({ start: top.start, end: i + 1, inside: top.inside, text: text.slice(top.inside, i) });
      }
    }
    i++;
  }
  return { closed, unclosed: open.some((brace) => brace.start >= 0) };
}

/** The box command that begins here, if its name ends where ours does (`\fboxsep` is another). */
function commandAt(text: string, i: number): string | undefined {
  const command = commands.find((name) => text.startsWith(name, i));
  return command && !/[A-Za-z]/.test(text.charAt(i + command.length)) ? command : undefined;
}

function skipSpace(text: string, from: number): number {
  let i = from;
  while (
    i < text.length &&
    i < from + BARE_LENGTH &&
    (text[i] === " " || text[i] === "\n" || text[i] === "\t")
  )
    i++;
  return i;
}

/** `\boxed 5$` or `\boxed 12.`: up to the closing dollar, else one run without spaces; undefined where nothing follows. */
function bareBox(text: string, start: number, inside: number): Box | undefined {
  const window = text.slice(inside, inside + BARE_LENGTH);
  const line = window.split("\n", 1)[0]!;
  const dollar = line.indexOf("$");
  const run = dollar >= 0 ? line.slice(0, dollar) : /^[^\s]*/.exec(line)![0].replace(/[.,;:]$/, "");
  return run.trim() === "" ? undefined : { start, end: inside + run.length, inside, text: run };
}
