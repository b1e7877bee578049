/**
 * The columns of a row, looked for by what they hold.
 *
 *   field  →  the value and the path it was found at, or what stands there instead
 *
 * The field has several names for each column; all of them are known here, in any case, and a map names
 * any other.
 */
import { type FieldName, type Fields, valueAt } from "./fields.ts";

/** A value and the path it was found at. */
export interface Found {
  readonly path: readonly string[];
  readonly value: unknown;
  /** Columns of the row that hold nothing more. */
  readonly columns: readonly string[];
}

/** Usual names, the first that holds something is taken. */
const usual: Readonly<Record<FieldName, readonly string[]>> = {
  problem: ["problem", "question", "prompt", "messages"],
  answer: ["answer", "ground_truth", "reward_model.ground_truth"],
  solution: ["solution", "completion"],
  id: ["id"],
};

/** What a field should be, for rows where it is something else. */
const kinds: Readonly<Record<FieldName, string>> = {
  problem: "neither text nor a list of {role, content}",
  answer: "nothing to compare with",
  solution: "not text",
  id: "neither text nor a number",
};

export class Columns {
  readonly #row: Readonly<Record<string, unknown>>;
  readonly #fields: Fields;
  readonly #typed: boolean;
  #byLowerCase?: ReadonlyMap<string, string>;

  /** @param typed  true where a column that holds columns is JSON text */
  constructor(row: Readonly<Record<string, unknown>>, fields: Fields, typed: boolean) {
    this.#row = row;
    this.#fields = fields;
    this.#typed = typed;
  }

  /** The first column for the field with such a value. */
  find(field: FieldName, isFilled: (value: unknown) => boolean): Found | undefined {
    return this.#lookUp(field).find(({ value }) => isFilled(value));
  }

  /** Why nothing was found, in words that go on from "line 3". */
  missing(field: FieldName): string {
    const [found] = this.#lookUp(field);
    if (found !== undefined) return isNot(field, found);
    const names = field === "answer" ? [...usual.answer, "solution"] : usual[field];
    const looked = this.#fields[field]?.join(".") ?? `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
    const has = Object.keys(this.#row).slice(0, 12).join(", ") || "no columns";
    return `has no ${looked} (it has ${has})`;
  }

  #lookUp(field: FieldName): readonly Found[] {
    const mapped = this.#fields[field];
    const paths = mapped === undefined ? usual[field].map((name) => name.split(".")) : [mapped];
    // exact names first; a map is meant to the letter
    const others = mapped === undefined ? paths.flatMap((path) => this.#inAnotherCase(path)) : [];
    return [...paths, ...others]
      .map((path) => this.#at(path) ?? this.#joined(path))
      .filter((found) => found !== undefined);
  }

  #at(path: readonly string[]): Found | undefined {
    const value = valueAt(this.#row, path, this.#typed);
    return value === undefined ? undefined : { path, value, columns: path.length === 1 ? path : [] };
  }

  /** The texts of several columns, those that are filled, with an empty line between. */
  #joined(path: readonly string[]): Found | undefined {
    const parts = path.join(".").split("+");
    if (parts.length === 1) return undefined;
    const found = parts.flatMap((part) => this.#at(part.split(".")) ?? []);
    const texts = found.map(({ value }) => value).filter((value) => typeof value === "string");
    if (texts.length < found.length || found.length === 0) return undefined;
    const value = texts.filter((text) => text.trim() !== "").join("\n\n");
    return { path, value, columns: found.flatMap(({ columns }) => columns) };
  }

  /** The path as this row writes its first name, such as `Problem`, where that is not as usual. */
  #inAnotherCase([first, ...rest]: readonly string[]): readonly (readonly string[])[] {
    if (Object.hasOwn(this.#row, first!)) return [];
    this.#byLowerCase ??= new Map(Object.keys(this.#row).map((name) => [name.toLowerCase(), name]));
    const name = this.#byLowerCase.get(first!);
    return name === undefined ? [] : [[name, ...rest]];
  }
}

function isNot(field: FieldName, { path, value }: Found): string {
  const name = path.join(".");
  const what = `${field === "answer" ? "an" : "a"} ${name === field ? field : `${field} (${name})`}`;
  if (typeof value === "string") return `has ${what} without any text`;
  if (value === null) return `has ${what} that is null`;
  const shown = typeof value === "number" ? String(value) : JSON.stringify(value);
  return `has ${what} that is ${kinds[field]}: ${shown.slice(0, 60)}`;
}
