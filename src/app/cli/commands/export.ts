import type { Exported } from "../../../commands/export/export.ts";
import { resolveOptions } from "../../../options/resolve-options.ts";
import type { Call, CliCommand } from "../command.ts";
import { showDownloads } from "../downloads.ts";
import { exitCodes } from "../exit-codes.ts";
import { onInterrupt } from "../interrupt.ts";
import { withModel } from "../model-word.ts";
import { self } from "../own-name.ts";
import { bold, faint } from "../terminal.ts";

export const command: CliCommand = {
  usage: "MODEL --output DIR [options]",
  about:
    "Writes a Hugging Face folder, PEFT adapters or a GGUF file into a new folder, with a model card that says how it was trained. Then opens it again and holds its log-probs to those of the model: where they differ by more than the weights' rounding explains, nothing is exported. The first word is the model.",
  examples: [
    "errata export runs/nft-pocket --output exports/pocket",
    "errata export runs/nft-pocket/checkpoints/step-0040 --output exports/pocket-gguf --format gguf --dtype Q8_0",
    "errata export runs/lora --output exports/adapter --adapter",
  ],
  flags: [],
  options: "export",
  run,
};

async function run({ words, terminal }: Call): Promise<number> {
  const { exportModel } = await import("../../../commands/export/export.ts");
  const { options, notes } = resolveOptions("export", { argv: withModel(words) });
  for (const note of notes) terminal.aside(faint(note));
  const interrupt = onInterrupt(terminal, "Stopping: nothing is exported. Ctrl-C again ends at once.");
  try {
    const exported = await exportModel(options, {
      signal: interrupt.stop,
      onEvent: showDownloads(terminal),
      onStage: (text) => terminal.status(`${text} …`),
    });
    terminal.status(undefined);
    if (terminal.json) terminal.result(exported);
    else for (const line of lines(exported)) terminal.line(line);
    return exitCodes.done;
  } catch (error) {
    if (interrupt.stop.aborted) return interrupt.exitCode;
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
