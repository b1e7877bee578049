/**
 * `value.name` and `value[key]`: what templates may read of a value, methods first or items first as Jinja2 looks.
 */
import { fail } from "./jinja-error.ts";
import { str } from "./print.ts";
import { characters } from "./python-text.ts";
import { callable } from "./signature.ts";
import { braceFormat } from "./text-format.ts";
import { refusedMethods, textMethods } from "./text-methods.ts";
import {
  Attributes,
  Callable,
  Dict,
  intOf,
  isEqual,
  Markup,
  Namespace,
  numberOf,
  orElse,
  Range,
  Tuple,
  typeName,
  Undefined,
  type Value,
  View,
} from "./values.ts";

const changing = {
  list: ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"],
  dict: ["clear", "pop", "popitem", "setdefault", "update"],
};

/** A method or attribute; undefined where the value has none of the name. */
function member(of: Value, name: string): Value | undefined {
  if (typeof of === "string") return textMember(of, name);
  if (of instanceof Dict) return dictMember(of, name);
  if (Array.isArray(of) || of instanceof Tuple) {
    const items = of instanceof Tuple ? of.items : (of as readonly Value[]);
    if (Array.isArray(of) && changing.list.includes(name)) return unsafe(of, name);
    if (name === "count")
      return callable(name, ["value"], (one) => items.filter((item) => isEqual(item, one!)).length);
    if (name === "index")
      return callable(name, ["value"], (one) => {
        const at = items.findIndex((item) => isEqual(item, one!));
        return at < 0 ? fail("the value is not in the list") : at;
      });
    return name === "copy" && Array.isArray(of) ? callable(name, [], () => [...items]) : undefined;
  }
  if (of instanceof Namespace || of instanceof Callable) return of.attributes.get(name);
  if (of instanceof Attributes) return of.get(name);
  if (of instanceof Markup && (Object.hasOwn(textMethods, name) || name === "format"))
    return fail(`${name}() of a text that was escaped is not supported`);
  if (of instanceof Range && (name === "start" || name === "stop" || name === "step")) return of[name];
  const isNumber = numberOf(of) !== undefined;
  const ofNumbers = [
    "real",
    "imag",
    "bit_length",
    "is_integer",
    "as_integer_ratio",
    "numerator",
    "denominator",
  ];
  if (
    (isNumber && ofNumbers.includes(name)) ||
    (of instanceof View && ["isdisjoint", "mapping"].includes(name))
  )
    return fail(`${typeName(of)}.${name} is not supported`);
  return undefined;
}

const unsafe = (of: Value, name: string) =>
  new Undefined(`${typeName(of)}.${name}, which would change a value,`);

function textMember(of: string, name: string): Value | undefined {
  if (name === "format")
    return new Callable(name, (given, named) =>
      braceFormat(of, given, named, (value, key, isItem) =>
        isItem ? item(value, key) : attribute(value, `${key}`),
      ),
    );
  if (name === "format_map")
    return callable(name, ["mapping"], (mapping) =>
      mapping instanceof Dict
        ? braceFormat(of, [], new Map(mapping.entries().map(([key, value]) => [str(key), value])), item)
        : fail("format_map() needs a mapping"),
    );
  if (refusedMethods.includes(name)) return fail(`str.${name}() is not supported`);
  if (!Object.hasOwn(textMethods, name)) return undefined;
  const { parameters, run } = textMethods[name]!;
  return callable(name, parameters, (...given) => run(of, ...given));
}

function dictMember(of: Dict, name: string): Value | undefined {
  if (changing.dict.includes(name)) return unsafe(of, name);
  switch (name) {
    case "get":
      return callable(name, ["key", ["default", null]], (key, absent) => orElse(of.get(key!), () => absent!));
    case "keys":
      return callable(name, [], () => new View("keys", of.keys()));
    case "values":
      return callable(
        name,
        [],
        () =>
          new View(
            "values",
            of.entries().map(([, value]) => value),
          ),
      );
    case "items":
      return callable(
        name,
        [],
        () =>
          new View(
            "items",
            of.entries().map((pair) => new Tuple(pair)),
          ),
      );
    case "copy":
      return callable(name, [], () => new Dict(of.entries()));
    case "fromkeys":
      return fail("dict.fromkeys() of a mapping is not supported");
    default:
      return undefined;
  }
}

/** An item; undefined where there is none. */
function itemOf(of: Value, key: Value): Value | undefined {
  if (of instanceof Dict) return of.get(key);
  const at = numberOf(key);
  if (at === undefined || !(typeof key === "number" || typeof key === "boolean")) return undefined;
  const items = typeof of === "string" ? characters(of) : sequence(of);
  return items?.[at < 0 ? at + items.length : at];
}

function sequence(of: Value): readonly Value[] | undefined {
  if (Array.isArray(of)) return of as readonly Value[];
  if (of instanceof Markup) return Array.from(of.text);
  if (of instanceof Tuple) return of.items;
  return of instanceof Range ? of.items() : of instanceof Attributes ? of.items : undefined;
}

/** Jinja2's `value.name`. */
export function attribute(of: Value, name: string): Value {
  rejectUndefined(of);
  const method = name.startsWith("_") ? undefined : member(of, name);
  if (method !== undefined) return method;
  return orElse(itemOf(of, name), () => new Undefined(`${typeName(of)}.${name}`));
}

/** Jinja2's `value[key]`. */
export function item(of: Value, key: Value): Value {
  rejectUndefined(of);
  const found = itemOf(of, key);
  if (found !== undefined) return found;
  const inside = typeof key === "string" && !key.startsWith("_") ? member(of, key) : undefined;
  return orElse(
    inside,
    () => new Undefined(`${typeName(of)}[${typeof key === "string" ? JSON.stringify(key) : str(key)}]`),
  );
}

/** Only a method or attribute, for the filter `attr`. */
export function memberOnly(of: Value, name: string): Value {
  return orElse(member(of, name), () => new Undefined(`${typeName(of)}.${name}`));
}

function rejectUndefined(of: Value): void {
  if (of instanceof Undefined) fail(`${of.what} is undefined`);
}

/** Python's `value[start:stop:step]`. */
export function sliceOf(of: Value, bounds: readonly Value[]): Value {
  rejectUndefined(of);
  const items = typeof of === "string" ? characters(of) : sequence(of);
  if (items === undefined) return new Undefined(`a slice of ${typeName(of)}`);
  const [start = null, stop = null, step = null] = bounds;
  const by = step === null ? 1 : intOf(step, "a slice");
  if (by === 0) fail("a slice with a step of 0");
  const place = (value: Value, absent: number) => {
    if (value === null) return absent;
    const at = intOf(value, "a slice");
    const from = at < 0 ? at + items.length : at;
    return by > 0
      ? Math.min(Math.max(from, 0), items.length)
      : Math.min(Math.max(from, -1), items.length - 1);
  };
  const [from, to] =
    by > 0 ? [place(start, 0), place(stop, items.length)] : [place(start, items.length - 1), place(stop, -1)];
  const taken: Value[] = [];
  for (let i = from; by > 0 ? i < to : i > to; i += by) taken.push(items[i]!);
  if (typeof of === "string") return taken.join("");
  return of instanceof Tuple ? new Tuple(taken) : taken;
}
