/**
 * Inside the sandbox: standard input and output, by all the ways in which programs for Node reach them.
 *
 *   the input, whole  →  process.stdin, fs.readFileSync(0), readline
 *   what is printed   →  one text
 *
 * Its text is taken into the sandbox, so that it must not refer to anything outside itself.
 */
import type { Clock } from "./globals.ts";
import type { Inspector } from "./inspect.ts";
import type { Input } from "./stdin.ts";

export interface Streams {
  readonly console: any;
  readonly process: any;
  readonly Buffer: any;
  readonly modules: Readonly<Record<string, unknown>>;
  /** Runs what the program left for its end, and gives all that was printed. */
  readonly finish: () => string;
  readonly hasExited: () => boolean;
}

/** What the other files of this folder make. */
export interface Makers {
  readonly makeEventEmitter: () => any;
  readonly makeBuffer: (input: Input, host: any) => any;
  readonly makeStdin: (EventEmitter: any, Buffer: any, clock: Clock, input: Input) => any;
  readonly makeReadline: (EventEmitter: any, stdin: any, clock: Clock, write: (text: string) => void) => any;
}

export function makeStreams(
  makers: Makers,
  { inspect, format }: Inspector,
  clock: Clock,
  input: Input,
  host: any,
  isMain: boolean,
): Streams {
  const { later, now, began } = clock;
  const printed: string[] = [];
  let hasExited = false;
  const write = (chunk: unknown): boolean => {
    if (!hasExited) printed.push(typeof chunk === "string" ? chunk : String(chunk));
    return true;
  };

  const EventEmitter = makers.makeEventEmitter();
  const Buffer = makers.makeBuffer(input, host);
  const stdin = makers.makeStdin(EventEmitter, Buffer, clock, input);
  const readline = makers.makeReadline(EventEmitter, stdin, clock, write);
  const inputBuffer = (): Uint8Array => new Buffer(input.bytes);
  const encodingOf = (options: any): string | undefined =>
    (typeof options === "string" ? options : options?.encoding) ?? undefined;

  const isInput = (path: unknown): boolean =>
    path === 0 ||
    path === "/dev/stdin" ||
    path === "/dev/fd/0" ||
    path === "/proc/self/fd/0" ||
    path === stdin;
  const noFile = (path: unknown): Error =>
    Object.assign(new Error(`ENOENT: no such file or directory, open '${String(path)}'`), {
      code: "ENOENT",
      errno: -2,
      path,
    });
  const readFileSync = (path: unknown, options?: unknown): unknown => {
    if (!isInput(path)) throw noFile(path);
    return encodingOf(options) === undefined ? inputBuffer() : input.text;
  };
  const writeSync = (path: unknown, chunk: unknown): number => {
    if (path === 1 || path === "/dev/stdout") write(chunk);
    else if (path !== 2 && path !== "/dev/stderr") throw noFile(path);
    return String(chunk).length;
  };
  let readSoFar = 0;
  const readSync = (path: unknown, target: Uint8Array, offset: any = 0, length = target.length): number => {
    if (!isInput(path)) throw noFile(path);
    const from = typeof offset === "object" ? offset : { offset, length };
    const chunk = inputBuffer().subarray(readSoFar, readSoFar + (from.length ?? target.length));
    target.set(chunk, from.offset ?? 0);
    readSoFar += chunk.length;
    return chunk.length;
  };
  const calledBack =
    (work: (...args: any[]) => unknown) =>
    (...args: any[]): void => {
      const callback = args.pop();
      let [fault, value]: unknown[] = [null];
      try {
        value = work(...args);
      } catch (thrown) {
        fault = thrown;
      }
      later(() => callback(fault, value));
    };
  const fs = {
    readFileSync,
    writeFileSync: writeSync,
    appendFileSync: writeSync,
    writeSync,
    readSync,
    existsSync: (path: unknown) => isInput(path),
    fstatSync: () => ({ size: input.bytes.byteLength, isFile: () => false }),
    openSync: (path: unknown) => {
      if (isInput(path)) return 0;
      throw noFile(path);
    },
    closeSync() {},
    readFile: calledBack(readFileSync),
    writeFile: calledBack(writeSync),
    createReadStream: (path: unknown) => {
      if (!isInput(path)) throw noFile(path);
      return stdin;
    },
    promises: {
      readFile: async (path: unknown, options?: unknown) => readFileSync(path, options),
      writeFile: async (path: unknown, chunk: unknown) => void writeSync(path, chunk),
    },
  };

  const exit = new Error("the program has ended");
  const process: any = Object.assign(new EventEmitter(), {
    stdin,
    stdout: Object.assign(new EventEmitter(), {
      fd: 1,
      isTTY: false,
      columns: 80,
      write: (chunk: unknown, ...rest: unknown[]) => {
        write(chunk);
        const done = rest.at(-1);
        if (typeof done === "function") later(() => done());
        return true;
      },
      end: (chunk?: unknown) => chunk !== undefined && write(chunk),
      cork() {},
      uncork() {},
    }),
    stderr: Object.assign(new EventEmitter(), { fd: 2, isTTY: false, write: () => true }),
    openStdin: () => stdin,
    argv: ["/node", isMain ? "/answer.js" : "/test.js"],
    env: {},
    platform: "linux",
    version: "v20.0.0",
    versions: { node: "20.0.0" },
    pid: 1,
    exitCode: undefined,
    cwd: () => "/",
    nextTick: (task: any, ...args: unknown[]) => void Promise.resolve().then(() => task(...args)),
    uptime: () => (now() - began) / 1000,
    hrtime: Object.assign(
      ([seconds, rest] = [0, 0]) => {
        const nanos = Math.floor((now() - began) * 1e6);
        return [Math.floor(nanos / 1e9) - seconds, (nanos % 1e9) - rest];
      },
      { bigint: () => BigInt(Math.floor((now() - began) * 1e6)) },
    ),
    memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
    exit: () => {
      if (!hasExited) process.emit("exit", process.exitCode ?? 0);
      hasExited = true;
      throw exit;
    },
    emitWarning() {},
  });

  let margin = "";
  const counts = new Map<unknown, number>();
  const print = (...values: unknown[]): void => {
    const line = format(...values);
    write(`${margin === "" ? line : margin + line.replaceAll("\n", `\n${margin}`)}\n`);
  };
  const silent = (): void => {};
  const console = {
    log: print,
    info: print,
    debug: print,
    dir: (value: unknown) => print(inspect(value)),
    group: (...values: unknown[]) => {
      if (values.length > 0) print(...values);
      margin += "  ";
    },
    groupEnd: () => {
      margin = margin.slice(2);
    },
    count: (label: unknown = "default") => {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      print(`${label}: ${counts.get(label)}`);
    },
    error: silent,
    warn: silent,
    trace: silent,
    assert: silent,
    table: print,
    time: silent,
    timeEnd: silent,
    timeLog: silent,
  };

  return {
    console,
    process,
    Buffer,
    modules: {
      fs,
      "fs/promises": fs.promises,
      readline,
      "readline/promises": readline.promises,
      events: EventEmitter,
      buffer: { Buffer },
      process,
      "stream/consumers": { text: async (stream: any) => stream.rest?.() ?? "" },
    },
    finish: () => {
      if (!hasExited)
        try {
          process.emit("beforeExit", 0);
          process.emit("exit", process.exitCode ?? 0);
        } catch (thrown) {
          if (thrown !== exit) throw thrown;
        }
      return printed.join("");
    },
    hasExited: () => hasExited,
  };
}
