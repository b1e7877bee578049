/**
 * Values → text, as Python's `str`, `repr` and `json.dumps` write them; a text beyond the limit ends the rendering.
 */
import { fail } from "./jinja-error.ts";
import { quoted } from "./python-text.ts";
import { Dict, Float, Markup, Range, Tuple, typeName, Undefined, type Value, View } from "./values.ts";

/** Characters of one text. Longer prompts fit no model. */
export const LONGEST_TEXT = 2 ** 20;

/** Gathers pieces up to the limit, so that a list that holds another a thousand times is not written out. */
class Pieces {
  readonly #pieces: string[] = [];
  #length = 0;

  add(piece: string): void {
    this.#length += piece.length;
    if (this.#length > LONGEST_TEXT) fail("a text too long");
    this.#pieces.push(piece);
  }

  get text(): string {
    return this.#pieces.join("");
  }
}

/** Python's `str`. */
export function str(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof Undefined) return "";
  return repr(value);
}

/** Python's `repr`. */
export function repr(value: Value): string {
  const pieces = new Pieces();
  write(value, pieces);
  return pieces.text;
}

function write(value: Value, to: Pieces): void {
  const list = (items: readonly Value[], open: string, close: string) => {
    to.add(open);
    items.forEach((item, i) => {
      if (i > 0) to.add(", ");
      write(item, to);
    });
    to.add(close);
  };
  if (value === null) to.add("None");
  else if (typeof value === "boolean") to.add(value ? "True" : "False");
  else if (typeof value === "number") to.add(String(value));
  else if (typeof value === "string") to.add(quoted(value));
  else if (value instanceof Float) to.add(floatText(value.value));
  else if (value instanceof Undefined) to.add("Undefined");
  else if (value instanceof Markup) to.add(`Markup(${quoted(value.text)})`);
  else if (value instanceof Tuple) list(value.items, "(", value.items.length === 1 ? ",)" : ")");
  else if (Array.isArray(value)) list(value as readonly Value[], "[", "]");
  else if (value instanceof View) list(value.items, `dict_${value.kind}([`, "])");
  else if (value instanceof Range)
    to.add(`range(${value.start}, ${value.stop}${value.step === 1 ? "" : `, ${value.step}`})`);
  else if (value instanceof Dict) {
    to.add("{");
    value.entries().forEach(([key, held], i) => {
      if (i > 0) to.add(", ");
      write(key, to);
      to.add(": ");
      write(held, to);
    });
    to.add("}");
  } else fail(`${typeName(value)} cannot be printed: Python would write its address`);
}

/** A float as Python's shortest `repr` writes it. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const [digits = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16)
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  const text =
    exponent < 0 ? value.toFixed(digits.replace(/[-.]/g, "").length - 1 - exponent) : String(value);
  if (Object.is(value, -0)) return "-0.0";
  return text.includes(".") ? text : `${text}.0`;
}

export interface JsonStyle {
  /** The text of one level, or none for one line. */
  readonly indent: string | undefined;
  readonly separators: readonly [string, string];
  readonly sortKeys: boolean;
  readonly ascii: boolean;
}

/** Python's `json.dumps`. */
export function jsonText(value: Value, style: JsonStyle): string {
  const pieces = new Pieces();
  writeJson(value, style, 0, pieces);
  return pieces.text;
}

function writeJson(value: Value, style: JsonStyle, depth: number, to: Pieces): void {
  const { indent, separators, sortKeys } = style;
  const nested = <T>(items: readonly T[], open: string, close: string, one: (item: T) => void) => {
    const line = (levels: number) => {
      if (indent !== undefined && items.length > 0) to.add(`\n${indent.repeat(levels)}`);
    };
    to.add(open);
    items.forEach((item, i) => {
      if (i > 0) to.add(separators[0]);
      line(depth + 1);
      one(item);
    });
    line(depth);
    to.add(close);
  };
  if (value === null) to.add("null");
  else if (typeof value === "boolean" || typeof value === "number") to.add(String(value));
  else if (value instanceof Float) to.add(jsonFloat(value.value));
  else if (typeof value === "string") to.add(jsonString(value, style));
  else if (value instanceof Markup) to.add(jsonString(value.text, style));
  else if (Array.isArray(value) || value instanceof Tuple)
    nested(value instanceof Tuple ? value.items : (value as readonly Value[]), "[", "]", (item) =>
      writeJson(item, style, depth + 1, to),
    );
  else if (value instanceof Dict) {
    const entries = value.entries().map(([key, held]) => [jsonKey(key), held] as const);
    if (sortKeys) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    nested(entries, "{", "}", ([key, held]) => {
      to.add(jsonString(key, style));
      to.add(separators[1]);
      writeJson(held, style, depth + 1, to);
    });
  } else if (value instanceof Undefined) fail(`tojson of ${value.what}, which is undefined`);
  else fail(`tojson of ${typeName(value)}`);
}

function jsonKey(key: Value): string {
  if (typeof key === "string") return key;
  if (key === null || typeof key === "boolean" || typeof key === "number") return String(key);
  return key instanceof Float ? jsonFloat(key.value) : fail(`tojson of a key of ${typeName(key)}`);
}

function jsonFloat(value: number): string {
  if (Number.isFinite(value)) return floatText(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

function jsonString(text: string, { ascii }: JsonStyle): string {
  const escaped = JSON.stringify(text);
  if (!ascii) return escaped;
  return escaped.replace(/[\x7f-\uffff]/g, (unit) =>
    unit === "\x7f" ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
