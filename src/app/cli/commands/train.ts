import type { CliCommand } from "../command.ts";

export const command: CliCommand = {
  usage: "[options]",
  about:
    "Samples answers to problems, lets a verifier judge them and learns from all of them. The run's folder keeps its options, records and checkpoints. Ctrl-C once finishes the step, saves and says how to go on; twice ends at once.",
  examples: [
    "errata train --config examples/1-sums.yaml",
    "errata train --model pocket --dataset pocket --eval-dataset pocket learning_rate=3e-5",
    "errata train --resume",
  ],
  flags: [
    {
      name: "dry-run",
      help: "check all that the run would check, print what is set, the batches, the first prompt, the memory and, measured, the time, and train nothing",
    },
    { name: "all", help: "with --dry-run: the options at their defaults too" },
  ],
  options: "train",
  async run(call) {
    const { runCommand } = await import("../run-command.ts");
    const { train } = await import("../../../loop/train.ts");
    return runCommand("train", call, train);
  },
};
