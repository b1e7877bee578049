/**
 * The dry run: what a run would do, said before it is done.
 */
import { dryRun } from "../../commands/doctor/dry-run.ts";
import { printable } from "../../errors.ts";
import { algorithmOptions } from "../../loop/session/algorithm-options.ts";
import type { Options } from "../../options/options.ts";
import { isSet, printOptions } from "../../options/print-options.ts";
import type { ResolvedOptions } from "../../options/resolve-options.ts";
import { wrap } from "./columns.ts";
import { showDownloads } from "./downloads.ts";
import { bold, type Terminal } from "./terminal.ts";

/**
 * Prints the options, the batches, the first prompt, the memory and, of train, what a step and the run take here.
 *
 * @param all  the options at their defaults too
 */
export async function printDryRun(
  command: "train" | "sft",
  resolved: ResolvedOptions<Options<"train" | "sft">>,
  all: boolean,
  terminal: Terminal,
): Promise<void> {
  const { options } = resolved;
  const { plan, measured } = await dryRun(command, resolved, {
    onEvent: showDownloads(terminal),
    onMeasure: () => terminal.status("measuring a step …"),
  });
  terminal.status(undefined);
  const taken = command === "train" ? algorithmOptions(options) : new Map();
  if (terminal.json) terminal.result({ options, ...plan, algorithm: Object.fromEntries(taken), measured });
  const { model, problems, prompt, batches, memory, peak } = plan;
  const heading = (text: string) => terminal.line(`\n${bold(text)}`);
  terminal.line(printOptions(command, options, all ? undefined : isSet(command, options)).trimEnd());
  if (!all) terminal.line(wrap("all others are at their defaults; --all prints them", terminal.width, 2));
  if (taken.size > 0) {
    heading(`what ${(options as Options<"train">).algorithm} takes`);
    const words = [...taken].map(([key, value]) => `${key} ${value}`).join(", ");
    terminal.line(wrap(words, terminal.width, 2));
  }
  heading("model");
  terminal.line(
    wrap(
      `${model.architecture}, ${model.parameters.toLocaleString("en")} parameters, ${model.vocabulary} tokens in the vocabulary, ${model.contextLength} tokens of context`,
      terminal.width,
      2,
    ),
  );
  for (const notice of model.notices) terminal.line(wrap(notice, terminal.width, 2));
  heading("problems");
  for (const { name, count, notices } of problems) {
    terminal.line(`  ${name}: ${count}`);
    for (const notice of notices) terminal.line(wrap(printable(notice), terminal.width, 2));
  }
  const format = prompt.format === "chat" ? "through the chat template" : "bare text";
  heading(`first prompt, ${prompt.tokens} tokens, ${format}`);
  for (const line of printable(prompt.text).split("\n")) terminal.line(`  │${line}`);
  if (prompt.solution !== undefined) {
    heading("its solution");
    for (const line of printable(prompt.solution).split("\n")) terminal.line(`  │${line}`);
  }
  heading("batches");
  for (const line of batches) terminal.line(wrap(line, terminal.width, 2));
  heading("memory, estimated");
  for (const { what, bytes } of memory) terminal.line(`  ${what.padEnd(28)}${gigabytes(bytes).padStart(9)}`);
  terminal.line(`  ${"in all, beside Node itself".padEnd(28)}${gigabytes(peak).padStart(9)}`);
  if (measured.length === 0) return;
  heading("time and disk, measured here");
  for (const { text } of measured) terminal.line(wrap(text, terminal.width, 2));
}

function gigabytes(bytes: number): string {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
