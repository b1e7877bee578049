/**
 * The words beside a number: a unit, what changes the number, and all the rest.
 *
 *   "red marbles per square foot"  →  { unit: ft⁻², rest: {red, marble} }
 *
 * A unit left out is no other answer, and neither are words left out. But two units must be one measure, and of
 * two sets of other words one must hold the other: whatever they mean, apples are not oranges and a.m. is not p.m.
 */
import type { Fuel } from "./fuel.ts";
import { call, type Node, number, product, raise } from "./node.ts";
import { scales } from "./number-words.ts";
import { lowest, type Rational } from "./rational.ts";
import { combined, plainNumber, sameDimension, type Unit, unitOf } from "./units.ts";

export interface Words {
  readonly unit: Unit | undefined;
  readonly rest: ReadonlySet<string>;
}

const powers: Readonly<Record<string, number>> = { square: 2, squared: 2, sq: 2, cubic: 3, cubed: 3, cu: 3 };
/** Words that count without saying what. */
const counting = new Set(
  "a an the of in and all each total altogether exactly approximately about unit way time possible different distinct possibility possibilitie o'clock th st nd rd".split(
    " ",
  ),
);
/** Words that change a number in a way that is not computed: both answers must say them. */
const changing =
  /\b(?:least|most|less|fewer|than|M|B|bn|mn|short|below|negative|minimum|maximum|double|twice|half|incorrect|wrong)\b/;

export function readWords(text: string): Words {
  let unit: Unit | undefined;
  const rest = new Set<string>();
  let power = 1;
  let side = 1;
  let inside = false;
  let last: Unit | undefined;
  for (const word of wordsIn(text)) {
    const named = Object.hasOwn(powers, word.toLowerCase()) ? powers[word.toLowerCase()] : undefined;
    const exponent = /^\^?(-?\d)$/.exec(word)?.[1];
    if (word === "/" || word.toLowerCase() === "per") side = -1;
    else if (word === "(") inside = side < 0;
    else if (word === ")") inside = false;
    else if (exponent !== undefined || (named !== undefined && /ed$/i.test(word))) {
      if (last && unit) unit = combined(unit, last, Number(exponent ?? named) - 1);
      last = undefined;
    } else if (named !== undefined) power = named;
    else {
      const known = unitOf(word);
      if (known) {
        last = combined(plainNumber, known, side);
        unit = combined(unit ?? plainNumber, last, power);
      } else {
        last = undefined;
        const plain = word.toLowerCase().replace(/(?<=..)(?:s|es)$/, "");
        if (!counting.has(word.toLowerCase()) && !counting.has(plain))
          rest.add((side < 0 ? "/" : "") + (changing.test(word) ? word : plain));
      }
      power = 1;
      if (!inside) side = 1;
    }
  }
  return { unit, rest };
}

function wordsIn(text: string): string[] {
  const plain = text
    .slice(0, 200)
    .replace(/\^?\s*\{?\s*\\circ\s*\}?/g, " ° ")
    .replace(/\b([ap])\.\s?m\b\.?/gi, (_, half: string) => `${half}m`)
    .replace(/(?:°|\bdegrees?)\s*(?:C|[Cc]elsius|[Cc]entigrade)\b/g, " celsius ")
    .replace(/(?:°|\bdegrees?)\s*(?:F|[Ff]ahrenheit)\b/g, " fahrenheit ")
    .replace(/[{}~\\*·,;:[\]]|(?<!\d)\./g, " ")
    .replace(/\s*-\s*(?=[a-z])/g, "-")
    // "cm2" is written for cm²
    .replace(/([A-Za-z])(-?\d)\b/g, "$1 ^$2")
    .replace(/[/()]/g, " $& ")
    .replace(/\^\s*/g, " ^");
  // "in" is an inch at the end or with a power, and a little word elsewhere
  return plain
    .replace(/\bin\b(?=\s+[A-Za-z])/g, " ")
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "^");
}

/** What an answer's words have to say to a reference's: nothing, another measure, or how much larger its unit is. */
export function unitRatio(gold: Words, answer: Words): Rational | "clash" {
  const within = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
    [...a].every((word) => b.has(word));
  const changed = (words: Words): string =>
    [...words.rest]
      .filter((word) => changing.test(word))
      .sort()
      .join(" ");
  if (changed(gold) !== changed(answer)) return "clash";
  if (!within(gold.rest, answer.rest) && !within(answer.rest, gold.rest)) return "clash";
  if (gold.unit && answer.unit) {
    if (!sameDimension(gold.unit, answer.unit)) return "clash";
    const [g, a] = [gold.unit.factor, answer.unit.factor];
    return lowest({ n: a.n * g.d, d: a.d * g.n });
  }
  // a unit against words that are none
  const [named, bare] = gold.unit ? [gold, answer] : [answer, gold];
  return named.unit && [...bare.rest].some((word) => !named.rest.has(word)) ? "clash" : { n: 1n, d: 1n };
}

const whole = (n: number): Node => number({ n: BigInt(n), d: 1n });
const parts: Readonly<Record<string, number>> = {
  halves: 2,
  thirds: 3,
  fourths: 4,
  fifths: 5,
  sixths: 6,
  sevenths: 7,
  eighths: 8,
  ninths: 9,
  tenths: 10,
  hundredths: 100,
  thousandths: 1000,
  millionths: 1_000_000,
};
const multiples: Readonly<Record<string, number>> = {
  ...scales,
  hundred: 100,
  k: 1000,
  dozen: 12,
};

/**
 * A number with the words after it that change it: "5 million dollars" is 5000000 and "dollars".
 *
 * @returns the words that are left
 */
export function scaled(
  value: Node,
  text: string,
  fuel: Fuel,
): { readonly value: Node; readonly words: string } {
  let node = value;
  let words = text.trim();
  for (;;) {
    fuel.spend();
    const [word = ""] = /^[A-Za-z]+/.exec(words) ?? [];
    const plain = word === "k" || word.length > 1 ? word.toLowerCase() : "";
    const single = plain.replace(/s$/, "");
    if (Object.hasOwn(multiples, single)) node = product([node, whole(multiples[single]!)], fuel);
    else if (Object.hasOwn(parts, plain))
      node = product([node, number({ n: 1n, d: BigInt(parts[plain]!) })], fuel);
    else if (plain === "squared" || plain === "cubed") node = raise(node, whole(plain === "squared" ? 2 : 3));
    else if (plain === "factorial") node = call("factorial", node);
    else return { value: node, words };
    words = words
      .slice(word.length)
      .trim()
      .replace(/^of\b\s*/, "");
  }
}

const currencies = "\\$ € £ ¥ ¢ ₹ ₩ ₽".split(" ");
export const isCurrency = (mark: string): boolean => currencies.includes(mark);
