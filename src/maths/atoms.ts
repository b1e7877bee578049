/**
 * Atoms: numbers, names, brackets, and what may be hung on them (subscripts, primes, !, %, °).
 */
import { command, endsCommand, namedFunction } from "./commands.ts";
import { pieces } from "./letters.ts";
import { type Bracket, call, divide, type Node, negate, number, product, sum, symbol } from "./node.ts";
import { isCurrency } from "./quantity-words.ts";
import type { Reader } from "./reader.ts";
import { isUnitWord } from "./units.ts";

const openers = new Set(["(", "[", "{", "\\{", "⟨"]);

/** Whether the next token can begin a factor without an operator before it. */
export function beginsAtom(reader: Reader): boolean {
  const token = reader.peek();
  if (token === undefined) return false;
  if (token.kind === "command") return !endsCommand(token.text);
  if (token.kind !== "mark") return true;
  return (
    openers.has(token.text) ||
    isCurrency(token.text) ||
    (reader.bars === 0 && (token.text === "|" || token.text === "‖"))
  );
}

export function atom(reader: Reader): Node {
  return reader.nested(() => {
    const before = reader.peek(-1);
    const token = reader.next();
    switch (token.kind) {
      case "number":
        return number(token.value, token.decimal);
      case "text":
        return { kind: "text", words: token.text };
      case "command":
        return command(reader, token.text);
      case "letters": {
        const after = reader.peek();
        const ends =
          after === undefined ||
          (after.kind === "mark" && !"([{_".includes(after.text)) ||
          after.kind === "letters";
        if (before?.kind === "number" && isUnitWord(token.text) && ends)
          return { kind: "text", words: token.text };
        return letters(reader, token.text);
      }
      case "mark":
        return bracketed(reader, token.text);
      default:
        return token satisfies never;
    }
  });
}

function letters(reader: Reader, run: string): Node {
  const [first, second] = pieces(run);
  if (first!.kind === "function") {
    if (second?.kind === "letters") splitLetters(reader, run.slice(0, -second.text.length), second.text);
    return namedFunction(reader, first!.name);
  }
  if (first!.kind === "word") {
    // a triangle, a segment, an order of finishing: its letters do not commute
    if (/^[A-Z]+$/.test(run)) return symbol(run);
    if (run === "pi") return { kind: "constant", name: "pi" };
    if (run === "inf" || run === "infinity") return { kind: "constant", name: "infinity" };
    return /^[a-z]+$/.test(run) && run.length > 2 && isGreek(run)
      ? symbol(run)
      : { kind: "text", words: run };
  }
  // one letter at a time, so that a power or a subscript binds only the last one
  if (run.length > 1) splitLetters(reader, run[0]!, run.slice(1));
  const letter = run[0]!;
  if (reader.isMark("_")) return symbol(letter);
  if (letter === "e" || letter === "i") return { kind: "constant", name: letter };
  return applied(reader, letter) ?? symbol(letter);
}

const greek = new Set("theta alpha beta gamma delta lambda mu sigma omega phi rho tau epsilon".split(" "));
const isGreek = (run: string): boolean => greek.has(run);

/** Leaves `rest` of the run of letters just taken as the next token. */
function splitLetters(reader: Reader, first: string, rest: string): void {
  const token = (text: string) => ({ kind: "letters", text, spaced: false }) as const;
  reader.split(token(first), token(rest));
}

/**
 * f(x): always for the usual names of functions, for any name where the argument is a plain number (I(0)
 * is not 0), for some where it is a plain name.
 */
function applied(reader: Reader, name: string): Node | undefined {
  if (!reader.isMark("(")) return undefined;
  const always = /^[fghFGH]('*|_.*)$/.test(name);
  const often = /^[PQWRTSpquvy]('*|_.*)$/.test(name);
  const start = reader.at;
  const inner = reader.peek(1);
  const after = reader.peek(2);
  const ofNumber = inner?.kind === "number" && after?.kind === "mark" && after.text === ")";
  if (!always && !often && !ofNumber && !/^[A-Z]/.test(name)) return undefined;
  const argument = atom(reader);
  const args = argument.kind === "tuple" ? argument.items : [argument];
  if (args.length === 2 && name === "C" && args.every((arg) => arg.kind === "number"))
    return call("binomial", ...args);
  // the point A(2, 3)
  if (!always && args.length > 1 && /^[A-Z]/.test(name) && args.some((arg) => arg.kind !== "symbol"))
    return argument;
  if (always || ofNumber || args.every((arg) => arg.kind === "symbol")) return call(`fn:${name}`, ...args);
  reader.rewind(start);
  return undefined;
}

function bracketed(reader: Reader, mark: string): Node {
  switch (mark) {
    case "(":
    case "[":
    case "⟨":
      return tupleOrGroup(reader, mark);
    case "{":
      return group(reader);
    case "\\{":
      return set(reader);
    case "|":
    case "‖": {
      reader.bars++;
      const inner = reader.grammar.expression(reader);
      reader.expect(mark);
      reader.bars--;
      return call("abs", inner);
    }
    default:
      return isCurrency(mark) ? money(reader, mark) : reader.fail();
  }
}

/** $12, and −12 as $-12. */
function money(reader: Reader, unit: string): Node {
  const isLoss = reader.take("-");
  const amount = suffixes(reader, atom(reader));
  return { kind: "quantity", value: isLoss ? negate(amount, reader.fuel) : amount, unit };
}

/** Reads with bars of its own: those of an absolute value around the brackets do not close inside them. */
function inside<T>(reader: Reader, bars: number, read: () => T): T {
  const outer = reader.bars;
  reader.bars = bars;
  const result = read();
  reader.bars = outer;
  return result;
}

function tupleOrGroup(reader: Reader, open: Bracket): Node {
  const content = inside(reader, 0, () => choose(reader, reader.grammar.items(reader)));
  const closing = reader.next();
  if (closing.kind !== "mark" || !(open === "⟨" ? ["⟩"] : [")", "]"]).includes(closing.text))
    return reader.fail();
  const close = closing.text as Bracket;
  // only an interval, which has two ends, may open with one bracket and close with the other
  const isPair = content.kind === "list" && content.items.length === 2;
  if (open !== "⟨" && (open === "(") !== (close === ")") && !isPair) return reader.fail();
  if (content.kind !== "list") return content;
  return content.items.length === 0 ? reader.fail() : { kind: "tuple", open, close, items: content.items };
}

/** The content of plain braces; several items make a list. */
function group(reader: Reader): Node {
  if (reader.take("}")) return atom(reader);
  const content = inside(reader, 0, () => choose(reader, reader.grammar.items(reader)));
  reader.expect("}", "\\}");
  return content.kind === "list" && content.items.length === 0 ? reader.fail() : content;
}

/** {n \choose k} and {a \over b}. */
function choose(reader: Reader, content: Node): Node {
  if (reader.isCommand("choose")) {
    reader.next();
    return call("binomial", content, reader.grammar.expression(reader));
  }
  if (reader.isCommand("over")) {
    reader.next();
    return divide(content, reader.grammar.expression(reader), reader.fuel);
  }
  return content;
}

/** \{…\}: elements, or the condition of \{x : x > 2\} and \{x | x > 2\}. */
function set(reader: Reader): Node {
  const content = inside(reader, 1, () => reader.grammar.items(reader));
  if (reader.take("|")) {
    const condition = inside(reader, 0, () => reader.grammar.items(reader));
    reader.expect("\\}", "}");
    return condition.kind === "relation" ? condition : reader.fail();
  }
  reader.expect("\\}", "}");
  if (
    content.kind === "relation" &&
    content.parts[0]!.kind === "ratio" &&
    content.parts[0]!.parts.length === 2
  ) {
    return { ...content, parts: [content.parts[0]!.parts[1]!, ...content.parts.slice(1)] };
  }
  return { kind: "set", items: content.kind === "list" ? content.items : [content] };
}

/** What is hung on an atom: !, %, °, ', _x. */
export function suffixes(reader: Reader, base: Node): Node {
  let node = base;
  for (;;) {
    reader.fuel.spend();
    if (reader.isMark("!")) {
      reader.next();
      node = call(reader.take("!") ? "factorial2" : "factorial", node);
    } else if (reader.take("%")) node = { kind: "percent", of: node };
    else if (reader.take("°")) node = { kind: "degrees", of: node };
    else if (node.kind === "degrees" && isScale(reader)) {
      node = { kind: "quantity", value: node, unit: reader.next().text };
    } else if (node.kind === "degrees" && isMinutes(reader)) node = withMinutes(reader, node.of);
    else if (reader.isMark("'") && node.kind === "symbol") {
      reader.next();
      node = applied(reader, `${node.name}'`) ?? symbol(`${node.name}'`);
    } else if (reader.take("_")) node = subscripted(reader, node);
    else return node;
  }
}

/** 30′ after 30°. */
function isMinutes(reader: Reader): boolean {
  const mark = reader.peek(1);
  return reader.peek()?.kind === "number" && mark?.kind === "mark" && mark.text === "'";
}

/** Degrees with the minutes and seconds after them. */
function withMinutes(reader: Reader, degrees: Node): Node {
  const terms = [degrees];
  for (const share of [60n, 3600n]) {
    const amount = reader.peek();
    if (amount?.kind !== "number" || !isMinutes(reader)) break;
    reader.next();
    reader.next();
    if (share === 3600n) reader.take("'");
    terms.push(product([number(amount.value, amount.decimal), number({ n: 1n, d: share })], reader.fuel));
  }
  return { kind: "degrees", of: sum(terms, reader.fuel) };
}

function isScale(reader: Reader): boolean {
  const token = reader.peek();
  return token?.kind === "letters" && (token.text === "C" || token.text === "F");
}

function subscripted(reader: Reader, node: Node): Node {
  const written = reader.at;
  const index = subscript(reader);
  if (node.kind === "symbol")
    return applied(reader, `${node.name}_${index}`) ?? symbol(`${node.name}_${index}`);
  const plain = node.kind === "number" && node.value.d === 1n && !node.decimal;
  if (plain) {
    // the digits as written, since a leading zero is one of them
    const token = reader.peek(written - reader.at - 2);
    const digits = token?.kind === "number" ? token.text.replace(/\D/g, "") : String(node.value.n);
    const base = index.toLowerCase();
    return base === "10" || base === "ten"
      ? node
      : { kind: "base", digits: digits.replace(/^0+(?=.)/, ""), base };
  }
  if (node.kind === "product" || node.kind === "constant") return reader.fail();
  return call("sub", node, symbol(index));
}

/** A subscript as a string without spaces: `{1}`, `1` and `{ 1 }` are one. */
function subscript(reader: Reader): string {
  const token = reader.next();
  if (token.kind !== "mark") {
    if (token.kind !== "letters" || token.text.length === 1) return token.text;
    splitLetters(reader, token.text[0]!, token.text.slice(1));
    return token.text[0]!;
  }
  if (token.text !== "{") return reader.fail();
  let text = "";
  for (let depth = 1; ; ) {
    const inner = reader.next();
    if (inner.kind === "mark" && inner.text === "{") depth++;
    else if (inner.kind === "mark" && inner.text === "}" && --depth === 0)
      return text.toLowerCase() === "ten" ? "10" : text;
    else text += inner.text;
  }
}
