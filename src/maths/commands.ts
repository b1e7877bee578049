/**
 * Commands and the arguments they take: fractions, roots, binomials, functions, matrices, sums.
 *
 * An unknown command is a symbol of that name, so Greek letters and rare operators need no list.
 */
import { functions, inverses } from "./letters.ts";
import { call, divide, type Node, negate, number, product, raise, symbol } from "./node.ts";
import type { Reader } from "./reader.ts";

const enders = new Set(
  "rfloor rceil end choose over bmod mod pmod not circ to rightarrow Rightarrow implies iff".split(" "),
);
const accents = new Set(
  "overline bar hat tilde dot ddot widehat widetilde overrightarrow mathcal mathbb mathfrak mathscr overleftrightarrow".split(
    " ",
  ),
);
const big = new Set("sum prod int iint iiint oint lim limsup liminf sup inf bigcap".split(" "));
const matrices = new Set(
  "pmatrix bmatrix Bmatrix matrix smallmatrix array vmatrix psmallmatrix bsmallmatrix".split(" "),
);
const half: Node = number({ n: 1n, d: 2n });

/** Commands no factor begins with. */
export const endsCommand = (name: string): boolean => enders.has(name);

/** Reads what the command `name`, just taken, stands for. */
export function command(reader: Reader, name: string): Node {
  if (enders.has(name)) return reader.fail();
  if (accents.has(name)) return accented(reader, name);
  if (big.has(name)) return bigOperator(reader, name);
  const known = functions.get(name);
  if (known !== undefined && name !== "sqrt") return namedFunction(reader, known);
  switch (name) {
    case "frac": {
      const top = argument(reader);
      return divide(top, argument(reader), reader.fuel);
    }
    case "sqrt": {
      const degree = reader.take("[") ? reader.grammar.expression(reader) : undefined;
      if (degree) reader.expect("]");
      const of = argument(reader);
      return degree ? call("root", of, degree) : raise(of, half);
    }
    case "binom":
    case "dbinom":
    case "tbinom": {
      const n = argument(reader);
      return call("binomial", n, argument(reader));
    }
    case "lfloor":
    case "lceil": {
      const inner = reader.grammar.expression(reader);
      if (!reader.isCommand(name === "lfloor" ? "rfloor" : "rceil")) return reader.fail();
      reader.next();
      return call(name === "lfloor" ? "floor" : "ceil", inner);
    }
    case "begin":
      return environment(reader);
    case "infty":
      return { kind: "constant", name: "infinity" };
    case "pi":
      return { kind: "constant", name: "pi" };
    case "emptyset":
    case "varnothing":
      return { kind: "set", items: [] };
    case "angle":
    case "triangle":
    case "measuredangle":
      return namedFigure(reader, name);
    default:
      return symbol(name === "varepsilon" ? "epsilon" : name === "varphi" ? "phi" : name);
  }
}

/** The argument of a command: a group, one digit of a number, one letter of a run, or an atom. */
function argument(reader: Reader): Node {
  const token = reader.peek();
  if (token?.kind === "number" && token.text.length > 1 && /^\d+$/.test(token.text)) {
    reader.next();
    const digit = (text: string) => ({ ...token, text, value: { n: BigInt(text), d: 1n } });
    reader.split(digit(token.text[0]!), digit(token.text.slice(1)));
    return number({ n: BigInt(token.text[0]!), d: 1n });
  }
  return reader.grammar.atom(reader);
}

/** sin x, \sin^2 (x), \log_2 8, max(3, 4): the function just read and what it acts on. */
export function namedFunction(reader: Reader, name: string): Node {
  if (name === "sqrt") return raise(reader.grammar.atom(reader), half);
  let power: Node | undefined;
  let base: Node | undefined;
  for (;;) {
    if (reader.take("^"))
      power = reader.take("-")
        ? negate(reader.grammar.atom(reader), reader.fuel)
        : reader.grammar.atom(reader);
    else if (reader.take("_")) base = argument(reader);
    else break;
  }
  const inverse = power?.kind === "number" && power.value.n === -1n ? inverses[name] : undefined;
  const args = functionArguments(reader);
  if (name === "exp" && args.length === 1)
    return powered(raise({ kind: "constant", name: "e" }, args[0]!), power);
  const node = call(inverse ?? name, ...args, ...(base ? [base] : []));
  return inverse ? node : powered(node, power);
}

const powered = (node: Node, power: Node | undefined): Node => (power ? raise(node, power) : node);

/** Bracketed arguments, or the factors that follow up to an operator, a bracket or another function. */
function functionArguments(reader: Reader): readonly Node[] {
  if (reader.isMark("(", "[", "{", "\\{")) {
    const argument = reader.grammar.atom(reader);
    return argument.kind === "tuple" || argument.kind === "set" || argument.kind === "list"
      ? argument.items
      : [argument];
  }
  const factors = [reader.grammar.factor(reader)];
  while (continuesArgument(reader)) factors.push(reader.grammar.factor(reader));
  return [product(factors, reader.fuel)];
}

function continuesArgument(reader: Reader): boolean {
  const token = reader.peek();
  if (token?.kind === "letters") {
    const after = reader.peek(1);
    const exponential = token.text === "e" && after?.kind === "mark" && after.text === "^";
    return !functions.has(token.text) && !exponential;
  }
  if (token?.kind !== "command") return false;
  const isPlain =
    !functions.has(token.text) && !enders.has(token.text) && !accents.has(token.text) && !big.has(token.text);
  return isPlain && !["frac", "sqrt", "binom", "begin", "lfloor", "lceil"].includes(token.text);
}

function accented(reader: Reader, name: string): Node {
  const token = reader.peek();
  let text = "";
  if (token?.kind === "mark" && token.text === "{") {
    reader.next();
    for (let depth = 1; ; ) {
      const inner = reader.next();
      if (inner.kind === "mark" && inner.text === "{") depth++;
      if (inner.kind === "mark" && inner.text === "}" && --depth === 0) break;
      text += inner.text;
    }
  } else text = reader.next().text;
  return symbol(`${name === "overline" ? "bar" : name}(${text})`);
}

/** A sum, product, integral or limit stays whole: equal only to the same one. */
function bigOperator(reader: Reader, name: string): Node {
  const limits: Node[] = [];
  for (;;) {
    const sign = reader.take("_") ? "_" : reader.take("^") ? "^" : undefined;
    if (sign === undefined) break;
    limits.push(call(sign, reader.grammar.atom(reader)));
  }
  const body: Node[] = [];
  do body.push(reader.grammar.factor(reader));
  while (continuesArgument(reader) || reader.isMark("(", "{") || reader.isCommand("frac", "sqrt", "binom"));
  return call(`big:${name}`, ...limits, product(body, reader.fuel));
}

/** \angle ABC: one name. */
function namedFigure(reader: Reader, kind: string): Node {
  let name = "";
  for (;;) {
    const token = reader.peek();
    if (token?.kind !== "letters" && !(name !== "" && reader.isMark("_"))) break;
    reader.next();
    if (token?.kind === "letters") name += token.text;
    else {
      const index = reader.next();
      name += `_${index.kind === "mark" && index.text === "{" ? reader.next().text : index.text}`;
      if (index.kind === "mark" && !reader.take("}")) reader.fail();
    }
  }
  return name === "" ? reader.fail() : symbol(`${kind} ${name}`);
}

function environment(reader: Reader): Node {
  const name = environmentName(reader);
  if (!matrices.has(name)) return reader.fail();
  if (name === "array" && reader.take("{")) while (!reader.take("}")) reader.next();
  const rows: Node[][] = [[]];
  for (;;) {
    reader.fuel.spend();
    if (reader.isCommand("end")) break;
    if (reader.take("&")) continue;
    if (reader.take("\\\\")) {
      if (rows.at(-1)!.length > 0) rows.push([]);
      continue;
    }
    rows.at(-1)!.push(reader.grammar.expression(reader));
    // a cell ends at &, at the row's end, or at the matrix's
    if (!reader.isMark("&", "\\\\") && !reader.isCommand("end")) return reader.fail();
  }
  reader.next();
  if (environmentName(reader) !== name) return reader.fail();
  if (rows.at(-1)!.length === 0) rows.pop();
  if (rows.length === 0 || rows.some((row) => row.length !== rows[0]!.length)) return reader.fail();
  const matrix: Node = { kind: "matrix", rows };
  return name === "vmatrix" ? call("det", matrix) : matrix;
}

function environmentName(reader: Reader): string {
  reader.expect("{");
  let name = "";
  while (!reader.take("}")) name += reader.next().text;
  return name;
}
