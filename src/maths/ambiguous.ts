/**
 * Answers that may mean two things: the other readings of a text, which are never taken for right.
 *
 *   5 M   →  5 million, and 5        £5  →  5 pounds, which are weighed
 *   1,5   →  1.5                     1.234  →  1234        12u^2  →  12
 */
const readings: readonly (readonly [pattern: RegExp, reading: string])[] = [
  [/^([-+]?[\d.,]+)\s*(?:\\(?:text|mathrm)\s*\{\s*)?(?:M|mn)\s*\}?$/, "$1\\text{ million}"],
  [/^([-+]?[\d.,]+)\s*(?:\\(?:text|mathrm)\s*\{\s*)?(?:B|bn)\s*\}?$/, "$1\\text{ billion}"],
  [/^([-+]?[\d.,]+)\s*(?:\\(?:text|mathrm)\s*\{\s*)?(?:M|mn|B|bn)\s*\}?$/, "$1"],
  [/^(?:£|\\pounds)\s*([\d.,]+)$/, "$1\\text{ pounds}"],
  [/^([-+]?\d+),(\d+)$/, "$1.$2"],
  [/^([-+]?\d{1,3})\.(\d{3})$/, "$1$2"],
  [/^([-+]?[\d.,]+)\s*(?:\\(?:text|mathrm)\s*\{\s*)?u(?:nits?)?\s*\}?(?:\^\s*\{?\s*[23]\s*\}?)?$/, "$1"],
];

/** What a text may mean beside what it is read as; most may mean nothing else. */
export function otherReadings(text: string): readonly string[] {
  return readings.flatMap(([pattern, reading]) =>
    pattern.test(text) ? [text.replace(pattern, reading)] : [],
  );
}
