/**
 * A command of the command line: what every file of `commands/` exports.
 *
 *   words after its name  →  results on stdout, the rest on stderr, an exit code
 */
import type { Command } from "../../options/options.ts";
import type { Terminal } from "./terminal.ts";

/** A flag of one command that is no option of a run: `--dry-run`, `--seeds N`. */
export interface Flag {
  /** Without the dashes before it. */
  readonly name: string;
  /** What stands after it in the help, `FILE`; a flag without it is on or off. */
  readonly value?: string;
  readonly help: string;
}

/** Flags as typed, by name: the value, or "true". */
export type FlagValues = Readonly<Record<string, string | undefined>>;

/** What a command is called with. */
export interface Call {
  /** The words that are no flags of the command itself, in order. */
  readonly words: readonly string[];
  readonly flags: FlagValues;
  readonly terminal: Terminal;
}

export interface CliCommand {
  /** What stands after the name: `GOLD ANSWER`. */
  readonly usage: string;
  /** A paragraph. */
  readonly about: string;
  readonly examples: readonly string[];
  /** Besides `--help` and `--json`, which every command has. */
  readonly flags: readonly Flag[];
  /** Whose rows of the table of options it takes; without them its words are texts. */
  readonly options?: Command;
  /** @returns the exit code */
  run(call: Call): Promise<number>;
}
