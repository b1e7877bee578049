/**
 * Python's `'%s' % value` and `'{}'.format(value)`, for texts and numbers.
 */
import { fail } from "./jinja-error.ts";
import { floatText, LONGEST_TEXT, repr, str } from "./print.ts";
import { characters, lengthOf, slice } from "./python-text.ts";
import { Dict, Float, type Named, numberOf, Tuple, type Value } from "./values.ts";

export function percentFormat(text: string, given: Value): string {
  const values = given instanceof Tuple ? [...given.items] : [given];
  const isNamed = given instanceof Dict;
  let used = 0;
  const next = () => (used < values.length ? values[used++]! : fail("not enough values for the % in a text"));
  const pattern = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?([a-zA-Z%]?)/g;
  const result = text.replace(pattern, (...found: string[]) => {
    const [, key, flags = "", width, precision, kind = ""] = found;
    if (kind === "%") return "%";
    if (key !== undefined && !isNamed) fail("a % with a name needs a mapping");
    const number = (size: string | undefined) => (size === "*" ? (numberOf(next()) ?? 0) : Number(size));
    const wide = width === undefined ? undefined : number(width);
    const digits = precision === undefined ? undefined : number(precision);
    const value =
      key === undefined ? next() : ((given as Dict).get(key) ?? fail(`no key ${key} for the % in a text`));
    if (isNamed && key === undefined) used = values.length;
    let body = converted(kind, value, digits, flags);
    const fill = flags.includes("0") && !flags.includes("-") && !"srac".includes(kind) ? "0" : " ";
    if (wide !== undefined)
      body = padded(body, wide, flags.includes("-") ? "<" : fill === "0" ? "=" : ">", fill);
    return body;
  });
  if (!isNamed && used < values.length && !(given instanceof Dict)) fail("more values than % in a text");
  return result;
}

function converted(kind: string, value: Value, digits: number | undefined, flags: string): string {
  if (kind === "s") return digits === undefined ? str(value) : slice(str(value), 0, digits);
  if (kind === "r") return digits === undefined ? repr(value) : slice(repr(value), 0, digits);
  if (kind === "c" && typeof value === "string" && lengthOf(value) === 1) return value;
  const number = numberOf(value);
  if (number === undefined) return fail(`%${kind} of what is no number`);
  const sign = flags.includes("+") ? "+" : flags.includes(" ") ? " " : "-";
  if ("di".includes(kind)) return signed(Math.trunc(number), sign, (size) => String(size));
  if ("xXo".includes(kind) && Number.isInteger(number))
    return inBase(number, kind, sign, flags.includes("#"));
  if ("fFeEgG".includes(kind) && kind !== "") return floating(number, kind, digits ?? 6, sign);
  return fail(`%${kind} in a text is not supported`);
}

function inBase(number: number, kind: string, sign: string, prefixed: boolean): string {
  const base = { x: 16, X: 16, o: 8, b: 2 }[kind]!;
  return signed(number, sign, (size) => {
    const text = (prefixed ? `0${kind}` : "") + size.toString(base);
    return kind === "X" ? text.toUpperCase() : text;
  });
}

function signed(number: number, sign: string, write: (size: number) => string): string {
  const isNegative = number < 0 || Object.is(number, -0);
  return (isNegative && number !== 0 ? "-" : sign === "-" ? "" : sign) + write(Math.abs(number));
}

function floating(number: number, kind: string, digits: number, sign: string, alternate = false): string {
  if (digits > 100) fail("more than 100 digits");
  const minus = number < 0 || Object.is(number, -0) ? "-" : sign === "-" ? "" : sign;
  const size = Math.abs(number);
  const lower = kind.toLowerCase();
  const exponent = (text: string) => text.replace(/e([+-])(\d)$/, "e$10$2");
  let text: string;
  if (!Number.isFinite(size)) text = Number.isNaN(size) ? "nan" : "inf";
  else if (lower === "f") text = fixed(size, digits);
  else if (lower === "e") text = exponent(size.toExponential(digits));
  else {
    const precision = digits === 0 ? 1 : digits;
    const power = size === 0 ? 0 : Number(size.toExponential(precision - 1).split("e")[1]);
    text =
      power < -4 || power >= precision
        ? exponent(size.toExponential(precision - 1))
        : fixed(size, precision - 1 - power);
    if (!alternate && text.includes(".")) text = text.replace(/\.?0+(?=e|$)/, "");
  }
  return minus + (kind === lower ? text : text.toUpperCase());
}

/** A number to so many decimals; what lies in the middle goes to the even one, as in Python. */
export function fixed(size: number, digits: number): string {
  const text = size.toFixed(digits);
  const exact = size.toFixed(Math.min(100, digits + 30));
  const tail = exact.slice(exact.length - (Math.min(100, digits + 30) - digits));
  if (!/^50*$/.test(tail) || !/[13579]$/.test(text)) return text;
  const cut = exact.slice(0, exact.length - tail.length);
  return cut.endsWith(".") ? cut.slice(0, -1) : cut;
}

function padded(text: string, width: number, align: string, fill: string): string {
  if (width > LONGEST_TEXT) fail("a text too long");
  const missing = Math.max(0, width - lengthOf(text));
  if (align === "<") return text + fill.repeat(missing);
  if (align === ">") return fill.repeat(missing) + text;
  if (align === "^") return fill.repeat(Math.floor(missing / 2)) + text + fill.repeat(Math.ceil(missing / 2));
  const sign = /^[-+ ]/.exec(text)?.[0] ?? "";
  return sign + fill.repeat(missing) + text.slice(sign.length);
}

/** @param read  gives `value.name` and `value[name]`, as templates may read them */
export function braceFormat(
  text: string,
  given: readonly Value[],
  named: Named,
  read: (value: Value, key: string | number, isItem: boolean) => Value,
): string {
  let used = 0;
  return text.replace(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g, (whole, field: string | undefined) => {
    if (whole === "{{" || whole === "}}") return whole[0]!;
    if (field === undefined) return fail("a single { or } in format()");
    const parts = /^([^!:.[]*)((?:\.[^.[!:]+|\[[^\]]+\])*)(?:!([rs]))?(?::(.*))?$/s.exec(field);
    if (parts === null) return fail(`format() does not know {${field}}`);
    const [, first = "", path = "", conversion, spec = ""] = parts;
    const key = first === "" ? String(used++) : first;
    let value = /^\d+$/.test(key) ? given[Number(key)] : named.get(key);
    if (value === undefined) return fail(`format() was given no ${key}`);
    for (const step of path.matchAll(/\.([^.[]+)|\[([^\]]+)\]/g)) {
      const at = step[1] ?? step[2]!;
      value = read(value, step[2] !== undefined && /^\d+$/.test(at) ? Number(at) : at, step[2] !== undefined);
    }
    return withSpec(conversion === "r" ? repr(value) : conversion === "s" ? str(value) : value, spec);
  });
}

function withSpec(value: Value, spec: string): string {
  const parts = /^(?:(.)?([<>=^]))?([-+ ]?)(#?)(0?)(\d*)([,_]?)(?:\.(\d+))?([a-zA-Z%]?)$/su.exec(spec);
  if (parts === null) return fail(`format() does not know :${spec}`);
  const [, given, align, sign = "", alternate, zero, width = "", group, precision, kind = ""] = parts;
  const digits = precision === undefined ? undefined : Number(precision);
  const number = numberOf(value);
  let body: string;
  if (number === undefined || (typeof value === "boolean" && spec === "")) {
    if (!["", "s"].includes(kind) || sign !== "" || group !== "")
      return fail(`format() of :${spec} for a text`);
    body =
      digits === undefined
        ? str(value)
        : characters(str(value)).length > digits
          ? slice(str(value), 0, digits)
          : str(value);
  } else {
    const how = sign === "" ? "-" : sign;
    if (kind === "%") body = `${floating(number * 100, "f", digits ?? 6, how)}%`;
    else if ("eEfFgG".includes(kind) && kind !== "") body = floating(number, kind, digits ?? 6, how);
    else if (value instanceof Float && kind === "")
      body = digits === undefined ? signed(number, how, floatText) : fail(`format() of :${spec} for a float`);
    else if (["", "d"].includes(kind) && Number.isInteger(number)) body = signed(number, how, String);
    else if (["x", "X", "o", "b"].includes(kind)) body = inBase(number, kind, how, alternate === "#");
    else return fail(`format() does not know :${spec}`);
    if (group) body = body.replace(/\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, group));
  }
  if (width === "") return body;
  const isNumber = number !== undefined;
  return padded(body, Number(width), align ?? (zero ? "=" : isNumber ? ">" : "<"), given ?? (zero || " "));
}
