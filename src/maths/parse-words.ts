/**
 * Words beside a number: "about 12", "5 million dollars", `12 \frac{\text{m}}{\text{s}}`, "USD 12".
 */
import type { Fuel } from "./fuel.ts";
import { call, type Node, negate, number, product, sum } from "./node.ts";
import { isCurrency, readWords, scaled, unitRatio } from "./quantity-words.ts";
import type { Reader } from "./reader.ts";
import type { Token } from "./tokens.ts";
import { unitOf } from "./units.ts";

/** A value and its words: those that change it carried out, the rest kept beside it. */
export function measured(value: Node, text: string, reader: Reader): Node {
  if (!isUnit(text)) return reader.fail();
  const { value: changed, words } = scaled(value, text, reader.fuel);
  if (words === "") return changed;
  return /^(percent|percentage|pct)$/i.test(words)
    ? { kind: "percent", of: changed }
    : { kind: "quantity", value: changed, unit: words };
}

const harmless = /^(?:about|approximately|approx\.?|roughly|around|nearly|exactly|positive|a total of)$/i;

/** Words before a number: "about 12", "negative 12", "USD 12". @returns what they make of the number */
export function leading(reader: Reader): (value: Node) => Node {
  const [token, after] = [reader.peek(), reader.peek(1)];
  const isWord = token?.kind === "text" || (token?.kind === "letters" && token.text.length > 1);
  if (!isWord || !(after?.kind === "number" || isSign(after))) return (value) => value;
  const isNegative = /^(?:negative|minus)$/i.test(token.text);
  const isMoney = /^[A-Z]{3}$/.test(token.text) && unitOf(token.text) !== undefined;
  reader.next();
  // "at least 12" is no 12, and "less than 0" no 0
  if (!isNegative && !isMoney && !harmless.test(token.text))
    return (value) => call(`said:${token.text}`, value);
  if (isNegative) return (value) => negative(value, reader.fuel);
  return (value) => (isMoney ? { kind: "quantity", value, unit: token.text } : value);
}

const isSign = (token: Token | undefined): boolean =>
  token?.kind === "mark" && (token.text === "-" || isCurrency(token.text));

/** A currency's sign with nothing behind it that it could stand before: 12 €. */
export function isCurrencyAfter(reader: Reader): boolean {
  const [token, after] = [reader.peek(), reader.peek(1)];
  return token?.kind === "mark" && isCurrency(token.text) && after?.kind !== "number" && !isSign(after);
}

/** 3 hours 20 minutes as hours. */
export function together(first: Node, second: Node, reader: Reader): Node {
  if (first.kind !== "quantity" || second.kind !== "quantity") return reader.fail();
  const [a, b] = [readWords(first.unit), readWords(second.unit)];
  const ratio = unitRatio(a, b);
  if (ratio === "clash" || !a.unit || !b.unit || a.rest.size + b.rest.size > 0 || ratio.n >= ratio.d)
    return reader.fail();
  return {
    ...first,
    value: sum([first.value, product([second.value, number(ratio)], reader.fuel)], reader.fuel),
  };
}

/** The words of a factor that is nothing else: \text{cm}^2, or \frac{\text{m}}{\text{s}}. */
export function asWords(node: Node): string | undefined {
  if (node.kind === "text") return node.words;
  if (node.kind === "power") {
    const base = asWords(node.base);
    return base === undefined ? undefined : `${base}^${wordOf(node.exponent)}`;
  }
  if (node.kind !== "product") return undefined;
  const words = node.factors.map(asWords);
  return words.includes(undefined) ? undefined : words.join(" ");
}

/** A few words without a verb: "square centimeters", not "is wrong, it is 43". */
function isUnit(text: string): boolean {
  const words = text.split(/[^\p{L}]+/u).filter((word) => word !== "");
  const isSentence =
    /\b(?:is|are|was|not|no|or|and|but|if|wrong|incorrect|answer|plus|minus|times(?=\s*[^\s)]))\b|\d{2}|[=<>]/i.test(
      text,
    );
  return (words.length > 0 || isCurrency(text) || text === "°") && words.length <= 6 && !isSentence;
}

/** The words of a unit after its first: cm^2, m/s, "miles per hour". */
export function unitWords(reader: Reader, first: string): string {
  let unit = first;
  for (;;) {
    const [token, after] = [reader.peek(), reader.peek(1)];
    const isWord = (t: typeof token): boolean => t?.kind === "text" || t?.kind === "letters";
    if (isWord(token)) unit += ` ${wordsIn(reader.grammar.factor(reader), reader)}`;
    else if (token?.kind === "mark" && (token.text === "/" || token.text === "*") && isWord(after)) {
      reader.next();
      // a unit's letter, as in m/s, is a letter here
      unit += ` ${token.text} ${wordsIn(reader.grammar.factor(reader), reader)}`;
    } else return unit;
  }
}

function wordsIn(node: Node, reader: Reader): string {
  if (node.kind === "text") return node.words;
  if (node.kind === "symbol") return node.name;
  return node.kind === "power" ? `${wordsIn(node.base, reader)}^${wordOf(node.exponent)}` : reader.fail();
}

/** What stands after ^ in a unit, as a word. */
export function wordOf(node: Node): string {
  return node.kind === "number" && node.value.d === 1n ? String(node.value.n) : "?";
}

/** −12 cm is 12 cm with its number negated. */
function negative(value: Node, fuel: Fuel): Node {
  return value.kind === "quantity" ? { ...value, value: negate(value.value, fuel) } : negate(value, fuel);
}
