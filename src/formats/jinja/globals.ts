/** What templates find without being given it: Jinja2's functions, and those that transformers adds. */
import { strftime } from "./dates.ts";
import { fail } from "./jinja-error.ts";
import { str } from "./print.ts";
import { callable, type Parameter } from "./signature.ts";
import {
  Attributes,
  Callable,
  Dict,
  intOf,
  itemsOf,
  type Named,
  Namespace,
  Range,
  type Value,
} from "./values.ts";

/** @throws JinjaError where transformers keeps the name from templates */
export function checkAttribute(name: string): void {
  if (name.startsWith("_")) fail(`a namespace takes no attribute that begins with _, got ${name}`);
}

/** A refusal of the template's own, in its words alone. */
function refuse(message?: Value): never {
  throw new Error(str(message!));
}

/** The functions that transformers gives to templates. */
export function globals(now: Date): [string, Value][] {
  const mapping = (given: readonly Value[], named: Named): Dict => {
    const [first] = given;
    if (given.length > 1) fail("dict() takes one mapping");
    const entries =
      first === undefined
        ? []
        : first instanceof Dict
          ? first.entries()
          : itemsOf(first).map((pair) => {
              const [key, value] = itemsOf(pair);
              return [key!, value!] as const;
            });
    return new Dict([...entries, ...named]);
  };
  const numbers: readonly Parameter[] = ["start", ["stop", null], ["step", 1]];
  return [
    [
      "range",
      callable("range", numbers, (start, stop, step) => {
        const [first, second] =
          stop === null ? [0, intOf(start!, "range")] : [intOf(start!, "range"), intOf(stop!, "range")];
        return new Range(first, second, intOf(step!, "range"));
      }),
    ],
    ["dict", new Callable("dict", mapping)],
    [
      "namespace",
      new Callable("namespace", (given, named) => {
        const made = new Namespace();
        for (const [key, value] of mapping(given, named).entries()) {
          checkAttribute(str(key));
          made.attributes.set(str(key), value);
        }
        return made;
      }),
    ],
    [
      "cycler",
      new Callable("cycler", (items) => {
        if (items.length === 0) fail("cycler() of nothing");
        let at = 0;
        const read: Readonly<Record<string, () => Value>> = {
          current: () => items[at]!,
          next: () =>
            callable("next", [], () => {
              const current = items[at]!;
              at = (at + 1) % items.length;
              return current;
            }),
          reset: () =>
            callable("reset", [], () => {
              at = 0;
              return null;
            }),
        };
        return new Attributes((name) => (Object.hasOwn(read, name) ? read[name]!() : undefined));
      }),
    ],
    [
      "joiner",
      callable("joiner", [["sep", ", "]], (separator) => {
        let isUsed = false;
        return callable("joiner", [], () => {
          if (isUsed) return separator!;
          isUsed = true;
          return "";
        });
      }),
    ],
    ["lipsum", new Callable("lipsum", () => fail("lipsum() is not supported"))],
    ["raise_exception", callable("raise_exception", ["message"], refuse)],
    ["strftime_now", callable("strftime_now", ["format"], (format) => strftime(str(format!), now))],
  ];
}
