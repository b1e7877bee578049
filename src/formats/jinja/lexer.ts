/**
 * A template's source → its tokens, as Jinja2's lexer cuts it with trim_blocks and lstrip_blocks.
 *
 * Text outside of tags is `data`, white space already taken off where a tag asks for it.
 */
import { JinjaError } from "./jinja-error.ts";
import { SPACES } from "./python-text.ts";

export interface Token {
  readonly type:
    | "data"
    | "open"
    | "close"
    | "print"
    | "printed"
    | "name"
    | "text"
    | "integer"
    | "float"
    | "operator"
    | "end";
  /** The text of a string or of data, else as it is written. */
  readonly value: string;
  readonly line: number;
}

const rawOpening = new RegExp(`\\{%([-+]?)[${SPACES}]*raw[${SPACES}]*(?:-%\\}[${SPACES}]*|%\\})`, "y");
const rawEnd = new RegExp(
  `\\{%([-+]?)[${SPACES}]*endraw[${SPACES}]*(?:\\+%\\}|-%\\}[${SPACES}]*|%\\}\\n?)`,
  "g",
);
const commentEnd = new RegExp(`\\+#\\}|-#\\}[${SPACES}]*|#\\}\\n?`, "g");
const blockEnd = new RegExp(`\\+%\\}|-%\\}[${SPACES}]*|%\\}\\n?`, "y");
const printEnd = new RegExp(`-\\}\\}[${SPACES}]*|\\}\\}`, "y");
const space = new RegExp(`[${SPACES}]+`, "y");
const float = /(?<!\.)(\d+_)*\d+((\.(\d+_)*\d+)?e[+-]?(\d+_)*\d+|\.(\d+_)*\d+)/iy;
const integer = /0b(_?[01])+|0o(_?[0-7])+|0x(_?[\da-f])+|[1-9](_?\d)*|0(_?0)*/iy;
const name = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const string = /'([^'\\]*(?:\\.[^'\\]*)*)'|"([^"\\]*(?:\\.[^"\\]*)*)"/sy;
const operator = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;
const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const blankLine = new RegExp(`^[${SPACES}]+$`);
const trailing = new RegExp(`[${SPACES}]+$`);

/** @throws JinjaError naming the line */
export function tokenize(given: string): Token[] {
  const source = given.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let counted = 0;
  let lineStarting = true;

  const lineAt = (place: number): number => {
    for (; counted < place; counted++) if (source[counted] === "\n") line++;
    return line;
  };
  const add = (type: Token["type"], value: string) => tokens.push({ type, value, line: lineAt(at) });
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  /** The text before a tag, without the white space that the tag takes off. */
  const data = (text: string, sign: string, isPrint: boolean) => {
    let kept = text;
    if (sign === "-") kept = text.replace(trailing, "");
    else if (sign !== "+" && !isPrint) {
      const start = text.lastIndexOf("\n") + 1;
      if ((start > 0 || lineStarting) && blankLine.test(text.slice(start))) kept = text.slice(0, start);
    }
    if (kept !== "") add("data", kept);
  };
  const moveTo = (place: number) => {
    if (place > at) lineStarting = source[place - 1] === "\n";
    at = place;
  };

  while (at < source.length) {
    const tag = /\{[%{#]/g;
    tag.lastIndex = at;
    const opening = tag.exec(source);
    if (opening === null) {
      add("data", source.slice(at));
      break;
    }
    const before = source.slice(at, opening.index);
    const isPrint = opening[0] === "{{";
    const signed = source[opening.index + 2] ?? "";
    const sign = signed === "-" || signed === "+" ? signed : "";
    data(before, sign, isPrint);
    at = opening.index;
    const raw = match(rawOpening);
    if (raw !== null) {
      moveTo(at + raw[0].length);
      const end = match(rawEnd);
      if (end === null) throw new JinjaError("{% raw %} without {% endraw %}", lineAt(at));
      data(source.slice(at, end.index), end[1]!, false);
      moveTo(end.index + end[0].length);
    } else if (opening[0] === "{#") {
      moveTo(at + 2 + sign.length);
      const end = match(commentEnd);
      if (end === null) throw new JinjaError("a comment {# without its end #}", lineAt(at));
      moveTo(end.index + end[0].length);
    } else {
      add(isPrint ? "print" : "open", opening[0]);
      moveTo(at + 2 + sign.length);
      insideTag(isPrint);
    }
  }
  at = source.length;
  add("end", "");
  return tokens;

  function insideTag(isPrint: boolean): void {
    const open: string[] = [];
    const take = (type: Token["type"], found: RegExpExecArray, value = found[0]) => {
      add(type, value);
      moveTo(at + found[0].length);
    };
    for (;;) {
      const end = open.length === 0 ? match(isPrint ? printEnd : blockEnd) : null;
      if (end !== null) {
        take(isPrint ? "printed" : "close", end);
        return;
      }
      let found = match(space);
      if (found !== null) moveTo(at + found[0].length);
      else if ((found = match(float))) take("float", found, found[0].replaceAll("_", ""));
      else if ((found = match(integer))) take("integer", found, found[0].replaceAll("_", ""));
      else if ((found = match(name))) take("name", found);
      else if ((found = match(string))) take("text", found, unescaped(found[1] ?? found[2]!, lineAt(at)));
      else if ((found = match(operator))) {
        const sign = found[0];
        if (Object.hasOwn(closing, sign)) open.push(closing[sign]!);
        else if (")]}".includes(sign)) {
          const expected = open.pop();
          if (expected !== sign)
            throw new JinjaError(`expected ${expected ?? "no bracket"}, got ${sign}`, lineAt(at));
        }
        take("operator", found);
      } else {
        const got = at < source.length ? JSON.stringify(source[at]) : "the end of the template";
        throw new JinjaError(`expected an expression or the end of the tag, got ${got}`, lineAt(at));
      }
    }
  }
}

const escapes: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** A string's text, escapes read as Python reads them: those that it does not know stay as they are. */
function unescaped(text: string, line: number): string {
  const pattern = /\\(x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8}|[0-7]{1,3}|.)/gis;
  return text.replace(pattern, (whole: string, sequence: string) => {
    const kind = sequence[0]!;
    if (Object.hasOwn(escapes, sequence)) return escapes[sequence]!;
    if (/^[0-7]/.test(sequence)) return String.fromCodePoint(Number.parseInt(sequence, 8));
    if (!"xuUN".includes(kind)) return whole;
    const code = Number.parseInt(sequence.slice(1), 16);
    if (sequence.length === 1 || !(code <= 0x10ffff))
      throw new JinjaError(`expected an escape such as \\x41 or \\u0041, got ${whole}`, line);
    return String.fromCodePoint(code);
  });
}
