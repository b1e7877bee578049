/**
 * The second argument of train, sft, evaluate and the others: who listens, and the signal that ends it.
 *
 * A misspelt key would be ignored in silence, and a run that cannot be stopped is noticed too late.
 */
import { OptionError } from "../errors.ts";

/**
 * @param verb   the function that was called
 * @param known  every key it takes: `signal`, an AbortSignal, and functions
 * @throws OptionError where a key is not known, or holds something else
 */
export function checkContext(verb: string, context: unknown, known: readonly string[]): void {
  const refuse: (expected: string, got: string) => never = (expected, got) => {
    throw new OptionError({
      where: `the second argument of ${verb}()`,
      expected,
      got,
      next: `Write ${verb}(options, { signal: AbortSignal.timeout(60_000) }), or leave it out.`,
    });
  };
  if (typeof context !== "object" || context === null)
    refuse("an object", context === null ? "null" : `a ${typeof context}`);
  for (const [key, value] of Object.entries(context)) {
    if (!known.includes(key)) refuse(`no other keys than ${known.join(" and ")}`, key);
    if (value === undefined) continue;
    if (key === "signal" && !(value instanceof AbortSignal)) refuse("an AbortSignal as signal", typeof value);
    if (key !== "signal" && typeof value !== "function") refuse(`a function as ${key}`, typeof value);
  }
}
