/**
 * Several faults told as one: what is wrong with the options is said all at once.
 */
import { OptionError } from "../errors.ts";

/** Runs what may find a fault, and keeps it; what is no fault of the options is thrown on. */
export function collect(faults: OptionError[], act: () => void): void {
  try {
    act();
  } catch (cause) {
    if (!(cause instanceof OptionError)) throw cause;
    faults.push(cause);
  }
}

/** @throws OptionError with all that is wrong, the first fault's parts being its own; none where there is none */
export function throwAll(faults: readonly OptionError[]): void {
  const [first] = faults;
  if (first === undefined) return;
  const texts = [...new Set(faults.map(({ message }) => message))];
  first.message = texts.join("\n");
  throw first;
}
