/**
 * Units that can be turned into one another by a factor, and words that multiply a number.
 *
 *   km/h  →  { dimension: "length/time", factor: 1000 / 3600 }
 */
interface Unit {
  readonly dimension: string;
  /** In metres, kilograms, seconds, and so on. */
  readonly factor: number;
}

/** Symbols and names that take prefixes. */
// biome-ignore format: a row a unit
const metric: readonly (readonly [symbol: string, name: string, dimension: string, factor: number])[] = [
  ["m", "met(?:re|er)s?", "length", 1], ["g", "grams?", "mass", 1e-3], ["s", "seconds?", "time", 1],
  ["L", "lit(?:re|er)s?", "length^3", 1e-3], ["l", "lit(?:re|er)s?", "length^3", 1e-3],
  ["Hz", "hertz", "frequency", 1], ["J", "joules?", "energy", 1], ["W", "watts?", "power", 1],
  ["N", "newtons?", "force", 1], ["Pa", "pascals?", "pressure", 1], ["V", "volts?", "voltage", 1],
  ["A", "amp(?:ere)?s?", "current", 1], ["Ω", "ohms?", "resistance", 1],
];
// biome-ignore format: a row a prefix
const prefixes: readonly (readonly [symbol: string, name: string, factor: number])[] = [
  ["", "", 1], ["n", "nano", 1e-9], ["µ", "micro", 1e-6], ["μ", "micro", 1e-6], ["m", "milli", 1e-3], ["c", "centi", 1e-2],
  ["d", "deci", 0.1], ["k", "kilo", 1e3], ["M", "mega", 1e6], ["G", "giga", 1e9], ["T", "tera", 1e12],
];
// biome-ignore format: a row a unit
const others: readonly (readonly [words: RegExp, dimension: string, factor: number])[] = [
  [/^(?:in|inch|inches)$/i, "length", 0.0254], [/^(?:ft|foot|feet)$/i, "length", 0.3048],
  [/^(?:yd|yards?)$/i, "length", 0.9144], [/^(?:mi|miles?)$/, "length", 1609.344],
  [/^(?:oz|ounces?)$/i, "mass", 0.028349523125], [/^(?:lbs?|pounds?)$/i, "mass", 0.45359237],
  [/^(?:t|tonnes?)$/, "mass", 1000], [/^(?:sec|secs)$/i, "time", 1], [/^(?:min|mins|minutes?)$/i, "time", 60],
  [/^(?:h|hr|hrs|hours?)$/i, "time", 3600], [/^(?:d|days?)$/i, "time", 86400], [/^weeks?$/i, "time", 604800],
];

/** @returns undefined where the unit is not known; it is then compared as text */
export function unitOf(text: string): Unit | undefined {
  const [over, under, ...more] = text.split("/");
  if (more.length > 0) return undefined;
  const [a, b] = [powerOf(over!), under === undefined ? undefined : powerOf(under)];
  if (a === undefined || under === undefined) return a;
  return b && { dimension: `${a.dimension}/${b.dimension}`, factor: a.factor / b.factor };
}

function powerOf(text: string): Unit | undefined {
  const [, word = "", exponent] = /^(.*?)(?:\^?([23²³]))?$/.exec(text)!;
  const one = plainUnit(word);
  if (one === undefined || exponent === undefined) return one;
  const n = exponent === "2" || exponent === "²" ? 2 : 3;
  return { dimension: `${one.dimension}^${n}`, factor: one.factor ** n };
}

function plainUnit(word: string): Unit | undefined {
  const other = others.find(([words]) => words.test(word));
  if (other) return { dimension: other[1], factor: other[2] };
  for (const [symbol, name, dimension, factor] of metric) {
    for (const [before, spelt, times] of prefixes) {
      if (word === before + symbol || new RegExp(`^${spelt}${name}$`, "i").test(word))
        return { dimension, factor: factor * times };
    }
  }
  return undefined;
}

const scales: Readonly<Record<string, number>> = {
  thousand: 1e3,
  million: 1e6,
  billion: 1e9,
  trillion: 1e12,
};

/** What a word after a number multiplies it by; undefined where it is no such word. */
export function scaleOf(word: string): number | undefined {
  return Object.hasOwn(scales, word.toLowerCase()) ? scales[word.toLowerCase()] : undefined;
}
