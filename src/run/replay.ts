/**
 * What an engine said since the last checkpoint, for a run that is taken up again from there.
 *
 *   replay/step-0040.jsonl   since the checkpoint of step 40: one answer a line, {call, place, answer}
 *
 * Lines are only appended; one that was being written when the run ended is cut off. With the next checkpoint a new
 * file begins and the old one goes.
 */
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { CallRecord, RecordedCall } from "../engine/recorded-engine.ts";
import { isFile } from "../files/checked-file.ts";
import { asRunError } from "../files/disk-errors.ts";
import { type Lines, openLines } from "./line-file.ts";

interface Line {
  /** The name of a call, and how many of that name were before it. */
  readonly call: string;
  readonly place: number;
  readonly answer: unknown;
}

/** Bytes of the file. */
interface Span {
  readonly at: number;
  readonly length: number;
}

export class Replay implements CallRecord {
  readonly #folder: string;
  #path: string;
  /** Opened with the first call: an engine that needs no record has no file. */
  #opened:
    | Promise<{ readonly lines: Lines; readonly held: ReadonlyMap<string, Map<number, Span>> }>
    | undefined;
  #calls = new Map<string, number>();
  #last: Promise<void> = Promise.resolve();

  /**
   * @param folder  of the run
   * @param step    of the checkpoint that it goes on from, 0 where there is none
   */
  constructor(folder: string, step: number) {
    this.#folder = join(folder, "replay");
    this.#path = this.#pathOf(step);
  }

  async next(name: string): Promise<RecordedCall> {
    this.#opened ??= this.#open();
    const { lines, held } = await this.#opened;
    const before = this.#calls.get(name) ?? 0;
    this.#calls.set(name, before + 1);
    const call = `${name} ${before}`;
    return {
      held: await read(this.#path, held.get(call)),
      keep: (place, answer) => {
        const line: Line = { call, place, answer };
        this.#last = this.#last.then(() => lines.append([line]));
        // heard by whoever waits for it, who may have failed before
        this.#last.catch(() => {});
        return this.#last;
      },
    };
  }

  /** A checkpoint is saved: what was said before it is no longer needed. */
  async begin(step: number): Promise<void> {
    await this.close();
    this.#path = this.#pathOf(step);
    this.#calls = new Map();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await this.#last.catch(() => {});
    await (await opened)?.lines.close();
  }

  #pathOf(step: number): string {
    return join(this.#folder, `step-${String(step).padStart(4, "0")}.jsonl`);
  }

  async #open() {
    try {
      await mkdir(this.#folder, { recursive: true });
      // of checkpoints that were saved, or taken back
      for (const name of await readdir(this.#folder))
        if (name !== basename(this.#path)) await rm(join(this.#folder, name), { recursive: true });
    } catch (cause) {
      throw asRunError(cause, dirname(this.#folder));
    }
    const { held, whole } = await index(this.#path);
    return { lines: await openLines(this.#path, whole), held };
  }
}

/** Where each answer is, and up to where the file's lines are whole. */
async function index(path: string) {
  const held = new Map<string, Map<number, Span>>();
  let whole = 0;
  if (!(await isFile(path))) return { held, whole };
  let rest: Buffer[] = [];
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      const bytes = Buffer.concat([...rest, piece.subarray(from, end)]);
      rest = [];
      from = end + 1;
      const line = parsed(bytes);
      if (line === undefined) return { held, whole };
      const places = held.get(line.call) ?? new Map<number, Span>();
      held.set(line.call, places.set(line.place, { at: whole, length: bytes.length }));
      whole += bytes.length + 1;
    }
    rest.push(piece.subarray(from));
  }
  return { held, whole };
}

function parsed(bytes: Buffer): Line | undefined {
  try {
    return JSON.parse(bytes.toString()) as Line;
  } catch {
    return undefined;
  }
}

async function read(path: string, places: ReadonlyMap<number, Span> | undefined) {
  const answers = new Map<number, unknown>();
  if (places === undefined) return answers;
  const handle = await open(path);
  try {
    for (const [place, { at, length }] of places) {
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, at);
      answers.set(place, (JSON.parse(buffer.toString()) as Line).answer);
    }
  } finally {
    await handle.close();
  }
  return answers;
}
