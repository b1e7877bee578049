/**
 * Functions that take arguments as Python's do: in order or by name, none dropped without a word.
 */
import { fail } from "./jinja-error.ts";
import { Callable, type Named, type Value } from "./values.ts";

/** A name, or a name and what stands for it where it is left out. */
export type Parameter = string | readonly [name: string, absent: Value];

/** Arguments in the order of the parameters. @throws JinjaError where one is missing or not known */
export function inOrder(
  name: string,
  parameters: readonly Parameter[],
  given: readonly Value[],
  named: Named,
): Value[] {
  if (given.length > parameters.length)
    fail(`${name} takes at most ${parameters.length} arguments, got ${given.length}`);
  const known = parameters.map((parameter) => (typeof parameter === "string" ? parameter : parameter[0]));
  for (const key of named.keys()) {
    const at = known.indexOf(key);
    if (at < 0) fail(`${name} takes no argument ${key}`);
    if (at < given.length) fail(`${name} got ${key} twice`);
  }
  return parameters.map((parameter, i) => {
    if (i < given.length) return given[i]!;
    const value = named.get(known[i]!);
    if (value !== undefined) return value;
    return typeof parameter === "string" ? fail(`${name} needs an argument ${parameter}`) : parameter[1];
  });
}

export function callable(
  name: string,
  parameters: readonly Parameter[],
  run: (...values: Value[]) => Value,
): Callable {
  return new Callable(name, (given, named) => run(...inOrder(name, parameters, given, named)));
}
