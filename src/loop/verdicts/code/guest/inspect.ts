/**
 * Inside the sandbox: values as Node's console prints them, two levels deep and 80 columns wide.
 *
 * Its text is taken into the sandbox, so that it must not refer to anything outside itself.
 */

export interface Inspector {
  readonly inspect: (value: unknown) => string;
  /** The arguments of a call of console.log, `%d` and its like filled in. */
  readonly format: (...values: readonly unknown[]) => string;
}

export function makeInspector(): Inspector {
  const [deepest, width, mostItems, insideOneLine] = [2, 80, 100, 3];
  /** The deepest level met so far, counted down from the top. */
  let innermost = 0;

  function inspect(value: unknown): string {
    innermost = 0;
    return show(value, 0, 0, []);
  }

  function show(value: any, level: number, indent: number, above: readonly unknown[]): string {
    if (typeof value === "string") return quoted(value);
    if (typeof value === "bigint") return `${value}n`;
    if (Object.is(value, -0)) return "-0";
    if (typeof value === "symbol") return value.toString();
    if (value === null || (typeof value !== "object" && typeof value !== "function")) return String(value);
    if (above.includes(value)) return "[Circular *1]";
    return showObject(value, level, indent, above);
  }

  function showObject(value: any, level: number, indent: number, above: readonly unknown[]): string {
    const name: string = constructorOf(value);
    const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
    const isMap = value instanceof Map;
    const isSet = value instanceof Set;
    let base = "";
    if (typeof value === "function") {
      const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "Function";
      base = `[${kind === "class" || name === "" ? kind : name}${value.name === "" ? " (anonymous)" : `${kind === "class" ? " " : ": "}${value.name}`}]`;
    } else if (value instanceof Error)
      base = value.stack ? `${value}\n${value.stack.trimEnd()}` : `[${value}]`;
    else if (value instanceof RegExp) base = String(value);
    else if (value instanceof Date)
      base = Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
    else if (value instanceof Number || value instanceof String || value instanceof Boolean)
      base = `[${name}: ${show(value.valueOf(), level, indent, above)}]`;
    const isPromise = value instanceof Promise;
    const keys = Object.keys(value).filter(
      (key) => !(isList || value instanceof String) || !/^\d+$/.test(key),
    );
    const size = isList ? (value as any).length : isMap || isSet ? value.size : undefined;
    const plain = isList ? "Array" : "Object";
    const prefix =
      isMap || isSet || (isList && name !== "Array")
        ? `${name}(${size}) `
        : name === plain || base !== ""
          ? ""
          : `${name === "" ? "[Object: null prototype]" : name} `;
    if (base !== "" && keys.length === 0) return base;
    if (level > deepest) return `[${isList ? "Array" : name === "" ? "Object: null prototype" : name}]`;
    innermost = level;
    const within = [...above, value];
    const next = (item: unknown, by = 2): string => show(item, level + 1, indent + by, within);
    const output: string[] = [];
    if (isList) output.push(...listItems(value, next));
    else if (isMap) for (const [key, item] of value) output.push(`${next(key)} => ${next(item)}`);
    else if (isSet) for (const item of value) output.push(next(item));
    else if (isPromise) output.push("<pending>");
    for (const key of keys) output.push(property(value, key, next));
    for (const key of Object.getOwnPropertySymbols(value))
      if (Object.prototype.propertyIsEnumerable.call(value, key))
        output.push(`[${key.toString()}]: ${next((value as any)[key])}`);
    const [open, close] = isList ? [`${prefix}[`, "]"] : [`${prefix}{`, "}"];
    if (output.length === 0) return base || `${open}${close}`;
    return inLines(output, isList ? value : undefined, base, open, close, level, indent);
  }

  function listItems(list: any, next: (item: unknown) => string): string[] {
    const output: string[] = [];
    let at = 0;
    for (; at < list.length && output.length < mostItems; at++) {
      if (at in list) {
        output.push(next(list[at]));
        continue;
      }
      const from = at;
      while (at + 1 < list.length && !(at + 1 in list)) at++;
      const holes = at - from + 1;
      output.push(`<${holes} empty item${holes > 1 ? "s" : ""}>`);
    }
    const left = list.length - at;
    if (left > 0) output.push(`... ${left} more item${left > 1 ? "s" : ""}`);
    return output;
  }

  function property(value: object, key: string, next: (item: unknown) => string): string {
    const { get, set, value: item } = Object.getOwnPropertyDescriptor(value, key) ?? {};
    const shown = get ? (set ? "[Getter/Setter]" : "[Getter]") : set ? "[Setter]" : next(item);
    return `${/^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key) ? key : quoted(key)}: ${shown}`;
  }

  function inLines(
    items: readonly string[],
    list: any,
    base: string,
    open: string,
    close: string,
    level: number,
    indent: number,
  ): string {
    const output = list !== undefined && items.length > 6 ? inColumns(items, list, indent) : items;
    const head = base === "" ? "" : `${base} `;
    if (innermost - level < insideOneLine && output === items) {
      const start = output.length + indent + open.length + base.length + 10;
      const length = output.reduce((sum, one) => sum + one.length, output.length + start);
      const line = output.join(", ");
      if (length <= width && !line.includes("\n") && !base.includes("\n"))
        return `${head}${open} ${line} ${close}`;
    }
    const margin = `\n${" ".repeat(indent)}`;
    return `${head}${open}${margin}  ${output.join(`,${margin}  `)}${margin}${close}`;
  }

  /** Short items of a list side by side. */
  function inColumns(output: readonly string[], list: any, indent: number): readonly string[] {
    const hasMore = list.length > mostItems && output.length > mostItems;
    const count = hasMore ? output.length - 1 : output.length;
    const lengths = output.slice(0, count).map((one) => one.length);
    const longest = Math.max(...lengths);
    const total = lengths.reduce((sum, length) => sum + length + 2, 0);
    const cell = longest + 2;
    if (!(cell * 3 + indent < width && (total / cell > 5 || longest <= 6))) return output;
    const biased = Math.max(cell - 3 - Math.sqrt(cell - total / output.length), 1);
    const columns = Math.min(
      Math.round(Math.sqrt(2.5 * biased * count) / biased),
      Math.floor((width - indent) / cell),
      12,
      15,
    );
    if (columns <= 1) return output;
    const widths = Array.from({ length: columns }, (_, column) =>
      Math.max(...lengths.filter((_, i) => i % columns === column)),
    ).map((length) => length + 2);
    const isNumbers = output.every((_, i) => typeof list[i] === "number" || typeof list[i] === "bigint");
    const lines: string[] = [];
    for (let at = 0; at < count; at += columns) {
      const row = output.slice(at, Math.min(at + columns, count));
      const cells = row.map((one, i) => {
        const isLast = i === row.length - 1;
        if (isNumbers) return isLast ? one.padStart(widths[i]! - 2) : `${one}, `.padStart(widths[i]!);
        return isLast ? one : `${one}, `.padEnd(widths[i]!);
      });
      lines.push(cells.join(""));
    }
    if (hasMore) lines.push(output[count]!);
    return lines;
  }

  function constructorOf(value: object): string {
    for (let at = value; at !== null; at = Object.getPrototypeOf(at)) {
      const own = Object.getOwnPropertyDescriptor(at, "constructor")?.value;
      if (typeof own === "function" && own.name !== "") return own.name;
    }
    return "";
  }

  function quoted(text: string): string {
    const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : !text.includes("`") ? "`" : "'";
    const escapes: Record<string, string> = {
      "\n": "\\n",
      "\t": "\\t",
      "\r": "\\r",
      "\b": "\\b",
      "\f": "\\f",
      "\v": "\\v",
    };
    let out = "";
    for (const letter of text) {
      if (letter === "\\" || (letter === mark && mark === "'")) out += `\\${letter}`;
      else if (escapes[letter] !== undefined) out += escapes[letter];
      else
        out +=
          letter < " " ? `\\x${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}` : letter;
    }
    return `${mark}${out}${mark}`;
  }

  const asText = (value: unknown): string => (typeof value === "string" ? value : inspect(value));

  function format(...values: readonly unknown[]): string {
    if (values.length === 1) return asText(values[0]);
    let used = 0;
    let head = "";
    if (typeof values[0] === "string") {
      used = 1;
      head = values[0].replace(/%[sdifjoOc%]/g, (mark) => {
        if (mark === "%%") return "%";
        if (used >= values.length) return mark;
        const value = values[used++] as any;
        if (mark === "%c") return "";
        if (mark === "%j") return JSON.stringify(value);
        if (mark === "%o" || mark === "%O") return inspect(value);
        if (mark === "%s")
          return typeof value === "string" || typeof value !== "object" ? asText(value) : inspect(value);
        if (typeof value === "object") return "NaN";
        if (typeof value === "bigint") return `${value}n`;
        const number =
          mark === "%d"
            ? Number(value)
            : mark === "%i"
              ? Number.parseInt(value, 10)
              : Number.parseFloat(value);
        return Object.is(number, -0) ? "-0" : String(number);
      });
      if (used >= values.length) return head;
      head += " ";
    }
    return head + values.slice(used).map(asText).join(" ");
  }

  return { inspect, format };
}
