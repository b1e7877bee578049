import { existsSync } from "node:fs";
import {
  DataError,
  type EvalReport,
  evalTables,
  evaluate,
  type Options,
  resolveOptions,
} from "../../index.ts";
import type { Verb } from "./help.ts";
import { interrupted, onInterrupt } from "./interrupt.ts";
import { reporter } from "./report.ts";
import { bold, faint, openTerminal, printable } from "./terminal.ts";

export const evalVerb: Verb = {
  name: "eval",
  summary: "how often a model is right on held-out problems",
  about:
    "Samples answers to each held-out problem of one data set or several and prints avg@k, pass@k and maj@k with 95% intervals. Every answer is kept in a folder; stopped or killed, the same command goes on with what is missing.",
  examples: [
    "errata eval --model models/pocket --dataset pocket",
    "errata eval --model runs/nft-pocket --dataset easy.jsonl hard.jsonl@32 --samples 8",
    "errata eval --model runs/nft-pocket --dataset pocket --compare-with models/pocket",
    "errata eval --model MODEL --preset paper --dataset-dir benchmarks",
  ],
  flags: [
    ["--config FILE", "options from a YAML file"],
    ["--json", "print the whole report as one line of JSON, and nothing else on stdout"],
    ["--help", "this text"],
  ],
};

export async function evalCommand(
  argv: readonly string[],
  flags: { readonly json?: boolean },
): Promise<number> {
  const terminal = openTerminal();
  const { options, notes } = resolveOptions("eval", { argv });
  for (const note of notes) terminal.aside(faint(note));
  const interrupt = onInterrupt(
    terminal,
    "Stopping once the answers on their way are judged. Ctrl-C again ends at once; either way the same command goes on.",
  );
  const aside = flags.json ? { ...terminal, line: () => {} } : terminal;
  const report = reporter(aside);
  try {
    const result = await evaluate(options, { signal: interrupt.stop, onEvent: report });
    terminal.status(undefined);
    terminal.line(flags.json ? JSON.stringify(result) : printable(ending(result)));
    return result.finished ? 0 : interrupted;
  } catch (error) {
    throw namingFolder(error, options);
  } finally {
    terminal.status(undefined);
    interrupt.release();
  }
}

function ending(result: EvalReport): string {
  if (!result.finished) return `${bold("ended")}    before the last answer; the same command goes on`;
  return `\n${evalTables(result)}\n\n${bold("answers")}  ${result.folder}`;
}

/** A preset names its data sets as the files of a folder that only the user knows: where one is missing, that folder is. */
function namingFolder(error: unknown, { evalDataset, evalDatasetDir }: Options): unknown {
  if (!(error instanceof DataError) || evalDatasetDir !== "") return error;
  const { where, expected, got } = error;
  const names = evalDataset.split(",").map((name) => name.trim().replace(/@\d+$/, ""));
  if (!names.includes(where) || /[\\/.]/.test(where) || existsSync(where)) return error;
  const next = `Name the folder that has a file ${where}, of any ending: --dataset-dir FOLDER. Or check the name.`;
  return new DataError({ where, expected, got, next, cause: error });
}
