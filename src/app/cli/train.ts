import { train } from "../../index.ts";
import type { Verb } from "./help.ts";
import { runCommand } from "./run-command.ts";

export const trainVerb: Verb = {
  name: "train",
  summary: "learn from right and wrong answers",
  about:
    "Samples answers to problems, lets a verifier judge them and learns from all of them. The run's folder keeps its options, records and checkpoints. Ctrl-C once finishes the step, saves and says how to go on; twice ends at once.",
  examples: [
    "errata train --config examples/1-sums.yaml",
    "errata train --model models/pocket --dataset pocket --eval-dataset pocket learning_rate=3e-5",
    "errata train --resume",
  ],
  flags: [
    ["--config FILE", "options from a YAML file"],
    ["--dry-run", "print the options, the batches, the first prompt and the memory, and train nothing"],
    ["--help", "this text"],
  ],
};

export function trainCommand(argv: readonly string[], flags: { readonly dryRun?: boolean }): Promise<number> {
  return runCommand("train", argv, flags, train);
}
