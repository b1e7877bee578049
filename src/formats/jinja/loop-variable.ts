/** `loop`, as a template reads it within {% for %}. */
import { fail } from "./jinja-error.ts";
import { Attributes, Callable, isEqual, orElse, Tuple, Undefined, type Value } from "./values.ts";

/**
 * @param at      the place of the item that it is now, from 0
 * @param depth   of loops that call themselves, from 0
 * @param recurse what `loop(…)` does
 */
export function loopVariable(
  items: readonly Value[],
  at: () => number,
  depth: number,
  recurse: Callable["call"],
): Attributes {
  let changedFrom: readonly Value[] | undefined;
  const cycle = new Callable("cycle", (given) =>
    given.length === 0 ? fail("loop.cycle() of nothing") : given[at() % given.length]!,
  );
  const changed = new Callable("changed", (given) => {
    const isSame = changedFrom !== undefined && isEqual(new Tuple(changedFrom), new Tuple(given));
    changedFrom = given;
    return !isSame;
  });
  const read: Readonly<Record<string, () => Value>> = {
    index: () => at() + 1,
    index0: at,
    revindex: () => items.length - at(),
    revindex0: () => items.length - at() - 1,
    first: () => at() === 0,
    last: () => at() === items.length - 1,
    length: () => items.length,
    depth: () => depth + 1,
    depth0: () => depth,
    previtem: () => orElse(items[at() - 1], () => new Undefined("the item before the first")),
    nextitem: () => orElse(items[at() + 1], () => new Undefined("the item after the last")),
    cycle: () => cycle,
    changed: () => changed,
  };
  return new Attributes(
    (name) => (Object.hasOwn(read, name) ? read[name]!() : undefined),
    undefined,
    recurse,
  );
}
