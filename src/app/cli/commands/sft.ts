import type { CliCommand } from "../command.ts";

export const command: CliCommand = {
  usage: "[options]",
  about:
    "Supervised fine-tuning on rows of problem and solution, with the loss on the solution alone. A model too weak to be right even once needs this before it can learn from its own answers; --model new makes one of random weights.",
  examples: [
    "errata sft --model new --dataset pocket --dataset-size 20000 --output-dir runs/pocket",
    "errata sft --model SmolLM2-135M-Instruct.gguf --dataset words --dataset-size 3200",
  ],
  flags: [
    {
      name: "dry-run",
      help: "check all that the run would check, print what is set, the batches, the first prompt and the memory, and train nothing",
    },
    { name: "all", help: "with --dry-run: the options at their defaults too" },
  ],
  options: "sft",
  async run(call) {
    const { runCommand } = await import("../run-command.ts");
    const { sft } = await import("../../../loop/sft.ts");
    return runCommand("sft", call, sft);
  },
};
