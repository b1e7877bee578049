/**
 * Is what was printed what should be printed?
 *
 * Line by line, white space at the ends apart and however wide within. Words are the same where they are spelt the same;
 * a number with a decimal point may be off by a millionth, of one or of itself.
 */

const TOLERANCE = 1e-6;
const decimal = /^[+-]?\d*\.\d+(?:e[+-]?\d+)?$|^[+-]?\d+(?:\.\d*)?e[+-]?\d+$/i;
const whole = /^[+-]?\d+$/;
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

export function sameOutput(printed: string, expected: string): boolean {
  if (printed === expected) return true;
  const [own, others] = [linesOf(printed), linesOf(expected)];
  return own.length === others.length && own.every((line, i) => sameLine(line, others[i]!));
}

function linesOf(text: string): string[] {
  return text
    .trim()
    .split("\n")
    .map((line) => line.trim());
}

function sameLine(line: string, expected: string): boolean {
  if (line === expected) return true;
  const [own, others] = [line.split(/\s+/), expected.split(/\s+/)];
  return own.length === others.length && own.every((word, i) => sameWord(word, others[i]!));
}

function sameWord(word: string, expected: string): boolean {
  if (word === expected) return true;
  // whole numbers may have more digits than a float holds
  if (whole.test(expected)) return word.replace(/\.0*$/, "") === expected && /^[+-]?\d+\.0*$/.test(word);
  if (!decimal.test(expected) || !number.test(word)) return false;
  const [a, b] = [Number(word), Number(expected)];
  return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b));
}
