/**
 * Inside the sandbox: what programs take for granted and the language itself lacks: timers, a clock, chance, texts, copies.
 *
 * Time is counted and not measured: timers run in order without waiting, the clock moves with them and a little with each
 * look at it, and chance begins the same, so that a program does the same on every machine.
 * Its text is taken into the sandbox, so that it must not refer to anything outside itself.
 */

export interface Clock {
  /** Runs the timer that is due next; false where there is none. */
  readonly step: () => boolean;
  /** Runs `task` after what is under way, as a timer of 0 ms. */
  readonly later: (task: () => void) => void;
  readonly now: () => number;
  readonly began: number;
}

export function giveGlobals(give: (names: Record<string, unknown>) => void): Clock {
  const began = 1_735_689_600_000;
  let clock = began;
  const now = (): number => (clock += 0.001);

  const waiting = new Map<number, { at: number; task: () => void; every: number | undefined }>();
  let last = 0;
  class Timeout {
    readonly #id: number;
    constructor(id: number) {
      this.#id = id;
    }
    ref = () => this;
    unref = () => this;
    hasRef = () => true;
    [Symbol.toPrimitive] = () => this.#id;
  }
  const start = (task: unknown, wait: unknown, args: readonly unknown[], repeats = false): Timeout => {
    if (typeof task !== "function") throw new TypeError('The "callback" argument must be of type function.');
    const ms = Math.min(Math.max(Number(wait) || 0, 1), 2 ** 31 - 1);
    waiting.set(++last, { at: clock + ms, task: () => task(...args), every: repeats ? ms : undefined });
    return new Timeout(last);
  };
  const stop = (timer: any): void => {
    if (timer !== undefined && timer !== null) waiting.delete(Number(timer));
  };
  const step = (): boolean => {
    let next: number | undefined;
    for (const [id, { at }] of waiting) if (next === undefined || at < waiting.get(next)!.at) next = id;
    if (next === undefined) return false;
    const { at, task, every } = waiting.get(next)!;
    waiting.delete(next);
    clock = Math.max(clock, at);
    if (every !== undefined) waiting.set(next, { at: clock + every, task, every });
    task();
    return true;
  };

  const RealDate = Date;
  // a function and no class: Date() without new gives text
  const CountedDate: any = function (this: unknown, ...args: any[]) {
    if (new.target === undefined) return new RealDate(Math.floor(now())).toString();
    return Reflect.construct(RealDate, args.length === 0 ? [Math.floor(now())] : args, new.target);
  };
  Object.defineProperty(CountedDate, "name", { value: "Date" });
  CountedDate.prototype = RealDate.prototype;
  RealDate.prototype.constructor = CountedDate;
  CountedDate.now = () => Math.floor(now());
  CountedDate.parse = RealDate.parse;
  CountedDate.UTC = RealDate.UTC;

  let state = 0x9e3779b9;
  // mulberry32
  Math.random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };

  const copy = (value: any, seen = new Map<unknown, unknown>()): any => {
    if (typeof value === "function" || typeof value === "symbol")
      throw new TypeError(`${String(value)} could not be cloned.`);
    if (typeof value !== "object" || value === null) return value;
    if (seen.has(value)) return seen.get(value);
    const kept = (made: any): any => {
      seen.set(value, made);
      return made;
    };
    if (value instanceof RealDate) return kept(new RealDate(value.getTime()));
    if (value instanceof RegExp) return kept(new RegExp(value.source, value.flags));
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return kept((value as any).slice());
    if (value instanceof Map) {
      const made = kept(new Map());
      for (const [key, item] of value) made.set(copy(key, seen), copy(item, seen));
      return made;
    }
    if (value instanceof Set) {
      const made = kept(new Set());
      for (const item of value) made.add(copy(item, seen));
      return made;
    }
    const made = kept(
      Array.isArray(value)
        ? new Array(value.length)
        : value instanceof Error
          ? new (value.constructor as any)(value.message)
          : {},
    );
    for (const key of Object.keys(value)) made[key] = copy(value[key], seen);
    return made;
  };

  const bytesOf = (text: unknown): string =>
    unescape(encodeURIComponent((String(text) as any).toWellFormed()));
  class TextEncoder {
    readonly encoding = "utf-8";
    encode(text: unknown = ""): Uint8Array {
      const bytes = bytesOf(text);
      return Uint8Array.from({ length: bytes.length }, (_, i) => bytes.charCodeAt(i));
    }
  }
  class TextDecoder {
    readonly encoding = "utf-8";
    decode(bytes: any = []): string {
      const view: Uint8Array = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
      let text = "";
      for (let at = 0; at < view.length; at += 4096)
        text += String.fromCharCode(...view.subarray(at, at + 4096));
      try {
        return decodeURIComponent(escape(text));
      } catch {
        return text;
      }
    }
  }
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const btoa = (text: unknown): string => {
    const bytes = String(text);
    let out = "";
    for (let at = 0; at < bytes.length; at += 3) {
      const [a, b, c] = [bytes.charCodeAt(at), bytes.charCodeAt(at + 1), bytes.charCodeAt(at + 2)];
      if (a > 255 || b > 255 || c > 255) throw new Error("Invalid character");
      out += letters[a >> 2]! + letters[((a & 3) << 4) | (b >> 4)]!;
      out += Number.isNaN(b) ? "=" : letters[((b & 15) << 2) | (c >> 6)]!;
      out += Number.isNaN(c) ? "=" : letters[c & 63]!;
    }
    return out;
  };
  const atob = (text: unknown): string => {
    let [out, held, bits] = ["", 0, 0];
    for (const letter of String(text).replace(/[=\s]/g, "")) {
      const value = letters.indexOf(letter);
      if (value < 0) throw new Error("The string to be decoded is not correctly encoded.");
      held = ((held << 6) | value) & 0xffffff;
      if ((bits += 6) >= 8) out += String.fromCharCode((held >> (bits -= 8)) & 255);
    }
    return out;
  };

  // the order of dictionaries: letters before their accents, accents before case, small before capital
  const bare = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "");
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const rank = (text: string): string =>
    text.replace(
      /./gsu,
      (letter) =>
        (/\s/.test(letter) ? "0" : /\p{P}|\p{S}/u.test(letter) ? "1" : /\p{N}/u.test(letter) ? "2" : "3") +
        letter,
    );
  const collate = (one: unknown, other: unknown, options: any = {}): number => {
    const [a, b] = [String(one).normalize(), String(other).normalize()];
    const pad = (text: string): string =>
      options.numeric ? text.replace(/\d+/g, (run) => run.replace(/^0+(?=\d)/, "").padStart(20, "0")) : text;
    const base = order(rank(pad(bare(a).toLowerCase())), rank(pad(bare(b).toLowerCase())));
    if (base !== 0 || options.sensitivity === "base") return base;
    const accent = order(a.toLowerCase(), b.toLowerCase());
    if (accent !== 0 || options.sensitivity === "accent") return accent;
    return -order(a, b);
  };
  String.prototype.localeCompare = function (other: string, _?: unknown, options?: unknown) {
    return collate(this, other, options);
  };
  const grouped = (value: any, options: any = {}): string => {
    if (typeof value === "number" && !Number.isFinite(value))
      return Number.isNaN(value) ? "NaN" : value < 0 ? "-∞" : "∞";
    const { minimumFractionDigits: least = 0, useGrouping = true } = options;
    const most = options.maximumFractionDigits ?? Math.max(least, 3);
    const [whole, part = ""] = (typeof value === "bigint" ? String(value) : value.toFixed(most)).split(".");
    const digits = part.replace(/0+$/, "").padEnd(least, "0");
    const parted = useGrouping ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
    return digits === "" ? parted : `${parted}.${digits}`;
  };
  Number.prototype.toLocaleString = function (_?: unknown, options?: unknown) {
    return grouped(this.valueOf(), options);
  };
  BigInt.prototype.toLocaleString = function () {
    return grouped(this.valueOf());
  };

  if ((Array as any).fromAsync === undefined)
    (Array as any).fromAsync = async (items: any, map = (item: unknown, _: number) => item) => {
      const out: unknown[] = [];
      for await (const item of items) out.push(await map(item, out.length));
      return out;
    };
  (Error as any).captureStackTrace ??= () => {};

  give({
    Date: CountedDate,
    setTimeout: (task: unknown, ms?: unknown, ...args: unknown[]) => start(task, ms, args),
    setInterval: (task: unknown, ms?: unknown, ...args: unknown[]) => start(task, ms, args, true),
    setImmediate: (task: unknown, ...args: unknown[]) => start(task, 0, args),
    clearTimeout: stop,
    clearInterval: stop,
    clearImmediate: stop,
    queueMicrotask: (task: () => void) => void Promise.resolve().then(task),
    structuredClone: (value: unknown) => copy(value),
    performance: { now: () => now() - began, timeOrigin: began, mark() {}, measure() {} },
    Intl: {
      Collator: class {
        readonly #options: unknown;
        constructor(_?: unknown, options?: unknown) {
          this.#options = options;
        }
        compare = (a: unknown, b: unknown): number => collate(a, b, this.#options as any);
      },
      NumberFormat: class {
        readonly #options: unknown;
        constructor(_?: unknown, options?: unknown) {
          this.#options = options;
        }
        format = (value: unknown): string => grouped(value, this.#options as any);
      },
    },
    TextEncoder,
    TextDecoder,
    atob,
    btoa,
  });
  return { step, later: (task) => void start(task, 0, []), now, began };
}
