/**
 * Worker threads that start the same from source and from a build.
 *
 * From TypeScript (vitest, tsx) the worker's file is `name.ts` and the thread needs tsx to read it;
 * from a build it is `name.js` and needs nothing.
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
  if (!fromSource && !typescript) return new Worker(file, rest);
  return new Worker(file, { ...rest, execArgv: [...(rest.execArgv ?? []), "--import", tsx()] });
}

/** By its full address: a bare "tsx" is looked up from the working folder, which may be anywhere. */
function tsx(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
}
