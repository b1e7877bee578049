/**
 * A JavaScript engine in WebAssembly, for code a model wrote.
 *
 * The code sees QuickJS's own globals and nothing of this process: no files, no network, no timers, no
 * host objects. Every answer has an instance of its own, whose memory cannot grow beyond the limit and goes
 * with it. Steps are counted, not timed; one call of a built-in is one step, however long it takes.
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
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";

export interface SandboxLimits {
  /** All that an answer holds, the engine's own data and stack included; a multiple of 65,536, 16 MiB at least. */
  readonly memoryBytes: number;
  readonly stackBytes: number;
  /** Times the engine may ask whether to go on; it asks every some thousand steps. */
  readonly pauses: number;
}

const defaultLimits: SandboxLimits = { memoryBytes: 32 << 20, stackBytes: 128 << 10, pauses: 2000 };

/** The value of a call as JSON, or what went wrong in a few words. */
export type Outcome = { readonly json: string | undefined } | { readonly fault: string };

export interface Sandbox {
  /** Calls the global function `name` with arguments given as JSON. */
  call(name: string, argumentsJson: string): Outcome;
}

/** What programs for Node take for granted and tests do not need: printing goes nowhere. An answer may declare its own. */
const SURROUNDINGS = `{
  const give = (name, value) =>
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  const print = () => {};
  give("console", Object.fromEntries(["log", "info", "warn", "error", "debug", "table"].map((name) => [name, print])));
  give("module", { exports: {} });
  give("exports", module.exports);
}`;

const PAGE_BYTES = 1 << 16;
/** Memory the engine is built to begin with. */
const INITIAL_BYTES = 16 << 20;

/** What is used of it; Node's types name its records alone. */
const wasm = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly;
interface Wasm {
  compile(bytes: Uint8Array): Promise<object>;
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => object;
}

let compiled: Promise<object> | undefined;

/**
 * Runs `code`, then hands its global functions to `use`.
 *
 * @returns what `use` returns, or the fault of the code itself
 */
export async function inSandbox<T>(
  code: string,
  use: (sandbox: Sandbox) => T,
  limits: SandboxLimits = defaultLimits,
): Promise<T | { readonly fault: string }> {
  const quickjs = await openEngine(limits.memoryBytes);
  try {
    return runIn(quickjs, code, use, limits);
  } catch (fault) {
    // the instance itself gave up, as it may when its memory runs out
    return { fault: `the sandbox gave up: ${fault instanceof Error ? fault.message : String(fault)}` };
  }
}

async function openEngine(memoryBytes: number): Promise<QuickJSWASMModule> {
  compiled ??= readFile(
    createRequire(import.meta.url).resolve("@jitl/quickjs-wasmfile-release-sync/wasm"),
  ).then((bytes) => wasm.compile(bytes));
  // `setMemoryLimit` of QuickJS refuses one allocation above it, not their sum; this memory has no more pages
  const wasmMemory = new wasm.Memory({
    initial: INITIAL_BYTES / PAGE_BYTES,
    maximum: memoryBytes / PAGE_BYTES,
  });
  // the package's types describe its CommonJS face, whose default lies one level deeper than here
  const base = variant as unknown as QuickJSSyncVariant;
  return newQuickJSWASMModuleFromVariant(newVariant(base, { wasmModule: await compiled, wasmMemory }));
}

/** Nothing is disposed of here: all of it goes with the instance. */
function runIn<T>(
  quickjs: QuickJSWASMModule,
  code: string,
  use: (sandbox: Sandbox) => T,
  limits: SandboxLimits,
): T | { readonly fault: string } {
  const runtime = quickjs.newRuntime();
  runtime.setMaxStackSize(limits.stackBytes);
  let pauses = limits.pauses;
  runtime.setInterruptHandler(() => --pauses < 0);
  const context = runtime.newContext();
  // taken before the code runs, which may put its own in their place
  const json = context.getProp(context.global, "JSON");
  const [parse, stringify] = [context.getProp(json, "parse"), context.getProp(json, "stringify")];
  context.evalCode(SURROUNDINGS, "surroundings.js", { type: "global" });
  const loaded = context.evalCode(code, "answer.js", { type: "global" });
  if (loaded.error) return { fault: faultOf(context, loaded.error) };
  return use({
    call(name, argumentsJson) {
      const list = context.callFunction(parse, context.undefined, context.newString(argumentsJson));
      if (list.error) return { fault: faultOf(context, list.error) };
      const callee = context.evalCode(`(...list) => ${name}(...list)`, "call.js");
      if (callee.error) return { fault: faultOf(context, callee.error) };
      const count = context.getNumber(context.getProp(list.value, "length"));
      const args = Array.from({ length: count }, (_, i) => context.getProp(list.value, i));
      const result = context.callFunction(callee.value, context.undefined, ...args);
      if (result.error) return { fault: faultOf(context, result.error) };
      const text = context.callFunction(stringify, context.undefined, result.value);
      if (text.error) return { fault: faultOf(context, text.error) };
      return { json: context.typeof(text.value) === "string" ? context.getString(text.value) : undefined };
    },
  });
}

/** `TypeError: x is not a function`, from whatever was thrown. */
function faultOf(context: QuickJSContext, thrown: QuickJSHandle): string {
  const value: unknown = context.dump(thrown);
  // with its memory full the engine has none left for an error, and throws this
  if (value === null) return "it ran out of memory, or threw null";
  if (typeof value !== "object") return String(value).slice(0, 300);
  const { name = "Error", message = "" } = value as { readonly name?: unknown; readonly message?: unknown };
  const text = `${String(name)}: ${String(message)}`.slice(0, 300);
  return text === "InternalError: interrupted" ? "it ran for too long" : text;
}
