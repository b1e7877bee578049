/**
 * The program that every sandbox begins with: it makes Node's surroundings out of the language alone.
 *
 *   the text of the functions of this folder  →  one script, whose value is `Surroundings`
 *
 * There is no function of this process in it: whatever a program does to it, it does to itself.
 */

import { makeBuffer, makeEventEmitter } from "./events.ts";
import { type Clock, giveGlobals } from "./globals.ts";
import { type Inspector, makeInspector } from "./inspect.ts";
import { makeRequire } from "./modules.ts";
import { type Input, makeReadline, makeStdin } from "./stdin.ts";
import { type Makers, makeStreams } from "./streams.ts";
import { makeUrl } from "./url.ts";

/** What is kept of it for the sandbox's own use; programs have no name for it. */
export interface Surroundings {
  /**
   * The function a program gave the world under `name`, of its own scope, as an export, as the only export or as a
   * method of a class `Solution`; undefined where there is none.
   */
  readonly find: (name: string, own: unknown, Solution: any) => unknown;
  /** Begins `callee(...args)`; `settled` has its outcome, once what it promised is there. */
  readonly call: (callee: unknown, argumentsJson: string) => void;
  readonly settled: () => { readonly json?: string; readonly thrown?: unknown } | undefined;
  /** Runs the timer that is due next; false where there is none. */
  readonly step: () => boolean;
  /** Runs what the program left for its end, and gives all that was printed. */
  readonly finish: () => string;
  readonly hasExited: () => boolean;
}

interface Pieces extends Makers {
  readonly makeInspector: () => Inspector;
  readonly giveGlobals: (give: (names: Record<string, unknown>) => void) => Clock;
  readonly makeUrl: typeof makeUrl;
  readonly makeStreams: typeof makeStreams;
  readonly makeRequire: typeof makeRequire;
}

function surround(pieces: Pieces, input: Input, isMain: boolean): Surroundings {
  const globals = globalThis as any;
  const { parse, stringify } = JSON;
  const give = (names: Record<string, unknown>): void => {
    for (const name of Object.keys(names))
      Object.defineProperty(globalThis, name, { value: names[name], writable: true, configurable: true });
  };
  const inspector = pieces.makeInspector();
  const clock = pieces.giveGlobals(give);
  give(pieces.makeUrl());
  const streams = pieces.makeStreams(pieces, inspector, clock, input, globals, isMain);
  const { console, process, Buffer } = streams;
  const module: any = { exports: {}, id: ".", filename: "/answer.js", children: [], paths: [] };
  const require: any = pieces.makeRequire(inspector, clock, streams.modules, globals);
  require.main = isMain ? module : undefined;
  const lines = input.text.replace(/\r?\n$/, "").split(/\r?\n/);
  give({
    console,
    process,
    Buffer,
    module,
    exports: module.exports,
    require,
    global: globalThis,
    __filename: "/answer.js",
    __dirname: "/",
    // `import.meta`, which a script has not
    __meta: { url: "file:///answer.js", filename: "/answer.js", dirname: "/", main: isMain },
    // as in shells of JavaScript, and in browsers
    prompt: () => lines.shift() ?? null,
    print: (console as any).log,
    readline: () => lines.shift() ?? null,
  });

  let outcome: { json?: string; thrown?: unknown } | undefined;
  const plain = (_: string, value: any): unknown => {
    if (typeof value === "bigint") return Number(value);
    // JSON would make null of them, which a test may ask for
    if (typeof value === "number" && !Number.isFinite(value)) return `${value}`;
    return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as any) : value;
  };
  const keep = (value: unknown): void => {
    const json = stringify(value, plain);
    outcome = json === undefined ? {} : { json };
  };
  return {
    find(name, own, Solution) {
      const given = module.exports;
      const whole = given?.default ?? given;
      const isClass = (value: unknown): boolean => /^class\b/.test(String(value));
      for (const one of [own, given?.[name], whole?.[name], isClass(whole) ? undefined : whole])
        if (typeof one === "function") return one;
      for (const One of [Solution, given?.Solution, whole])
        if (typeof One?.[name] === "function") return (...args: unknown[]) => One[name](...args);
        else if (typeof One?.prototype?.[name] === "function")
          return (...args: unknown[]) => new One()[name](...args);
      return undefined;
    },
    call(callee, argumentsJson) {
      outcome = undefined;
      const value = (callee as any)(...parse(argumentsJson));
      if (typeof value?.then !== "function") return keep(value);
      Promise.resolve(value)
        .then(keep)
        .catch((thrown) => {
          outcome = { thrown };
        });
    },
    settled: () => outcome,
    step: clock.step,
    finish: streams.finish,
    hasExited: streams.hasExited,
  };
}

/**
 * A script whose value is a function (the input, its bytes, isMain) that gives `Surroundings`. `__name` is what some
 * compilers put around functions. A block, since QuickJS reads what stands between parentheses twice.
 */
export const surroundings = `"use strict";
{
  const __name = (f) => f;
  const pieces = {
    makeInspector: ${makeInspector},
    giveGlobals: ${giveGlobals},
    makeEventEmitter: ${makeEventEmitter},
    makeBuffer: ${makeBuffer},
    makeStdin: ${makeStdin},
    makeReadline: ${makeReadline},
    makeUrl: ${makeUrl},
    makeStreams: ${makeStreams},
    makeRequire: ${makeRequire},
  };
  const surround = ${surround};
  (text, bytes, isMain) => surround(pieces, { text, bytes }, isMain);
}`;
