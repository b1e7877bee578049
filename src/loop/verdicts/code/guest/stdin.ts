/**
 * Inside the sandbox: standard input as a stream, and by lines as Node's readline gives them.
 *
 * Its text is taken into the sandbox, so that it must not refer to anything outside itself.
 */
import type { Clock } from "./globals.ts";

/** All that there is to read. */
export interface Input {
  readonly text: string;
  readonly bytes: ArrayBuffer;
}

export function makeStdin(EventEmitter: any, Buffer: any, { later }: Clock, { text, bytes }: Input): any {
  /** The input, given once to whoever asks first: as data, by read(), or as an iteration. */
  class Stdin extends EventEmitter {
    readonly fd = 0;
    readonly isTTY = false;
    #encoding: string | undefined;
    #isWanted = false;
    #rest: string | undefined = text;
    setEncoding(encoding = "utf8"): this {
      this.#encoding = encoding;
      return this;
    }
    #take(): unknown {
      const rest = this.#rest;
      this.#rest = undefined;
      if (rest === undefined || rest === "") return null;
      return this.#encoding === undefined ? new Buffer(bytes) : rest;
    }
    read(): unknown {
      const chunk = this.#take();
      if (chunk === null) later(() => this.#end());
      return chunk;
    }
    #hasEnded = false;
    #end(): void {
      if (this.#hasEnded) return;
      this.#hasEnded = true;
      this.emit("end");
      this.emit("close");
    }
    on(name: unknown, task: any): this {
      super.on(name, task);
      if (name === "data" || name === "readable") this.#flow(name);
      return this;
    }
    #flow(how: "data" | "readable"): void {
      if (this.#isWanted) return;
      this.#isWanted = true;
      later(() => {
        if (how === "readable") {
          this.emit("readable");
          if (this.#rest === undefined) this.emit("readable");
          return;
        }
        const chunk = this.#take();
        if (chunk !== null) this.emit("data", chunk);
        this.#end();
      });
    }
    resume(): this {
      this.#flow("data");
      return this;
    }
    pause(): this {
      return this;
    }
    ref(): this {
      return this;
    }
    unref(): this {
      return this;
    }
    destroy(): this {
      return this;
    }
    pipe(target: any): any {
      this.on("data", (chunk: unknown) => target.write(chunk));
      return target;
    }
    async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
      const chunk = this.#take();
      if (chunk !== null) yield chunk;
    }
    /** What nobody has read yet. */
    rest(): string {
      const rest = this.#rest ?? "";
      this.#rest = undefined;
      return rest;
    }
  }
  return new Stdin();
}

export function makeReadline(
  EventEmitter: any,
  stdin: any,
  { later }: Clock,
  write: (text: string) => void,
): any {
  /** Lines wait for whoever asks for them: a question, an iteration, or listeners. */
  class Interface extends EventEmitter {
    #lines: readonly string[] | undefined;
    #next = 0;
    #asked: ((line: string) => void) | undefined;
    #isClosed = false;
    readonly #echoes: boolean;
    constructor(options: any, output?: any) {
      super();
      this.#echoes = (output ?? options?.output) !== undefined;
      later(() => this.#pump());
    }
    #all(): readonly string[] {
      if (this.#lines === undefined) {
        const rest = stdin.rest();
        this.#lines = rest === "" ? [] : rest.replace(/\r?\n$/, "").split(/\r?\n/);
      }
      return this.#lines!;
    }
    #pump(): void {
      while (!this.#isClosed && (this.#asked !== undefined || this.listenerCount("line") > 0)) {
        if (this.#next >= this.#all().length) break;
        const line = this.#all()[this.#next++]!;
        const asked = this.#asked;
        this.#asked = undefined;
        if (asked === undefined) this.emit("line", line);
        else {
          asked(line);
          later(() => this.#pump());
          return;
        }
      }
      const isAwaited =
        this.#asked !== undefined || ["line", "close"].some((name) => this.listenerCount(name) > 0);
      if (isAwaited && this.#next >= this.#all().length) this.close();
    }
    question(text: string, options: any, answered: any = options): void {
      if (this.#echoes) write(text);
      this.#asked = answered;
      later(() => this.#pump());
    }
    on(name: unknown, task: any): this {
      super.on(name, task);
      if (name === "line") later(() => this.#pump());
      return this;
    }
    setPrompt(): void {}
    prompt(): void {
      if (this.#echoes) write("> ");
    }
    write(): void {}
    pause(): this {
      return this;
    }
    resume(): this {
      return this;
    }
    close(): void {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.emit("close");
    }
    [Symbol.asyncIterator](): AsyncGenerator<string> {
      return this.#iterate();
    }
    async *#iterate(): AsyncGenerator<string> {
      while (!this.#isClosed && this.#next < this.#all().length) yield this.#all()[this.#next++]!;
      this.close();
    }
  }
  (Interface.prototype.question as any)[Symbol.for("nodejs.util.promisify.custom")] = function (
    this: Interface,
    text: string,
  ) {
    return new Promise((resolve) => this.question(text, resolve));
  };
  class PromisedInterface extends Interface {
    override question(text: string): any {
      return new Promise((resolve) => super.question(text, resolve));
    }
  }
  const readlinePromises = {
    createInterface: (options: any, output?: any) => new PromisedInterface(options, output),
  };
  const readline = {
    createInterface: (options: any, output?: any) => new Interface(options, output),
    Interface,
    promises: readlinePromises,
    clearLine() {},
    cursorTo() {},
  };

  return readline;
}
