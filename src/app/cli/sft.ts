import { sft } from "../../index.ts";
import type { Verb } from "./help.ts";
import { runCommand } from "./run-command.ts";

export const sftVerb: Verb = {
  name: "sft",
  summary: "learn from worked solutions, as a cold start",
  about:
    "Supervised fine-tuning on rows of problem and solution, with the loss on the solution alone. A model too weak to be right even once needs this before it can learn from its own answers; --model new makes one of random weights.",
  examples: [
    "errata sft --model new --dataset pocket --dataset-size 20000 --output-dir runs/pocket",
    "errata sft --model SmolLM2-135M-Instruct.gguf --dataset words --dataset-size 3200",
  ],
  flags: [
    ["--config FILE", "options from a YAML file"],
    ["--dry-run", "print the options, the batches, the first prompt and the memory, and train nothing"],
    ["--help", "this text"],
  ],
};

export function sftCommand(argv: readonly string[], flags: { readonly dryRun?: boolean }): Promise<number> {
  return runCommand("sft", argv, flags, sft);
}
