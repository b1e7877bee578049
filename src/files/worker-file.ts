/**
 * Worker threads that start the same from source and from a build.
 *
 * From TypeScript (vitest, tsx) the worker's file is `name.ts`, which the thread can read only once
 * tsx is registered in it; from a build it is `name.js` and needs nothing.
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker, type WorkerOptions } from "node:worker_threads";

export interface StartOptions extends WorkerOptions {
  /** Read TypeScript in the thread even when this package runs from its build, for a user's own `.ts` module. */
  readonly typescript?: boolean;
}

/**
 * Starts the worker `name` that lies beside the calling module.
 *
 * @param name     the worker's file without its extension, such as "verify-worker"
 * @param base     the caller's `import.meta.url`
 * @param options  as for `new Worker`
 * @returns        the thread, starting; a fault while it loads arrives as its "error" event
 */
export function startWorker(name: string, base: string, options: StartOptions = {}): Worker {
  const { typescript = false, ...rest } = options;
  const fromSource = new URL(base).pathname.endsWith(".ts");
  const file = new URL(`./${name}${fromSource ? ".ts" : ".js"}`, base);
  return new Worker(fromSource || typescript ? withTypeScript(file, base) : file, rest);
}

/**
 * A module that registers tsx and then becomes `file`. `--import tsx` would be simpler, but on Node 20 a
 * thread reads its first file before tsx's hooks are in place.
 */
function withTypeScript(file: URL, base: string): URL {
  // createRequire finds each package's CommonJS face; the one for ES modules registers only from its own
  const face = (name: string): string =>
    JSON.stringify(
      pathToFileURL(
        createRequire(base)
          .resolve(name)
          .replace(/\.cjs$/, ".mjs"),
      ).href,
    );
  const source = [
    `import * as esm from ${face("tsx/esm/api")};`,
    // a `.ts` file in a folder whose package.json does not say "module" is read as CommonJS
    `import * as cjs from ${face("tsx/cjs/api")};`,
    `cjs.register(); esm.register(); await import(${JSON.stringify(file.href)});`,
  ];
  return new URL(`data:text/javascript,${encodeURIComponent(source.join("\n"))}`);
}
