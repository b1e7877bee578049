/**
 * Failures: what is printed when a command cannot go on, and the exit code.
 *
 * A person's mistake is told in words, without a stack. ERRATA_DEBUG=1 adds the stack and the cause.
 */
import { inspect } from "node:util";
import { ErrataError, InternalError, OptionError, printable } from "../../errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { asTyped } from "./own-name.ts";

/** What to print, and `usage` where the command was asked for something it does not do, `failed` for all else. */
export function explain(error: unknown): { readonly text: string; readonly exitCode: number } {
  const debug = process.env.ERRATA_DEBUG !== undefined && process.env.ERRATA_DEBUG !== "";
  const exitCode = error instanceof OptionError ? exitCodes.usage : exitCodes.failed;
  if (debug) return { text: inspect(error), exitCode };
  if (error instanceof ErrataError) return { text: `${error.name}: ${withAdvice(error.message)}`, exitCode };
  if (error instanceof InternalError) return { text: `${error.message}\n${ASK_FOR_STACK}`, exitCode };
  const message = error instanceof Error ? error.message : String(error);
  return { text: `Unexpected: ${printable(message).slice(0, 2000)}\n${ASK_FOR_STACK}`, exitCode };
}

const ASK_FOR_STACK = "  → ERRATA_DEBUG=1 before the command prints where it happened.";

/** The message, with the commands in its advice as they are typed here. */
function withAdvice(message: string): string {
  const at = message.lastIndexOf("\n  → ") + 1;
  return message.slice(0, at) + asTyped(message.slice(at));
}
