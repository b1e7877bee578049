/**
 * Names of quantities before "=": P(A ∪ B), |A ∪ B|, Var(X), f⁻¹(3), dy/dx, ∫f, N mod 7, "Area of ABC".
 *
 * Told by their tokens, since most of them are not expressions. Never a name: what can be solved for (2x, x(x+1),
 * x²), and what holds no letter and so can be computed.
 */
import type { Reader } from "./reader.ts";
import type { Token } from "./tokens.ts";

/** Operators that name something of what follows them. */
const operators = new Set(
  "max min sup inf deg dim det rank tr ord card gcd lcm Pr Var Cov Corr Area area Vol vol perimeter Tr Res lim limsup liminf".split(
    " ",
  ),
);
const big = new Set("sum prod int iint iiint oint lim".split(" "));
const functionsOfSets = /^[A-Za-z]$/;
const separators = new Set([
  ",",
  ";",
  "and",
  "or",
  "\\\\",
  "<",
  ">",
  "<=",
  ">=",
  "!=",
  "~",
  "≡",
  "∈",
  ":",
  "∪",
  "∩",
]);
const openers = new Set(["(", "[", "{", "\\{"]);
const closers = new Set([")", "]", "}", "\\}"]);
/** Words that begin a condition or a remark, no name. */
const notNames = /^(?:if|when|where|for|let|not|or|and|no|neither|unless|suppose|otherwise)\b/i;
const LONGEST = 60;

/** Takes the name that begins here, with a "=" behind it. @returns it as one word, or undefined with nothing taken */
export function quantityName(reader: Reader): string | undefined {
  const tokens: Token[] = [];
  const flat: Token[] = [];
  let depth = 0;
  let isSubscript = false;
  for (let i = 0; ; i++) {
    const token = reader.peek(i);
    if (token === undefined || i > LONGEST) return undefined;
    const mark = token.kind === "mark" ? token.text : "";
    if (mark === "=" && depth === 0) break;
    if (openers.has(mark)) depth++;
    if (closers.has(mark)) depth--;
    const isBarred = reader.peek()?.text === "|" || reader.peek()?.text === "‖";
    if (depth === 0 && separators.has(mark) && !isBarred) return undefined;
    if (depth === 0 && !closers.has(mark) && !isSubscript) flat.push(token);
    isSubscript = mark === "_" || mark === "^";
    tokens.push(token);
  }
  if (tokens.length < 2 || !isName(tokens, flat)) return undefined;
  reader.fuel.spend(tokens.length);
  for (let i = tokens.length; i > 0; i--) reader.next();
  return tokens.map((token) => token.text).join(" ");
}

function isName(tokens: readonly Token[], flat: readonly Token[]): boolean {
  const [first, second] = [tokens[0]!, tokens[1]!];
  const isMark = (token: Token | undefined, ...texts: string[]): boolean =>
    token?.kind === "mark" && texts.includes(token.text);
  const isOperator =
    (first.kind === "letters" || first.kind === "command" || first.kind === "text") &&
    operators.has(first.text);
  const holdsLetters = tokens.slice(1).some((token) => token.kind === "letters" || token.kind === "text");
  if (isMark(first, "#")) return true;
  if (first.kind === "command" && big.has(first.text)) return holdsLetters;
  if (first.kind === "command" && first.text === "frac") return isDerivative(tokens);
  if (flat.some((token) => token.kind === "command" && /^(?:b|p)?mod$/.test(token.text)))
    return holdsLetters || first.kind === "letters";
  // a sum or a product of names is an equation to be solved
  if (flat.some((token) => isMark(token, "+", "-", "*", "/"))) return false;
  if (isOperator) return holdsLetters;
  if (first.kind === "text")
    return first.text.length > 1 && !notNames.test(first.text) && flat.every((t) => t.kind !== "number");
  if (isMark(first, "|", "‖"))
    return isMark(tokens.at(-1), "|", "‖") && tokens.some((t) => isMark(t, "∪", "∩", "∖"));
  if (isMark(first, "(")) return tokens.some((t) => t.kind === "command" && t.text === "circ");
  if (!isMark(tokens.at(-1), ")", "]", "\\}")) return false;
  return isApplied(tokens, first, second);
}

/** P(A | B), n(A ∩ B), f^{-1}(3), φ(n), 𝔼[X]: one name, its scripts, one bracket up to the end. */
function isApplied(tokens: readonly Token[], first: Token, second: Token): boolean {
  const isFunction = first.kind === "letters" && functionsOfSets.test(first.text);
  if (!isFunction && first.kind !== "command") return false;
  if (
    first.kind === "command" &&
    /^(?:frac|sqrt|sin|cos|tan|cot|sec|csc|ln|log|exp|binom|pi|infty)$/.test(first.text)
  )
    return false;
  let at = 1;
  const isScripted =
    second.kind === "mark" && (second.text === "^" || second.text === "_" || second.text === "'");
  while (tokens[at]?.kind === "mark" && "^_'{".includes(tokens[at]!.text)) {
    if (tokens[at]!.text === "{") while (tokens[at] && tokens[at]!.text !== "}") at++;
    at++;
    if (tokens[at - 1]?.text !== "}" && tokens[at - 1]?.text !== "'" && !openers.has(tokens[at]?.text ?? ""))
      at++;
  }
  if (!tokens[at] || !["(", "[", "\\{"].includes(tokens[at]!.text)) return false;
  const inside = tokens.slice(at + 1, -1);
  const isPlain = inside.length === 1 && inside[0]!.kind !== "mark";
  const isOfSets = inside.some(
    (t) =>
      t.kind === "text" ||
      (t.kind === "mark" && ["∪", "∩", "∖", "|", "=", "<", ">", "<=", ">=", "!=", "∈"].includes(t.text)),
  );
  const isExpected = tokens[at].text === "[" && /^(?:[EPV]|mathbb|Pr)$/.test(first.text);
  return (
    isOfSets ||
    isExpected ||
    (isPlain && (isScripted || first.kind === "command") && !/^[a-eijk-oq-z]$/.test(first.text))
  );
}

/** dy/dx, d/dx f, ∂f/∂x, also at a point. */
function isDerivative(tokens: readonly Token[]): boolean {
  const top = tokens[2];
  const close = tokens.findIndex((token) => token.text === "}");
  const bottom = tokens[close + 2];
  const isD = (token: Token | undefined): boolean =>
    (token?.kind === "letters" && /^d[a-zA-Z]?$/.test(token.text)) ||
    (token?.kind === "command" && token.text === "partial");
  return isD(top) && isD(bottom);
}
