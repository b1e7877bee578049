/**
 * Fuel: a WebAssembly module that counts what it does, and stops.
 *
 *   a module's bytes  →  the bytes of the same module, with an exported counter `fuel`
 *
 * Every turn of a loop, every function that calls another and every block of memory that is copied or filled takes
 * from the counter what it costs, and traps once that is below 0. Nothing runs for long without one of these, so
 * no built-in escapes it, however slow; and the count is the same on every machine.
 */
import { InternalError } from "../../../errors.ts";

/** Instructions that one turn of a loop or one call counts as at most: much of a large body is passed over. */
const MOST_AT_ONCE = 32;

const section = { type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 } as const;
const I64 = 0x7e;
const I32 = 0x7f;
const END = 0x0b;
const UNREACHABLE = 0x00;
const [MEMORY_COPY, MEMORY_FILL] = [0xfc0a, 0xfc0b];

/** How many numbers follow an instruction; -1 where it is not known. */
const numbersOf = Int8Array.from({ length: 256 }, (_, op) => {
  if (op === 0x11 || (op >= 0x28 && op <= 0x3e)) return 2;
  if ([0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0xd0, 0xd2].includes(op)) return 1;
  if ((op >= 0x20 && op <= 0x26) || (op >= 0x3f && op <= 0x42)) return 1;
  const isPlain = [0x00, 0x01, 0x05, END, 0x0f, 0x1a, 0x1b, 0xd1].includes(op);
  return isPlain || (op >= 0x45 && op <= 0xc4) ? 0 : -1;
});

/** @throws InternalError where the module has an instruction that is not known here */
export function withFuel(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const reader = new Reader(bytes);
  reader.at = 8;
  const sections: { readonly id: number; readonly content: Uint8Array }[] = [];
  while (reader.at < bytes.length) {
    const id = reader.byte();
    sections.push({ id, content: reader.take(reader.unsigned()) });
  }
  const contentOf = (id: number): Uint8Array => sections.find((one) => one.id === id)?.content ?? leb(0);
  const countOf = (id: number): number => new Reader(contentOf(id)).unsigned();

  const imported = importsOf(contentOf(section.import));
  const fuel = leb(imported.globals + countOf(section.global));
  const type = leb(countOf(section.type));
  const copy = imported.functions + countOf(section.function);
  const meter = new Meter(fuel, { copy: leb(copy), fill: leb(copy + 1) });
  const bodies: Uint8Array[] = [];
  const code = new Reader(contentOf(section.code));
  for (let count = code.unsigned(); count > 0; count--) bodies.push(meter.body(code.take(code.unsigned())));

  const threeNumbers = [0x60, 3, I32, I32, I32, 0];
  // the module's own start runs before anyone can set the counter
  const counter = [I64, 1, 0x42, ...signed(2 ** 30), END];
  const exported = [4, ...new TextEncoder().encode("fuel"), 3, ...fuel];
  const replaced: Readonly<Record<number, Uint8Array>> = {
    [section.type]: appended(contentOf(section.type), threeNumbers),
    [section.function]: appended(contentOf(section.function), [...type], [...type]),
    [section.global]: appended(contentOf(section.global), counter),
    [section.export]: appended(contentOf(section.export), exported),
    [section.code]: vector(
      [...bodies, meter.ofBlock([0xfc, 10, 0, 0]), meter.ofBlock([0xfc, 11, 0])].map(sized),
    ),
  };
  const out = sections.map(({ id, content }) => joined([[id], sized(replaced[id] ?? content)]));
  return joined([bytes.subarray(0, 8), ...out]);
}

/** Puts the counting into function bodies. */
class Meter {
  readonly #fuel: Uint8Array;
  readonly #calls: { readonly copy: Uint8Array; readonly fill: Uint8Array };

  constructor(fuel: Uint8Array, calls: { readonly copy: Uint8Array; readonly fill: Uint8Array }) {
    this.#fuel = fuel;
    this.#calls = calls;
  }

  /** A function's body with the counting in it. */
  body(bytes: Uint8Array): Uint8Array {
    const reader = new Reader(bytes);
    for (let kinds = reader.unsigned(); kinds > 0; kinds--) {
      reader.unsigned();
      reader.byte();
    }
    const start = { at: reader.at, cost: 0 };
    const turns: (typeof start)[] = [];
    const changes: { readonly from: number; readonly to: number; readonly put: Uint8Array }[] = [];
    /** Of each open block the place that its instructions count for. */
    const open = [start];
    let calls = false;
    while (reader.at < bytes.length) {
      const from = reader.at;
      const op = reader.instruction();
      const place = open[open.length - 1]!;
      place.cost++;
      if (op === 0x03) {
        const turn = { at: reader.at, cost: 0 };
        turns.push(turn);
        open.push(turn);
      } else if (op === 0x02 || op === 0x04) open.push(place);
      else if (op === END) open.pop();
      else if (op === 0x10 || op === 0x11) calls = true;
      else if (op === MEMORY_COPY || op === MEMORY_FILL) {
        const callee = op === MEMORY_COPY ? this.#calls.copy : this.#calls.fill;
        changes.push({ from, to: reader.at, put: joined([[0x10], callee]) });
      }
    }
    for (const { at, cost } of calls ? [start, ...turns] : turns)
      changes.push({ from: at, to: at, put: this.#charge([0x42, ...signed(Math.min(cost, MOST_AT_ONCE))]) });
    if (changes.length === 0) return bytes;
    changes.sort((a, b) => a.from - b.from);
    const out: Uint8Array[] = [];
    let done = 0;
    for (const { from, to, put } of changes) {
      out.push(bytes.subarray(done, from), put);
      done = to;
    }
    return joined([...out, bytes.subarray(done)]);
  }

  /** A function (to, from or value, bytes) that charges 1 a byte and then runs `instruction`. */
  ofBlock(instruction: readonly number[]): Uint8Array {
    const given = [0x20, 0, 0x20, 1, 0x20, 2];
    const bytes = [0x20, 2, 0xad];
    return joined([[0], this.#charge(bytes), given, instruction, [END]]);
  }

  /** fuel -= cost; if (fuel < 0) trap */
  #charge(cost: readonly number[]): Uint8Array {
    const fuel = this.#fuel;
    const take = [0x23, ...fuel, ...cost, 0x7d, 0x24, ...fuel];
    return Uint8Array.from([...take, 0x23, ...fuel, 0x42, 0, 0x53, 0x04, 0x40, UNREACHABLE, END]);
  }
}

function importsOf(content: Uint8Array): { readonly functions: number; readonly globals: number } {
  const reader = new Reader(content);
  let [functions, globals] = [0, 0];
  for (let count = reader.unsigned(); count > 0; count--) {
    reader.take(reader.unsigned());
    reader.take(reader.unsigned());
    const kind = reader.byte();
    if (kind === 0) functions++;
    if (kind === 3) globals++;
    if (kind === 1) reader.byte();
    if (kind === 1 || kind === 2) {
      const hasMaximum = (reader.byte() & 1) === 1;
      reader.unsigned();
      if (hasMaximum) reader.unsigned();
    } else if (kind === 0) reader.unsigned();
    else reader.take(2);
  }
  return { functions, globals };
}

class Reader {
  at = 0;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    return this.bytes[this.at++]!;
  }

  take(length: number): Uint8Array {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  #numbers(count: number): void {
    for (; count > 0; count--) while (this.bytes[this.at++]! >= 128);
  }

  /** Passes one instruction. @returns what it is; of those that begin with `fc`, `0xfc00` and the second number */
  instruction(): number {
    const op = this.byte();
    if (op === 0x0e || op === 0x1c) {
      const count = this.unsigned();
      this.#numbers(op === 0x0e ? count + 1 : count);
    } else if (op === 0x43) this.at += 4;
    else if (op === 0x44) this.at += 8;
    else if (op === 0xfc) {
      const sub = this.unsigned();
      if (sub > 17) throw unknown(op, sub);
      if (sub >= 8) this.#numbers(sub <= 14 && sub % 2 === 0 ? 2 : 1);
      return 0xfc00 + sub;
    } else {
      const numbers = numbersOf[op]!;
      if (numbers < 0) throw unknown(op);
      this.#numbers(numbers);
    }
    return op;
  }
}

const unknown = (...op: readonly number[]): InternalError =>
  new InternalError(`WebAssembly's instruction ${op.join(" ")} cannot be counted`);

/** A number from 0 up in LEB128. */
function leb(value: number): Uint8Array {
  const out: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) out.push((value % 128) | 128);
  return Uint8Array.from([...out, value]);
}

/** The same signed: a sixth bit that is set would make it negative. */
const signed = (value: number): readonly number[] => {
  const bytes = [...leb(value)];
  const last = bytes.pop()!;
  return last < 64 ? [...bytes, last] : [...bytes, last | 128, 0];
};
const sized = (content: Uint8Array): Uint8Array => joined([leb(content.length), content]);
const vector = (items: readonly Uint8Array[]): Uint8Array => joined([leb(items.length), ...items]);

/** A section with items more. */
function appended(content: Uint8Array, ...items: readonly (readonly number[])[]): Uint8Array {
  const reader = new Reader(content);
  const count = reader.unsigned();
  return joined([leb(count + items.length), content.subarray(reader.at), ...items]);
}

function joined(pieces: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
