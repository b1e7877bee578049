/**
 * Is what a function gave what it should give?
 *
 * Compared as JSON, whatever the order of keys. A whole number has to be met, another one within a thousand-millionth of itself:
 * 0.1 + 0.2 is 0.3 to whoever wrote the test.
 */

const TOLERANCE = 1e-9;

/** @param json  what the function gave */
export function sameResult(json: string, expected: unknown): boolean {
  // what is much longer is another result, and not worth reading
  if (json.length > 64 + 8 * JSON.stringify(expected).length) return false;
  return same(JSON.parse(json), expected);
}

/** As deep as `expected` goes, which is the row's. */
function same(given: unknown, expected: unknown): boolean {
  if (typeof expected === "number" && typeof given === "number")
    return (
      given === expected ||
      (!Number.isInteger(expected) && Math.abs(given - expected) <= TOLERANCE * Math.abs(expected))
    );
  if (typeof expected !== "object" || expected === null) return given === expected;
  if (typeof given !== "object" || given === null || Array.isArray(given) !== Array.isArray(expected))
    return false;
  const [own, others] = [Object.entries(given), new Map(Object.entries(expected))];
  return (
    own.length === others.size && own.every(([key, value]) => others.has(key) && same(value, others.get(key)))
  );
}
