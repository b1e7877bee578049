/** Jinja2's filters, and transformers' `tojson`; those that are left out are refused by name. */
import { fail } from "./jinja-error.ts";
import { item, memberOnly } from "./members.ts";
import { binary, escaped } from "./operators.ts";
import { jsonText, str } from "./print.ts";
import { capitalized, lengthOf, SPACES, slice, splitLines, strip } from "./python-text.ts";
import type { Parameter } from "./signature.ts";
import { fixed } from "./text-format.ts";
import {
  countWords,
  joined,
  limited,
  parsedFloat,
  parsedInt,
  replaced,
  textMethods,
} from "./text-methods.ts";
import {
  Attributes,
  compare,
  Dict,
  Float,
  hashOf,
  Iterator,
  intOf,
  isTrue,
  itemsOf,
  Markup,
  numberOf,
  orElse,
  sizeOf,
  Tuple,
  textOf,
  typeName,
  Undefined,
  type Value,
} from "./values.ts";

interface Filter {
  readonly parameters: readonly Parameter[];
  readonly run: (value: Value, ...given: Value[]) => Value;
}
const filter = (run: Filter["run"], ...parameters: readonly Parameter[]): Filter => ({ parameters, run });
const none = (name: string) => [name, null] as const;
const no = (name: string) => [name, false] as const;

/** What reads an attribute such as `a.0.b`, several with commas; null is the value itself. */
export function reader(attribute: Value, absent: Value = null): (value: Value) => Value {
  if (attribute === null) return (value) => value;
  const steps =
    typeof attribute === "string"
      ? attribute.split(".").map((step) => (/^\d+$/.test(step) ? Number(step) : step))
      : [attribute];
  return (value) => {
    const found = steps.reduce<Value>((of, step) => {
      const inside = item(of, step);
      return inside instanceof Undefined && absent !== null ? absent : inside;
    }, value);
    return found;
  };
}

const plain = (value: Value): Value => (value instanceof Markup ? value.text : value);
const ignoringCase = (value: Value): Value => {
  const bare = plain(value);
  return typeof bare === "string" ? bare.toLowerCase() : value;
};
const keyed = (attribute: Value, isSensitive: Value) => {
  const read = reader(attribute);
  return isTrue(isSensitive) ? read : (value: Value) => ignoringCase(read(value));
};

function sorted(items: readonly Value[], key: (value: Value) => Value, isReverse: Value): Value[] {
  const pairs = items.map((value) => [key(value), value] as const);
  const way = isTrue(isReverse) ? -1 : 1;
  return pairs.sort(([a], [b]) => way * compare(a, b)).map(([, value]) => value);
}

const extreme = (sign: number) =>
  filter(
    (value, isSensitive, attribute) => {
      const key = keyed(attribute!, isSensitive!);
      const [first, ...rest] = itemsOf(value);
      if (first === undefined) return new Undefined("the extreme of an empty list");
      return rest.reduce<Value>((best, one) => (sign * compare(key(one), key(best)) > 0 ? one : best), first);
    },
    no("case_sensitive"),
    none("attribute"),
  );

const fallback = filter(
  (value, other, isBoolean) =>
    value instanceof Undefined || (isTrue(isBoolean!) && !isTrue(value)) ? other! : value,
  ["default_value", ""],
  no("boolean"),
);
const size = filter(sizeOf);
const escaping = filter(escaped);

function rounded(value: Value, precision: Value, method: Value): Value {
  const number = numberOf(value);
  if (number === undefined) return fail(`round of ${typeName(value)}`);
  const digits = intOf(precision, "round");
  const how = textOf(method, "round");
  if (how === "common") {
    if (!(value instanceof Float) && digits >= 0) return number;
    if (digits < 0 || digits > 60) return fail("round to such a precision is not supported");
    return new Float(Math.sign(number) * Number(fixed(Math.abs(number), digits)));
  }
  if (how !== "ceil" && how !== "floor") return fail("round takes common, ceil or floor");
  return new Float(Math[how](number * 10 ** digits) / 10 ** digits);
}

function indented(value: Value, width: Value, first: Value, blank: Value): Value {
  const text = `${textOf(value, "indent")}\n`;
  const by = typeof width === "string" ? width : " ".repeat(limited(Math.max(0, intOf(width, "indent"))));
  const lines = splitLines(text);
  limited(text.length + by.length * lines.length);
  const rest = lines.slice(1).map((line) => (isTrue(blank) || line !== "" ? by + line : line));
  return (isTrue(first) ? by : "") + [lines[0] ?? "", ...rest].join("\n");
}

function truncated(value: Value, length: Value, kill: Value, end: Value, leeway: Value): Value {
  const text = textOf(value, "truncate");
  const ending = textOf(end, "truncate");
  const most = intOf(length, "truncate");
  if (most < lengthOf(ending)) fail("truncate to less than its end");
  if (lengthOf(text) <= most + (leeway === null ? 5 : intOf(leeway, "truncate"))) return text;
  const cut = slice(text, 0, most - lengthOf(ending));
  const at = cut.lastIndexOf(" ");
  return (isTrue(kill) || at < 0 ? cut : cut.slice(0, at)) + ending;
}

function grouped(value: Value, attribute: Value, absent: Value, isSensitive: Value): Value {
  const read = reader(attribute, absent);
  const key = isTrue(isSensitive) ? read : (one: Value) => ignoringCase(read(one));
  const groups = new Map<string, Value[]>();
  for (const one of sorted(itemsOf(value), key, false)) {
    const hash = hashOf(key(one));
    groups.set(hash, [...(groups.get(hash) ?? []), one]);
  }
  return [...groups.values()].map((list) => {
    const grouper = read(list[0]!);
    return new Attributes(
      (name) => (name === "grouper" ? grouper : name === "list" ? list : undefined),
      [grouper, list],
    );
  });
}

function unique(value: Value, isSensitive: Value, attribute: Value): Value {
  const key = keyed(attribute, isSensitive);
  return new Iterator(
    [...new Map([...itemsOf(value)].reverse().map((one) => [hashOf(key(one)), one])).values()].reverse(),
  );
}

function sliced(value: Value, slices: Value, fill: Value): Value {
  const items = itemsOf(value);
  const count = intOf(slices, "slice");
  if (count < 1 || count > 1000) fail("slice into so many parts");
  const [each, extra] = [Math.floor(items.length / count), items.length % count];
  let at = 0;
  const parts = Array.from({ length: count }, (_, i) => {
    const part = items.slice(at, at + each + (i < extra ? 1 : 0));
    at += part.length;
    return fill !== null && i >= extra ? [...part, fill] : part;
  });
  return new Iterator(parts);
}

function batched(value: Value, linecount: Value, fill: Value): Value {
  const items = itemsOf(value);
  const each = limited(intOf(linecount, "batch"));
  if (each < 1) fail("batch of less than one");
  const parts: Value[][] = [];
  for (let at = 0; at < items.length; at += each) parts.push(items.slice(at, at + each));
  const last = parts.at(-1);
  while (last && fill !== null && last.length < each) last.push(fill);
  return new Iterator(parts);
}

const lower = (value: Value) => str(value).toLowerCase();
const wordStart = new RegExp(`([-${SPACES}({[<]+)`);
const titled = (text: string) =>
  text
    .split(wordStart)
    .map((part) => {
      const [first = "", ...rest] = part;
      return first.toUpperCase() + rest.join("").toLowerCase();
    })
    .join("");

/** `{{ x|tojson }}` as transformers sets it. */
function toJson(value: Value, ascii: Value, indent: Value, separators: Value, sortKeys: Value): Value {
  const level =
    indent === null || typeof indent === "string"
      ? (indent ?? undefined)
      : " ".repeat(limited(Math.max(0, intOf(indent, "tojson"))));
  const [between, after] =
    separators === null
      ? [level === undefined ? ", " : ",", ": "]
      : itemsOf(separators).map((one) => textOf(one, "tojson"));
  return jsonText(value, {
    indent: level,
    separators: [
      between ?? fail("tojson needs two separators"),
      after ?? fail("tojson needs two separators"),
    ],
    sortKeys: isTrue(sortKeys),
    ascii: isTrue(ascii),
  });
}

export const filters: Readonly<Record<string, Filter>> = {
  abs: filter((value) => {
    const number = numberOf(value) ?? fail(`abs of ${typeName(value)}`);
    return value instanceof Float ? new Float(Math.abs(number)) : Math.abs(number);
  }),
  attr: filter((value, name) => memberOnly(value, textOf(name!, "attr")), "name"),
  batch: filter(batched as Filter["run"], "linecount", none("fill_with")),
  capitalize: filter((value) => capitalized(str(value))),
  center: filter((value, width) => textMethods.center!.run(str(value), width!, " "), ["width", 80]),
  count: size,
  d: fallback,
  default: fallback,
  dictsort: filter(
    (value, isSensitive, by, isReverse) => {
      const at = by === "key" ? 0 : by === "value" ? 1 : fail("dictsort by key or by value");
      if (!(value instanceof Dict)) return fail(`dictsort of ${typeName(value)}`);
      const pairs = value.entries().map((pair) => new Tuple(pair));
      return sorted(pairs, keyed(at, isSensitive!), isReverse!);
    },
    no("case_sensitive"),
    ["by", "key"],
    no("reverse"),
  ),
  e: escaping,
  escape: escaping,
  first: filter((value) => {
    const found = value instanceof Iterator ? value.next() : itemsOf(value)[0];
    return orElse(found, () => new Undefined("the first of an empty list"));
  }),
  float: filter(
    (value, other) => {
      const number = numberOf(value);
      if (number !== undefined) return new Float(number);
      return (typeof value === "string" ? parsedFloat(value) : undefined) ?? other!;
    },
    ["default", new Float(0)],
  ),
  forceescape: filter((value) => escaped(str(value))),
  groupby: filter(grouped as Filter["run"], "attribute", none("default"), no("case_sensitive")),
  indent: filter(indented as Filter["run"], ["width", 4], no("first"), no("blank")),
  int: filter(
    (value, other, base) => {
      const number = numberOf(value);
      if (number !== undefined) return Number.isFinite(number) ? Math.trunc(number) + 0 : other!;
      if (typeof value !== "string") return other!;
      const float = parsedFloat(value)?.value;
      const whole = parsedInt(value, intOf(base!, "int"));
      return whole ?? (float !== undefined && Number.isFinite(float) ? Math.trunc(float) + 0 : other!);
    },
    ["default", 0],
    ["base", 10],
  ),
  items: filter((value) => {
    if (value instanceof Undefined) return new Iterator([]);
    if (!(value instanceof Dict)) return fail(`items of ${typeName(value)}`);
    return new Iterator(value.entries().map((pair) => new Tuple(pair)));
  }),
  join: filter(
    (value, separator, attribute) => joined(str(separator!), itemsOf(value).map(reader(attribute!)).map(str)),
    ["d", ""],
    none("attribute"),
  ),
  last: filter((value) => {
    if (value instanceof Iterator) return fail("the last of an iterator");
    return orElse(itemsOf(value).at(-1), () => new Undefined("the last of an empty list"));
  }),
  length: size,
  list: filter((value) => [...itemsOf(value)]),
  lower: filter(lower),
  max: extreme(1),
  min: extreme(-1),
  replace: filter(
    (value, old, by, count) =>
      replaced(str(value), str(old!), str(by!), count === null ? -1 : intOf(count!, "replace")),
    "old",
    "new",
    none("count"),
  ),
  reverse: filter((value) =>
    typeof value === "string"
      ? Array.from(value).reverse().join("")
      : new Iterator([...itemsOf(value)].reverse()),
  ),
  round: filter(rounded as Filter["run"], ["precision", 0], ["method", "common"]),
  safe: filter((value) => new Markup(str(value))),
  slice: filter(sliced as Filter["run"], "slices", none("fill_with")),
  sort: filter(
    (value, isReverse, isSensitive, attribute) => {
      const several = typeof attribute === "string" && attribute.includes(",");
      const keys = several
        ? (attribute as string).split(",").map((one) => keyed(one, isSensitive!))
        : [keyed(attribute!, isSensitive!)];
      const key = several ? (one: Value): Value => keys.map((read) => read(one)) : keys[0]!;
      return sorted(itemsOf(value), key, isReverse!);
    },
    no("reverse"),
    no("case_sensitive"),
    none("attribute"),
  ),
  string: filter((value) => (value instanceof Markup ? value : str(value))),
  sum: filter(
    (value, attribute, start) =>
      itemsOf(value)
        .map(reader(attribute!))
        .reduce((sum, one) => binary("+", sum, one), start!),
    none("attribute"),
    ["start", 0],
  ),
  title: filter((value) => titled(str(value))),
  tojson: filter(
    toJson as Filter["run"],
    no("ensure_ascii"),
    none("indent"),
    none("separators"),
    no("sort_keys"),
  ),
  trim: filter(
    (value, chars) => strip(str(value), chars === null ? null : textOf(chars!, "trim"), "both"),
    none("chars"),
  ),
  truncate: filter(
    truncated as Filter["run"],
    ["length", 255],
    no("killwords"),
    ["end", "..."],
    none("leeway"),
  ),
  unique: filter(unique as Filter["run"], no("case_sensitive"), none("attribute")),
  upper: filter((value) => str(value).toUpperCase()),
  wordcount: filter((value) => countWords(str(value))),
};

/** Filters that Jinja2 has and that are not done here. */
export const refusedFilters = [
  "filesizeformat",
  "pprint",
  "random",
  "striptags",
  "urlencode",
  "urlize",
  "wordwrap",
  "xmlattr",
];
