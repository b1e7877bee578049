import { type Exported, exportModel, resolveOptions } from "../../index.ts";
import { showDownloads } from "./downloads.ts";
import type { Verb } from "./help.ts";
import { interrupted, onInterrupt } from "./interrupt.ts";
import { withModel } from "./model-word.ts";
import { self } from "./run-command.ts";
import { bold, faint, openTerminal } from "./terminal.ts";

export const exportVerb: Verb = {
  name: "export",
  summary: "write a run or a model for other programs",
  about:
    "Writes a Hugging Face folder, PEFT adapters or a GGUF file into a new folder, with a model card that says how it was trained. Then opens it again and holds its log-probs to those of the model: where they differ by more than the weights' rounding explains, nothing is exported. The first word is the model.",
  examples: [
    "errata export runs/nft-pocket --output exports/pocket",
    "errata export runs/nft-pocket/checkpoints/step-0040 --output exports/pocket-gguf --format gguf --dtype Q8_0",
    "errata export runs/lora --output exports/adapter --adapter",
  ],
  flags: [
    ["--config FILE", "options from a YAML file"],
    ["--help", "this text"],
  ],
};

/** @returns the exit code: 0 where it is written and proven, 130 where it was interrupted */
export async function exportCommand(argv: readonly string[]): Promise<number> {
  const terminal = openTerminal();
  const { options, notes } = resolveOptions("export", { argv: withModel(argv) });
  for (const note of notes) terminal.aside(faint(note));
  const interrupt = onInterrupt(terminal, "Stopping: nothing is exported. Ctrl-C again ends at once.");
  try {
    const exported = await exportModel(options, {
      signal: interrupt.stop,
      onEvent: showDownloads(terminal),
      onStage: (text) => terminal.status(`${text} …`),
    });
    terminal.status(undefined);
    for (const line of lines(exported)) terminal.line(line);
    return 0;
  } catch (error) {
    if (interrupt.stop.aborted) return interrupted;
    throw error;
  } finally {
    terminal.status(undefined);
    interrupt.release();
  }
}

function lines({ model, folder, dtype, proof }: Exported): string[] {
  const { bitEqual, tokens, mean, max, tolerance, sameGreedy, greedy } = proof;
  const logps = bitEqual
    ? `${tokens} log-probs equal bit for bit`
    : `${tokens} log-probs ${mean.toExponential(1)} nats off on average (at most ${tolerance} allowed), ${max.toExponential(1)} at most`;
  return [
    `${bold("wrote")}   ${model} as ${dtype}`,
    `${bold("proof")}   ${logps}; ${sameGreedy} of ${greedy} greedy continuations the same (${folder}/proof.json)`,
    `${bold("next")}    ${self()} chat --model ${model}`,
  ];
}
