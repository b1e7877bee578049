/**
 * Numbers in words: "twenty-five", "one half", "three and a quarter", "five million".
 *
 * English; what is no number from its first word to its last is none.
 */
const ones =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const tens = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
/** Words that multiply the number before them. */
export const scales: Readonly<Record<string, number>> = {
  thousand: 1e3,
  million: 1e6,
  billion: 1e9,
  trillion: 1e12,
};
const fractions: Readonly<Record<string, number>> = {
  half: 2,
  halves: 2,
  third: 3,
  quarter: 4,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
  twelfth: 12,
  hundredth: 100,
};

/** @returns the number as LaTeX, in digits or as a fraction; undefined where the words are none */
export function numberOf(words: string): string | undefined {
  const all = words.toLowerCase().replace(/-/g, " ").trim().split(/\s+/);
  if (all.length > 20) return undefined;
  const sign = all[0] === "negative" || all[0] === "minus" ? "-" : "";
  if (sign) all.shift();
  const last = all.at(-1) ?? "";
  const single = last.replace(/(?<=[^l]|half)s$/, "");
  const below = Object.hasOwn(fractions, single)
    ? fractions[single]
    : Object.hasOwn(fractions, last)
      ? fractions[last]
      : undefined;
  if (below === undefined) {
    const value = wholeOf(all);
    return value === undefined ? undefined : `${sign}${value}`;
  }
  const rest = all.slice(0, -1);
  const joint = rest.lastIndexOf("and");
  const isMixed = joint > 0 && !rest.includes("hundred");
  const top = rest.length === 0 ? 1 : wholeOf(isMixed ? rest.slice(joint + 1) : rest);
  const whole = isMixed ? wholeOf(rest.slice(0, joint)) : 0;
  if (top === undefined || whole === undefined) return undefined;
  return `${sign}\\frac{${whole * below + top}}{${below}}`;
}

function wholeOf(words: readonly string[]): number | undefined {
  let total = 0;
  let group = 0;
  let last = "";
  for (const word of words) {
    const one = word === "a" && words.length > 1 ? 1 : ones.indexOf(word);
    const ten = tens.indexOf(word);
    if (one >= 0) {
      // "two three" is no number; "twenty three" is
      if (last === "one" || (last === "ten" && (one === 0 || one > 9))) return undefined;
      group += one;
      last = "one";
    } else if (ten >= 0) {
      if (last === "one" || last === "ten") return undefined;
      group += 20 + 10 * ten;
      last = "ten";
    } else if (word === "hundred") {
      group = (group || 1) * 100;
      last = "hundred";
    } else if (word === "dozen" && last !== "") {
      group *= 12;
      last = "one";
    } else if (Object.hasOwn(scales, word)) {
      total += (group || 1) * scales[word]!;
      group = 0;
      last = "scale";
    } else if (word !== "and" || last === "" || last === "ten") return undefined;
  }
  return last === "" ? undefined : total + group;
}
