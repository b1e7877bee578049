/**
 * Code that came with a model's files (a chat template, a tokenizer's patterns), held to a time.
 *
 * Only V8's own watchdog can stop synchronous code, and only a script has it. The script here calls
 * the task it is given and does nothing else.
 */
import { createContext, Script } from "node:vm";

const call = new Script("task()");
const context: { task?: () => unknown } = createContext({});

/**
 * Runs `task`, and stops it after `ms`.
 *
 * @throws what the task throws; an Error that says so where it takes longer
 */
export function withinTime<T>(ms: number, task: () => T): T {
  const outer = context.task;
  context.task = task;
  try {
    return call.runInContext(context, { timeout: ms });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException)?.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw cause;
    throw new Error(`no end after ${ms} ms`, { cause });
  } finally {
    if (outer) context.task = outer;
    else delete context.task;
  }
}
