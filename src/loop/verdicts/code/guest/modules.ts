/**
 * Inside the sandbox: the modules of Node that programs ask for by `require` or `import`.
 *
 * Its text is taken into the sandbox, so that it must not refer to anything outside itself.
 */
import type { Clock } from "./globals.ts";
import type { Inspector } from "./inspect.ts";

export function makeRequire(
  { inspect, format }: Inspector,
  { later }: Clock,
  streams: Readonly<Record<string, unknown>>,
  globals: any,
): (name: string) => unknown {
  const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
  const same = (a: any, b: any, strict: boolean): boolean => {
    if (Object.is(a, b) || (!strict && (a == b || (a !== a && b !== b)))) return true;
    if (!isObject(a) || !isObject(b)) return false;
    if (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
    if (Array.isArray(a) !== Array.isArray(b)) return false;
    if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
    if (a instanceof RegExp) return String(a) === String(b);
    if (a instanceof Map && b instanceof Map)
      return (
        a.size === b.size && [...a].every(([key, value]) => b.has(key) && same(value, b.get(key), strict))
      );
    if (a instanceof Set && b instanceof Set)
      return (
        a.size === b.size &&
        [...a].every((one) => b.has(one) || [...b].some((other) => same(one, other, strict)))
      );
    const [own, others] = [Object.keys(a), Object.keys(b)];
    return (
      own.length === others.length &&
      own.every((key) => key in b && same((a as any)[key], (b as any)[key], strict))
    );
  };

  class AssertionError extends Error {
    override name = "AssertionError";
    code = "ERR_ASSERTION";
  }
  const claim = (holds: unknown, message: unknown, usual: () => string): void => {
    if (holds) return;
    throw message instanceof Error
      ? message
      : new AssertionError(message === undefined ? usual() : String(message));
  };
  const compared =
    (holds: (a: any, b: any) => boolean, word: string) =>
    (a: unknown, b: unknown, message?: unknown): void =>
      claim(holds(a, b), message, () => `Expected ${inspect(a)} ${word} ${inspect(b)}`);
  const throws = (task: () => unknown, wanted?: any): void => {
    try {
      task();
    } catch (thrown: any) {
      if (wanted instanceof RegExp && !wanted.test(String(thrown))) throw thrown;
      return;
    }
    throw new AssertionError("Missing expected exception.");
  };
  const ok = (value: unknown, message?: unknown): void =>
    claim(value, message, () => "The expression is not true");
  const assert: any = Object.assign((value: unknown, message?: unknown) => ok(value, message), {
    ok,
    equal: compared((a, b) => a == b, "=="),
    notEqual: compared((a, b) => a != b, "!="),
    strictEqual: compared(Object.is, "==="),
    notStrictEqual: compared((a, b) => !Object.is(a, b), "!=="),
    deepEqual: compared((a, b) => same(a, b, false), "as"),
    deepStrictEqual: compared((a, b) => same(a, b, true), "as"),
    notDeepEqual: compared((a, b) => !same(a, b, false), "unlike"),
    notDeepStrictEqual: compared((a, b) => !same(a, b, true), "unlike"),
    match: compared((text, pattern) => pattern.test(text), "to match"),
    throws,
    doesNotThrow: (task: () => unknown) => void task(),
    rejects: async (task: any) => {
      try {
        await (typeof task === "function" ? task() : task);
      } catch {
        return;
      }
      throw new AssertionError("Missing expected rejection.");
    },
    fail: (message?: unknown) => claim(false, message, () => "Failed"),
    AssertionError,
  });
  assert.strict = assert;

  const sleep = (ms: number, value?: unknown): Promise<unknown> =>
    new Promise((resolve) => globals.setTimeout(() => resolve(value), ms));
  const custom = Symbol.for("nodejs.util.promisify.custom");
  globals.setTimeout[custom] = sleep;
  const modules: Record<string, unknown> = {
    ...streams,
    assert,
    "assert/strict": assert,
    util: {
      inspect,
      format,
      isDeepStrictEqual: (a: unknown, b: unknown) => same(a, b, true),
      promisify: Object.assign(
        (task: any) =>
          task[custom] ??
          function (this: unknown, ...args: unknown[]) {
            return new Promise((resolve, reject) =>
              task.call(this, ...args, (fault: unknown, value: unknown) =>
                fault ? reject(fault) : resolve(value),
              ),
            );
          },
        { custom },
      ),
      inherits: (child: any, parent: any) => void Object.setPrototypeOf(child.prototype, parent.prototype),
      TextEncoder: globals.TextEncoder,
      TextDecoder: globals.TextDecoder,
    },
    os: { EOL: "\n", cpus: () => [{}], platform: () => "linux", tmpdir: () => "/tmp" },
    path: {
      join: (...parts: string[]) => parts.join("/").replace(/\/+/g, "/"),
      resolve: (...parts: string[]) => `/${parts.join("/")}`.replace(/\/+/g, "/"),
      basename: (path: string) => path.split("/").at(-1),
      dirname: (path: string) => path.split("/").slice(0, -1).join("/") || ".",
    },
    perf_hooks: { performance: globals.performance },
    timers: globals,
    "timers/promises": {
      setTimeout: sleep,
      setImmediate: (value?: unknown) => new Promise((resolve) => later(() => resolve(value))),
    },
    url: {
      URL: globals.URL,
      URLSearchParams: globals.URLSearchParams,
      fileURLToPath: (url: unknown) => String(url).replace(/^file:\/\//, ""),
      pathToFileURL: (path: string) => ({ href: `file://${path}` }),
    },
  };
  return (name) => {
    const plain = String(name).replace(/^node:/, "");
    if (Object.hasOwn(modules, plain)) return modules[plain];
    throw Object.assign(new Error(`Cannot find module '${name}'`), { code: "MODULE_NOT_FOUND" });
  };
}
