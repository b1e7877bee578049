/**
 * Units: which words after a number are measures, and which of them are the same.
 *
 * Two known units that differ make two answers; a unit beside none, or one we do not know, is passed over.
 */

/** Canonical name: its spellings, without plural s. */
const spellings: Readonly<Record<string, string>> = {
  m: "m meter metre",
  cm: "cm centimeter centimetre",
  mm: "mm millimeter millimetre",
  km: "km kilometer kilometre",
  nm: "nm nanometer nanometre",
  ft: "ft foot feet",
  inch: "in inch inches",
  yd: "yd yard",
  mi: "mi mile",
  g: "g gram gramme",
  kg: "kg kilogram",
  mg: "mg milligram",
  lb: "lb pound",
  oz: "oz ounce",
  ton: "ton tonne",
  s: "s sec second",
  min: "min minute",
  h: "h hr hour",
  day: "day",
  week: "week",
  month: "month",
  year: "yr year",
  l: "l liter litre",
  ml: "ml milliliter millilitre",
  gallon: "gal gallon",
  dollar: "dollar usd buck",
  cent: "cent",
  euro: "euro eur €",
  pound: "gbp £",
  yuan: "yuan",
  mph: "mph",
  degree: "degree deg",
  radian: "radian rad",
  newton: "newton",
  joule: "joule",
  watt: "watt",
  pascal: "pascal",
  hz: "hz hertz",
  volt: "volt",
  ampere: "ampere amp",
  ohm: "ohm",
  mole: "mol mole",
  kelvin: "kelvin",
  percent: "percent pct percentage",
};

const canonical = new Map(
  Object.entries(spellings).flatMap(([name, words]) => words.split(" ").map((word) => [word, name] as const)),
);

const powers: Readonly<Record<string, string>> = {
  square: "2",
  squared: "2",
  sq: "2",
  cubic: "3",
  cubed: "3",
  cu: "3",
};

/** Units that are a word of two letters or more, which may stand after a number without `\text`. */
export function isUnitWord(word: string): boolean {
  return word.length > 1 && canonicalOf(word) !== undefined;
}

function canonicalOf(word: string): string | undefined {
  const lower = word.toLowerCase();
  return canonical.get(lower) ?? (lower.endsWith("s") ? canonical.get(lower.slice(0, -1)) : undefined);
}

/**
 * One form for each unit: "square centimeters" and "cm^2" are `cm^2`.
 *
 * @returns undefined where some word of it is not known
 */
function unitOf(text: string): string | undefined {
  const words = text
    .slice(0, 100)
    .replace(/[{}~\\.]/g, " ")
    .replace(/\bper\b/g, "/")
    .split(/([\s^/*·-]+)/);
  const parts: string[] = [];
  let pending = "";
  let sign = "";
  for (const piece of words) {
    const word = piece.trim();
    if (word === "" || word === "*" || word === "·") continue;
    const power = powers[word.toLowerCase()];
    if (word === "/") sign = "/";
    else if (word === "^" || word === "^-") continue;
    else if (power !== undefined || /^\d$/.test(word)) {
      if (power === undefined || /ed$/.test(word)) parts.push(`^${power ?? word}`);
      else pending = `^${power}`;
    } else {
      // "cm2" is written for cm²
      const [, name = "", digit = ""] = /^(\D*)(\d?)$/.exec(word) ?? [];
      const known = canonicalOf(name);
      if (known === undefined) return undefined;
      parts.push(sign + known + (digit ? `^${digit}` : pending));
      pending = "";
      sign = "";
    }
  }
  return parts.length === 0 ? undefined : parts.join("");
}

/** Whether two answers' units contradict each other. */
export function unitsClash(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const [x, y] = [unitOf(a), unitOf(b)];
  return x !== undefined && y !== undefined && x !== y;
}
