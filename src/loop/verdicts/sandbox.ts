/**
 * A JavaScript engine in WebAssembly, for code a model wrote.
 *
 * The code sees QuickJS's own globals and nothing of this process: no files, no network, no timers, no
 * host objects. Steps, memory and stack are limited, and a fresh runtime serves every answer.
 */
import variant from "@jitl/quickjs-wasmfile-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";

export interface SandboxLimits {
  readonly memoryBytes: number;
  readonly stackBytes: number;
  /** Times the engine may ask whether to go on; it asks every some thousand steps. */
  readonly pauses: number;
}

export const defaultLimits: SandboxLimits = { memoryBytes: 16 << 20, stackBytes: 128 << 10, pauses: 2000 };

/** The value of a call as JSON, or what went wrong in a few words. */
export type Outcome = { readonly json: string | undefined } | { readonly fault: string };

export interface Sandbox {
  /** Calls the global function `name` with arguments given as JSON. */
  call(name: string, argumentsJson: string): Outcome;
}

let loading: Promise<QuickJSWASMModule> | undefined;

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
  // the package's types describe its CommonJS face, whose default lies one level deeper than here
  loading ??= newQuickJSWASMModuleFromVariant(variant as unknown as QuickJSSyncVariant);
  const quickjs = await loading;
  try {
    return runIn(quickjs, code, use, limits);
  } catch (fault) {
    // the WebAssembly instance itself gave up, as it does when its own memory runs out: it is not used again
    loading = undefined;
    return { fault: `the sandbox gave up: ${fault instanceof Error ? fault.message : String(fault)}` };
  }
}

function runIn<T>(
  quickjs: QuickJSWASMModule,
  code: string,
  use: (sandbox: Sandbox) => T,
  limits: SandboxLimits,
): T | { readonly fault: string } {
  const runtime = quickjs.newRuntime();
  runtime.setMemoryLimit(limits.memoryBytes);
  runtime.setMaxStackSize(limits.stackBytes);
  let pauses = limits.pauses;
  runtime.setInterruptHandler(() => --pauses < 0);
  const context = runtime.newContext();
  const held: QuickJSHandle[] = [];
  const hold = (handle: QuickJSHandle): QuickJSHandle => {
    held.push(handle);
    return handle;
  };
  try {
    // taken before the code runs, which may put its own in their place
    const json = hold(context.getProp(context.global, "JSON"));
    const [parse, stringify] = [
      hold(context.getProp(json, "parse")),
      hold(context.getProp(json, "stringify")),
    ];
    const loaded = context.evalCode(code, "answer.js", { type: "global" });
    if (loaded.error) return { fault: faultOf(context, loaded.error) };
    loaded.value.dispose();
    return use({
      call(name, argumentsJson) {
        const list = context.callFunction(parse, context.undefined, hold(context.newString(argumentsJson)));
        if (list.error) return { fault: faultOf(context, list.error) };
        const callee = context.evalCode(`(...list) => ${name}(...list)`, "call.js");
        if (callee.error) return { fault: faultOf(context, callee.error) };
        hold(callee.value);
        hold(list.value);
        const count = context.getProp(list.value, "length").consume((handle) => context.getNumber(handle));
        const args = Array.from({ length: count }, (_, i) => hold(context.getProp(list.value, i)));
        const result = context.callFunction(callee.value, context.undefined, ...args);
        if (result.error) return { fault: faultOf(context, result.error) };
        const text = context.callFunction(stringify, context.undefined, hold(result.value));
        if (text.error) return { fault: faultOf(context, text.error) };
        hold(text.value);
        return { json: context.typeof(text.value) === "string" ? context.getString(text.value) : undefined };
      },
    });
  } finally {
    for (const handle of held) handle.dispose();
    context.dispose();
    runtime.dispose();
  }
}

/** `TypeError: x is not a function`, from whatever was thrown. */
function faultOf(context: QuickJSContext, thrown: QuickJSHandle): string {
  const value: unknown = thrown.consume((handle) => context.dump(handle));
  if (typeof value !== "object" || value === null) return String(value).slice(0, 300);
  const { name = "Error", message = "" } = value as { readonly name?: unknown; readonly message?: unknown };
  const text = `${String(name)}: ${String(message)}`.slice(0, 300);
  return text === "InternalError: interrupted" ? "it ran for too long" : text;
}
