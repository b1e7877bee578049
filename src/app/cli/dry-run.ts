/**
 * The dry run: what a run would do, said before it is done.
 */
import { plan } from "../../commands/doctor/plan.ts";
import { printable } from "../../errors.ts";
import type { Options } from "../../options/options.ts";
import { printOptions } from "../../options/print-options.ts";
import type { ResolvedOptions } from "../../options/resolve-options.ts";
import { wrap } from "./columns.ts";
import { showDownloads } from "./downloads.ts";
import { bold, type Terminal } from "./terminal.ts";

/** Prints the options, the batches, the first prompt and the memory. Opens the model's files and runs nothing. */
export async function printDryRun(
  command: "train" | "sft",
  { options }: ResolvedOptions<Options<"train" | "sft">>,
  terminal: Terminal,
): Promise<void> {
  const planned = await plan(command, options, { onEvent: showDownloads(terminal) });
  if (terminal.json) terminal.result({ options, ...planned });
  const { model, problems, prompt, batches, memory, peak } = planned;
  const heading = (text: string) => terminal.line(`\n${bold(text)}`);
  terminal.line(printOptions(command, options).trimEnd());
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
}

function gigabytes(bytes: number): string {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
