/**
 * A JavaScript engine in WebAssembly, for code a model wrote.
 *
 * The code sees QuickJS's own globals and what `guest/` makes of them, and nothing of this process: no files, no
 * network, no clock, no host functions. Each sandbox is an instance of its own, whose memory cannot grow beyond the
 * limit and goes with it. What the engine does is counted (fuel.ts), not timed: out of fuel it stops, wherever it is.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import variant from "@jitl/quickjs-wasmfile-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
} from "quickjs-emscripten-core";
import { withFuel } from "./fuel.ts";
import { surroundings } from "./guest/surroundings.ts";

export interface SandboxLimits {
  /** All that a program holds, the engine's own data and stack included; a multiple of 65,536, 16 MiB at least. */
  readonly memoryBytes: number;
  /** What it may do, in instructions of WebAssembly as fuel.ts counts them. */
  readonly fuel: number;
}

export interface Surroundings {
  /** What it reads from standard input. */
  readonly input: string;
  /** Whether the program is what was started, and not what is called: `require.main === module`. */
  readonly isMain: boolean;
}

/** What went wrong, in a few words. */
export interface Fault {
  readonly fault: string;
}

/** What a function gives, as JSON. */
export interface Returned {
  readonly json: string | undefined;
}
type Callable = (argumentsJson: string) => Returned | Fault;

const PAGE_BYTES = 1 << 16;
/** Memory the engine is built to begin with. */
const INITIAL_BYTES = 16 << 20;
/** Of the engine's 5 MiB. */
const STACK_BYTES = 2 << 20;
/** What a timer takes outside of the engine. */
const STEP_FUEL = 50_000;
const ENDLESS = "it ran for too long";

/** What is used of it; Node's types name its records alone. */
const wasm = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly;
interface Wasm {
  compile(bytes: Uint8Array): Promise<object>;
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => object;
  readonly Instance: new (module: object, imports: object) => Instance;
}
interface Instance {
  readonly exports: { readonly fuel: { value: bigint } };
}

let compiled: Promise<object> | undefined;

export class Sandbox {
  readonly #instance: Instance;
  readonly #context: QuickJSContext;
  /** `Surroundings` of guest/surroundings.ts. */
  #guest!: QuickJSHandle;

  private constructor(instance: Instance, context: QuickJSContext) {
    this.#instance = instance;
    this.#context = context;
  }

  /** Nothing of a sandbox has to be closed: all of it goes with the instance. */
  static async open({ memoryBytes, fuel }: SandboxLimits, { input, isMain }: Surroundings): Promise<Sandbox> {
    compiled ??= readFile(
      createRequire(import.meta.url).resolve("@jitl/quickjs-wasmfile-release-sync/wasm"),
    ).then((bytes) => wasm.compile(withFuel(bytes)));
    const module = await compiled;
    let instance!: Instance;
    const emscriptenModule = {
      instantiateWasm(imports: object, done: (instance: Instance) => void): object {
        instance = new wasm.Instance(module, imports);
        done(instance);
        return instance.exports;
      },
      // what it says when it gives up
      printErr() {},
    };
    // `setMemoryLimit` of QuickJS refuses one allocation above it, not their sum; this memory has no more pages
    const wasmMemory = new wasm.Memory({
      initial: INITIAL_BYTES / PAGE_BYTES,
      maximum: memoryBytes / PAGE_BYTES,
    });
    // the package's types describe its CommonJS face, whose default lies one level deeper than here
    const base = variant as unknown as QuickJSSyncVariant;
    const quickjs = await newQuickJSWASMModuleFromVariant(
      newVariant(base, { wasmMemory, emscriptenModule: emscriptenModule as object }),
    );
    const runtime = quickjs.newRuntime();
    runtime.setMaxStackSize(STACK_BYTES);
    const context = runtime.newContext();
    const sandbox = new Sandbox(instance, context);
    const surround = context.unwrapResult(context.evalCode(surroundings, "surroundings.js"));
    sandbox.fuel = fuel;
    const given = sandbox.#guarded(() => {
      const bytes = new TextEncoder().encode(input);
      const text = [context.newString(input), context.newArrayBuffer(bytes.buffer)];
      const main = isMain ? context.true : context.false;
      return context.unwrapResult(context.callFunction(surround, context.undefined, ...text, main));
    });
    if (!("fault" in given)) sandbox.#guest = given;
    return sandbox;
  }

  /** What is left of the fuel; below 0 where it ran out. */
  get fuel(): number {
    return Number(this.#instance.exports.fuel.value);
  }

  set fuel(fuel: number) {
    this.#instance.exports.fuel.value = BigInt(Math.floor(fuel));
  }

  /** @returns what is wrong with the text of a script; undefined where it can be run */
  faultOfScript(text: string): string | undefined {
    const outcome = this.#guarded(() => {
      const { error } = this.#context.evalCode(text, "answer.js", { type: "global", compileOnly: true });
      return { said: error && this.#faultOf(error) };
    });
    return "fault" in outcome ? outcome.fault : outcome.said;
  }

  /** Runs a script to the end of its last timer. @returns all that it printed */
  print(script: string): { readonly printed: string } | Fault {
    return this.#guarded(() => {
      const { error } = this.#context.evalCode(script, "answer.js", { type: "global" });
      const fault = (error && this.#unlessExited(error)) ?? this.#drain(() => this.#isTrue("hasExited"));
      if (fault !== undefined) return { fault };
      const printed = this.#ask("finish");
      return "fault" in printed ? printed : { printed: this.#context.getString(printed) };
    });
  }

  /**
   * Runs a script, and finds the function `name` in what it leaves. A script that fails after it made the function,
   * as an example of its use may, has made it.
   *
   * @returns calls it: arguments and result as JSON, undefined where it gives nothing
   */
  define(script: string, name: string): Callable | Fault {
    return this.#guarded((): Callable | Fault => {
      const context = this.#context;
      const { error } = context.evalCode(script, "answer.js", { type: "global" });
      const late = this.#jobs();
      const scope = (own: string): QuickJSHandle => {
        const found = context.evalCode(`(() => { try { return ${own}; } catch {} })()`, "find.js");
        return found.error ? context.undefined : found.value;
      };
      const callee = this.#ask("find", context.newString(name), scope(name), scope("Solution"));
      if ("fault" in callee) return callee;
      if (context.typeof(callee) === "function") return (argumentsJson) => this.#call(callee, argumentsJson);
      return { fault: error ? this.#faultOf(error) : (late ?? `ReferenceError: '${name}' is not defined`) };
    });
  }

  #call(callee: QuickJSHandle, argumentsJson: string): Returned | Fault {
    const context = this.#context;
    return this.#guarded((): Returned | Fault => {
      const begun = this.#ask("call", callee, context.newString(argumentsJson));
      if ("fault" in begun) return begun;
      let outcome = context.undefined;
      const isSettled = (): boolean => {
        const settled = this.#ask("settled");
        if (!("fault" in settled)) outcome = settled;
        return context.typeof(outcome) === "object";
      };
      const fault = this.#drain(isSettled);
      if (fault !== undefined) return { fault };
      if (context.typeof(outcome) !== "object") return { fault: "its promise is never kept" };
      const thrown = context.getProp(outcome, "thrown");
      if (context.typeof(thrown) !== "undefined") return { fault: this.#faultOf(thrown) };
      const json = context.getProp(outcome, "json");
      return { json: context.typeof(json) === "string" ? context.getString(json) : undefined };
    });
  }

  /** Runs promises and timers until `isDone` or none is left. @returns the fault that ended them, if one did */
  #drain(isDone: () => boolean): string | undefined {
    for (;;) {
      const fault = this.#jobs();
      if (fault !== undefined) return fault;
      if (isDone()) return undefined;
      this.fuel -= STEP_FUEL;
      const stepped = this.#context.callFunction(this.#method("step"), this.#guest);
      if (stepped.error) return this.#unlessExited(stepped.error);
      if (this.#context.dump(stepped.value) !== true) return undefined;
    }
  }

  #jobs(): string | undefined {
    const { error } = this.#context.runtime.executePendingJobs();
    return error && this.#unlessExited(error);
  }

  #method(name: string): QuickJSHandle {
    return this.#context.getProp(this.#guest, name);
  }

  #ask(name: string, ...args: QuickJSHandle[]): QuickJSHandle | Fault {
    const result = this.#context.callFunction(this.#method(name), this.#guest, ...args);
    return result.error ? { fault: this.#faultOf(result.error) } : result.value;
  }

  #isTrue(name: string): boolean {
    const answer = this.#ask(name);
    return !("fault" in answer) && this.#context.dump(answer) === true;
  }

  /** `process.exit` ends a program by throwing. */
  #unlessExited(thrown: QuickJSHandle): string | undefined {
    return this.#isTrue("hasExited") ? undefined : this.#faultOf(thrown);
  }

  /** `TypeError: x is not a function`, from whatever was thrown. */
  #faultOf(thrown: QuickJSHandle): string {
    const value: unknown = this.#context.dump(thrown);
    // with its memory full the engine has none left for an error, and throws this or one without a text
    if (value === null) return "it ran out of memory, or threw null";
    if (typeof value !== "object") return String(value).slice(0, 300);
    const { name = "Error", message = "" } = value as { readonly name?: unknown; readonly message?: unknown };
    if (name === "InternalError" && message === "") return "it ran out of memory";
    return `${String(name)}: ${String(message)}`.slice(0, 300);
  }

  /** What `work` gives, or the fault where the instance itself gave up: out of fuel, or out of memory. */
  #guarded<T extends object>(work: () => T): T | Fault {
    if (this.fuel < 0) return { fault: ENDLESS };
    try {
      return work();
    } catch (thrown) {
      if (this.fuel < 0) return { fault: ENDLESS };
      // of this thread, whose own is shorter
      if (thrown instanceof RangeError && thrown.message.includes("call stack"))
        return { fault: "InternalError: stack overflow" };
      return { fault: `the sandbox gave up: ${thrown instanceof Error ? thrown.message : String(thrown)}` };
    }
  }
}
