/**
 * Units: a word to what it measures and how much of it.
 *
 *   km  →  { dimension: "L", factor: 1000 }
 *
 * Symbols keep their case, since mW is not MW; names do not.
 */
import { lowest, type Rational } from "./rational.ts";

/** A measure as powers of dimensions, and its size in the dimension's first unit. */
export interface Unit {
  readonly dimension: Readonly<Record<string, number>>;
  readonly factor: Rational;
}

/** Symbols, names (plural s left out), dimension, size; those marked si take prefixes. */
// biome-ignore format: a row a unit
const table: readonly (readonly [symbols: string, names: string, dimension: string, size: string, prefixes?: "si"])[] = [
  ["m", "meter metre", "L", "1", "si"], ["Å", "angstrom", "L", "1e-10"], ["μ", "micron", "L", "1e-6"],
  ["in", "inch inche", "L", "0.0254"], ["ft", "foot feet", "L", "0.3048"], ["yd", "yard", "L", "0.9144"],
  ["mi", "mile", "L", "1609.344"], ["nmi", "nautical-mile", "L", "1852"], ["ly", "light-year lightyear", "L", "9460730472580800"],
  ["AU", "", "L", "149597870700"], ["", "parsec", "parsec", "1", "si"], ["pc", "", "parsec", "1"],
  ["g", "gram gramme", "M", "1", "si"], ["t", "tonne", "M", "1000000"], ["lb lbs", "pound", "M", "453.59237"],
  ["oz", "ounce", "M", "28.349523125"], ["", "ton", "ton", "1"], ["u amu Da", "dalton", "dalton", "1"],
  ["s sec", "second", "T", "1", "si"], ["min", "minute", "T", "60"], ["h hr", "hour", "T", "3600"],
  ["d", "day", "T", "86400"], ["wk", "week", "T", "604800"], ["", "month", "month", "1"], ["mo", "", "month", "1"],
  ["yr y", "year", "month", "12"], ["", "decade", "month", "120"], ["", "century centurie", "month", "1200"],
  ["l L", "liter litre", "L3", "0.001", "si"], ["gal", "gallon", "gallon", "1"], ["qt", "quart", "gallon", "0.25"],
  ["pt", "pint", "gallon", "0.125"], ["", "cup", "gallon", "0.0625"], ["tbsp", "tablespoon", "tablespoon", "1"], ["tsp", "teaspoon", "teaspoon", "1"],
  ["ha", "hectare", "L2", "10000"], ["ac", "acre", "L2", "4046.8564224"],
  ["mph", "", "L T-1", "0.44704"], ["kph kmh", "", "L T-1", "5/18"], ["kn", "knot", "L T-1", "463/900"],
  ["Hz", "hertz", "T-1", "1", "si"], ["rpm", "", "rpm", "1"], ["Bq", "becquerel", "T-1", "1", "si"],
  ["N", "newton", "L M T-2", "1000", "si"], ["dyn", "dyne", "L M T-2", "0.01"], ["lbf", "", "lbf", "1"],
  ["J", "joule", "L2 M T-2", "1000", "si"], ["erg", "erg", "L2 M T-2", "1e-4"], ["eV", "electronvolt electron-volt", "eV", "1", "si"],
  ["cal", "calorie", "cal", "1", "si"], ["Wh", "watt-hour", "L2 M T-2", "3600000", "si"], ["BTU Btu", "", "btu", "1"],
  ["W", "watt", "L2 M T-3", "1000", "si"], ["hp", "horsepower", "horsepower", "1"],
  ["Pa", "pascal", "L-1 M T-2", "1000", "si"], ["bar", "bar", "L-1 M T-2", "100000000", "si"],
  ["atm", "atmosphere", "L-1 M T-2", "101325000"], ["torr Torr mmHg", "torr", "torr", "1"], ["psi", "", "psi", "1"],
  ["A amp", "ampere amp", "I", "1", "si"], ["V", "volt", "I-1 L2 M T-3", "1000", "si"], ["C", "coulomb", "I T", "1", "si"],
  ["Ω ohm", "ohm", "I-2 L2 M T-3", "1000", "si"], ["F", "farad", "I2 L-2 M-1 T4", "1/1000", "si"],
  ["H", "henry henrie", "I-2 L2 M T-2", "1000", "si"], ["T", "tesla", "I-1 M T-2", "1000", "si"], ["G", "gauss", "I-1 M T-2", "0.1"],
  ["Wb", "weber", "I-1 L2 M T-2", "1000", "si"], ["S", "siemens", "I2 L-2 M-1 T3", "1/1000", "si"],
  ["K", "kelvin", "K", "1", "si"], ["°C", "celsius centigrade", "celsius", "1"], ["°F", "fahrenheit", "fahrenheit", "1"],
  ["mol", "mole", "mol", "1", "si"], ["cd", "candela", "cd", "1", "si"], ["lm", "lumen", "lm", "1", "si"], ["dB", "decibel", "dB", "1"],
  ["deg °", "degree deg", "degree", "1"], ["rad", "radian", "radian", "1", "si"], ["sr", "steradian", "sr", "1"],
  ["%", "percent pct percentage", "percent", "1"],
  ["bit", "bit", "bit", "1", "si"], ["byte", "byte", "bit", "8", "si"], ["KB kB", "", "bit", "8000"], ["MB", "", "bit", "8000000"], ["GB", "", "bit", "8000000000"],
  ["$", "dollar buck usd", "usd", "1"], ["¢", "cent", "usd", "0.01"], ["€", "euro eur", "eur", "1"], ["£", "gbp", "gbp", "1"], ["p", "penny pence pennie", "penny", "1"],
  ["¥", "yen jpy", "jpy", "1"], ["", "yuan cny rmb", "cny", "1"], ["₹ Rs", "rupee inr", "inr", "1"], ["₩", "won krw", "krw", "1"],
  ["₽", "ruble rouble rub", "rub", "1"], ["", "peso", "peso", "1"], ["", "franc chf", "franc", "1"],
];
// biome-ignore format: a row a prefix
const prefixes: readonly (readonly [symbol: string, name: string, power: number])[] = [
  ["f", "femto", -15], ["p", "pico", -12], ["n", "nano", -9], ["μ", "micro", -6], ["µ", "micro", -6], ["m", "milli", -3],
  ["c", "centi", -2], ["d", "deci", -1], ["h", "hecto", 2], ["k", "kilo", 3], ["M", "mega", 6], ["G", "giga", 9], ["T", "tera", 12], ["P", "peta", 15],
];
/** Also words of other meanings: the afternoon, "at", a thousand. */
const neverSymbols = new Set(["pm", "PM", "at", "as", "Pm", "dd", "hh", "cd", "ms^", "mm^"]);

const symbols = new Map<string, Unit>();
const names = new Map<string, Unit>();
const times = (a: Rational, b: Rational): Rational => lowest({ n: a.n * b.n, d: a.d * b.d });
for (const [marks, words, dimension, size, si] of table) {
  const plain: Unit = { dimension: powersOf(dimension), factor: rationalOf(size) };
  const scaled = (power: number): Unit => ({ ...plain, factor: times(plain.factor, tenTo(power)) });
  const add = (
    into: Map<string, Unit>,
    list: string,
    prefixed: (prefix: readonly [string, string, number]) => string,
  ) => {
    for (const word of list.split(" ").filter((w) => w !== "")) {
      into.set(word, plain);
      if (si) for (const prefix of prefixes) into.set(prefixed(prefix) + word, scaled(prefix[2]));
    }
  };
  add(symbols, marks, ([symbol]) => symbol);
  add(names, words, ([, name]) => name);
}
for (const word of neverSymbols) symbols.delete(word);

/** The unit that one word names: km, Kilometers; undefined where it names none. */
export function unitOf(word: string): Unit | undefined {
  const lower = word.toLowerCase();
  return (
    symbols.get(word) ??
    names.get(lower) ??
    (lower.length > 3 && lower.endsWith("s") ? names.get(lower.slice(0, -1)) : undefined) ??
    (/^(?:cm|mm|km|kg|ft|in|min|mins|hrs|yrs|yds?|secs?|mph|hr|lbs?|oz|usd)$/.test(lower)
      ? (symbols.get(lower) ?? symbols.get(lower.replace(/s$/, "")))
      : undefined)
  );
}

/** Units of two letters or more, which may stand after a number without `\text`. */
export const isUnitWord = (word: string): boolean =>
  word.length > 1 && (unitOf(word) !== undefined || /^(?:am|pm|AM|PM)$/.test(word));

/** a · b^power */
export function combined(a: Unit, b: Unit, power: number): Unit {
  const dimension: Record<string, number> = { ...a.dimension };
  for (const [name, exponent] of Object.entries(b.dimension)) {
    dimension[name] = (dimension[name] ?? 0) + exponent * power;
    if (dimension[name] === 0) delete dimension[name];
  }
  let factor = a.factor;
  const once = power < 0 ? { n: b.factor.d, d: b.factor.n } : b.factor;
  for (let i = Math.abs(power); i > 0; i--) factor = times(factor, once);
  return { dimension, factor };
}

export const plainNumber: Unit = { dimension: {}, factor: { n: 1n, d: 1n } };

/** Whether two units measure the same. */
export function sameDimension(a: Unit, b: Unit): boolean {
  const [x, y] = [Object.entries(a.dimension), Object.entries(b.dimension)];
  return x.length === y.length && x.every(([name, power]) => b.dimension[name] === power);
}

function powersOf(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(" ").map((part) => {
      const [, name = part, power = "1"] = /^(.*?[A-Za-z])(-?\d+)?$/.exec(part) ?? [];
      return [name, Number(power)];
    }),
  );
}

/** 0.3048, 1e-10 or 5/18 as a fraction. */
function rationalOf(text: string): Rational {
  const [top = "", bottom = "1"] = text.split("/");
  const [, whole = "0", part = "", power = "0"] = /^(\d+)(?:\.(\d+))?(?:e(-?\d+))?$/.exec(top)!;
  return times(
    times({ n: BigInt(whole + part), d: BigInt(bottom) }, tenTo(-part.length)),
    tenTo(Number(power)),
  );
}

function tenTo(power: number): Rational {
  return power < 0 ? { n: 1n, d: 10n ** BigInt(-power) } : { n: 10n ** BigInt(power), d: 1n };
}
