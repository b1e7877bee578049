import { existsSync } from "node:fs";
import { type EvalReport, evalTables } from "../../../commands/evaluation/report.ts";
import { DataError, printable } from "../../../errors.ts";
import { generators } from "../../../loop/problems/generators.ts";
import type { Options } from "../../../options/options.ts";
import { resolveOptions } from "../../../options/resolve-options.ts";
import type { Call, CliCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { onInterrupt } from "../interrupt.ts";
import { reporter } from "../report.ts";
import { fitReport } from "../tables.ts";
import { bold, faint } from "../terminal.ts";

export const command: CliCommand = {
  usage: "[options]",
  about:
    "Samples answers to each held-out problem of one data set or several and prints avg@k, pass@k and maj@k with 95% intervals. Every answer is kept in a folder; stopped or killed, the same command goes on with what is missing.",
  examples: [
    "errata eval --model pocket --dataset pocket",
    "errata eval --model runs/nft-pocket --dataset easy.jsonl hard.jsonl@32 --samples 8",
    "errata eval --model runs/nft-pocket --dataset pocket --compare-with pocket",
    "errata eval --model MODEL --preset paper --dataset-dir benchmarks",
  ],
  flags: [],
  options: "eval",
  run,
};

async function run({ words, terminal }: Call): Promise<number> {
  const { evaluate } = await import("../../../commands/evaluation/evaluate.ts");
  const { options, notes } = resolveOptions("eval", { argv: words });
  for (const note of notes) terminal.aside(faint(note));
  const interrupt = onInterrupt(
    terminal,
    "Stopping once the answers on their way are judged. Ctrl-C again ends at once; either way the same command goes on.",
  );
  try {
    const result = await evaluate(options, { signal: interrupt.stop, onEvent: reporter(terminal) });
    terminal.status(undefined);
    if (terminal.json) terminal.result(result);
    else terminal.line(printable(ending(result, terminal.width)));
    return result.finished ? exitCodes.done : interrupt.exitCode;
  } catch (error) {
    throw namingFolder(error, options);
  } finally {
    terminal.status(undefined);
    interrupt.release();
  }
}

function ending(result: EvalReport, width: number): string {
  if (!result.finished) return `${bold("ended")}    before the last answer; the same command goes on`;
  return `\n${fitReport(evalTables(result), width)}\n\n${bold("answers")}  ${result.folder}`;
}

/** A preset names its data sets as the files of a folder that only the user knows: where one is missing, that folder is. */
function namingFolder(error: unknown, { evalDataset, evalDatasetDir }: Options): unknown {
  if (!(error instanceof DataError) || evalDataset === undefined || evalDatasetDir !== undefined)
    return error;
  const { where, expected, got } = error;
  const names = evalDataset.split(",").map((name) => name.trim().replace(/@\d+$/, ""));
  if (!names.includes(where) || Object.hasOwn(generators, where) || /[\\/.]/.test(where) || existsSync(where))
    return error;
  const next = `Name the folder that has a file ${where}, of any ending: --dataset-dir FOLDER. Or check the name.`;
  return new DataError({ where, expected, got, next, cause: error });
}
