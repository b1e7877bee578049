/**
 * Numbers side by side that are one number: 3\frac12, 3 1/2, 4.4 10^7.
 */
import type { Fuel } from "./fuel.ts";
import { minusOne, type Node, number, product, raise, sum } from "./node.ts";
import type { Reader } from "./reader.ts";

/** The fraction of a mixed number such as 3\frac12 or 3 1/2, added to the whole before it. */
export function mixedPart(reader: Reader, factors: readonly Node[]): Node | undefined {
  const whole = factors.at(-1)!;
  const before = reader.peek(-1);
  if (whole.kind !== "number" || before?.kind !== "number" || before.decimal || whole.value.d !== 1n)
    return undefined;
  // a power or a factorial ends in a number too, but is not a number node; 2·3½ is rare enough to be read as one
  const start = reader.at;
  const fraction = properFraction(reader);
  if (!fraction) {
    reader.rewind(start);
    return undefined;
  }
  return sum([whole, fraction], reader.fuel);
}

function properFraction(reader: Reader): Node | undefined {
  if (reader.isCommand("frac")) {
    const value = reader.grammar.atom(reader);
    return properRatio(value, reader.fuel);
  }
  const [top, slash, bottom] = [reader.peek(), reader.peek(1), reader.peek(2)];
  if (top?.kind !== "number" || slash?.kind !== "mark" || slash.text !== "/" || bottom?.kind !== "number")
    return undefined;
  if (top.decimal || bottom.decimal) return undefined;
  for (let i = 0; i < 3; i++) reader.next();
  return properRatio(
    product([number(top.value), raise(number(bottom.value), minusOne)], reader.fuel),
    reader.fuel,
  );
}

/** a·b^-1 with whole 0 < a < b, as a number. */
function properRatio(node: Node, fuel: Fuel): Node | undefined {
  const factors = node.kind === "product" ? node.factors : [node];
  const [top, bottom] =
    factors.length === 2 ? [factors[0]!, factors[1]!] : [number({ n: 1n, d: 1n }), factors[0]!];
  if (
    top.kind !== "number" ||
    bottom.kind !== "power" ||
    bottom.base.kind !== "number" ||
    bottom.exponent !== minusOne
  )
    return undefined;
  const [a, b] = [top.value, bottom.base.value];
  if (a.d !== 1n || b.d !== 1n || a.n <= 0n || a.n >= b.n) return undefined;
  fuel.spend();
  return number({ n: a.n, d: b.n });
}

/** 4.4 10^7: a power of ten beside a number below ten. */
export function isPowerOfTen(reader: Reader): boolean {
  const [number, ten, power] = [reader.peek(-1), reader.peek(), reader.peek(1)];
  return (
    number?.kind === "number" &&
    ten?.kind === "number" &&
    ten.text === "10" &&
    power?.kind === "mark" &&
    power.text === "^" &&
    (number.decimal || number.text.length === 1)
  );
}
