/** Jinja2's filters that apply another filter or a test, named in their arguments; and `format`. */
import { reader } from "./filters.ts";
import { fail } from "./jinja-error.ts";
import { str } from "./print.ts";
import { percentFormat } from "./text-format.ts";
import { Dict, Iterator, isTrue, itemsOf, type Named, orElse, Tuple, textOf, type Value } from "./values.ts";

/** Filters and tests that other filters are given by name. */
export interface Applied {
  filter(name: string, value: Value, given: readonly Value[], named: Named): Value;
  test(name: string, value: Value, given: readonly Value[], named: Named): boolean;
}

type FreeFilter = (value: Value, given: readonly Value[], named: Named, applied: Applied) => Value;

const choosing =
  (isKept: boolean, byAttribute: boolean): FreeFilter =>
  (value, given, named, applied) => {
    if (!isTrue(value)) return new Iterator([]);
    const rest = byAttribute ? given.slice(1) : given;
    const read = byAttribute
      ? reader(given[0] ?? fail("selectattr and rejectattr need an attribute"))
      : (one: Value) => one;
    const [name, ...others] = rest;
    const holds = (one: Value) =>
      name === undefined ? isTrue(one) : applied.test(textOf(name, "a test"), one, others, named);
    return new Iterator(itemsOf(value).filter((one) => holds(read(one)) === isKept));
  };

/** Those whose arguments are another filter's or test's. */
export const freeFilters: Readonly<Record<string, FreeFilter>> = {
  format: (value, given, named) => {
    if (given.length > 0 && named.size > 0) fail("format takes values in order or by name, not both");
    return percentFormat(str(value), named.size > 0 ? new Dict(named) : new Tuple(given));
  },
  map: (value, given, named, applied) => {
    if (!isTrue(value)) return new Iterator([]);
    if (given.length === 0 && named.has("attribute")) {
      for (const key of named.keys())
        if (key !== "attribute" && key !== "default") fail(`map takes no argument ${key}`);
      const read = reader(
        named.get("attribute")!,
        orElse(named.get("default"), () => null),
      );
      return new Iterator(itemsOf(value).map(read));
    }
    const [name, ...rest] = given;
    if (name === undefined) return fail("map needs a filter or an attribute");
    return new Iterator(itemsOf(value).map((one) => applied.filter(textOf(name, "map"), one, rest, named)));
  },
  select: choosing(true, false),
  reject: choosing(false, false),
  selectattr: choosing(true, true),
  rejectattr: choosing(false, true),
};
