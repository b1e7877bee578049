/**
 * `errata plan`: what a run costs on GPUs, by hosted prices or on a measured machine, its arithmetic shown.
 */
import { OptionError } from "../../../errors.ts";
import { resolveRunOptions } from "../../../run/run-options.ts";
import { wrap } from "../columns.ts";
import type { CliCommand, FlagValues } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { bold, faint } from "../terminal.ts";

/** Where the text of a line begins, in columns. */
const MARGIN = 18;

export const command: CliCommand = {
  usage: "[options of train] [--hardware NAME] [--hosted MODEL] [--measured RUN]",
  about:
    "Works out what a run with these options takes: tokens, seconds of a step, memory, hours and money, each with its arithmetic, error, source and date. Nothing is run: on GPUs and by hosted prices it is arithmetic (figures of GPUs, models and prices are in data/costs.yaml), and --measured corrects it by a run's own first steps, or plans for that run's machine. errata doctor measures this machine.",
  examples: [
    "errata plan --preset nft-7b --hardware H100 --gpus 64 --answer-length 800",
    "errata plan --preset nft-7b --hosted Qwen3-8B --answer-length 1000",
    "errata plan --measured runs/nft-sums --prompts-per-step 64",
  ],
  flags: [
    {
      name: "answer-length",
      value: "N",
      help: "mean tokens of an answer, which the cost follows; measured, else a quarter of max_completion_length",
    },
    { name: "prompt-length", value: "N", help: "mean tokens of a prompt; measured, else 150" },
    { name: "rounds", value: "N", help: "rounds of sampling a step takes on average; measured, else 1" },
    { name: "hardware", value: "NAME", help: "the GPU, by its name in data/costs.yaml: H100, …" },
    { name: "gpus", value: "N", help: "how many; 8 unless given" },
    {
      name: "gpus-per-copy",
      value: "N",
      help: "how many hold one copy of the model in sampling; 1 unless given, 4 for 32B",
    },
    {
      name: "hosted",
      value: "MODEL",
      help: "a hosted model whose prices are taken, by its name in data/costs.yaml: Qwen3-8B, …",
    },
    {
      name: "measured",
      value: "RUN",
      help: "the folder of a run: its steps so far are taken for lengths and seconds and, without --preset and --config, its options",
    },
  ],
  options: "train",
  async run({ words, flags, terminal }) {
    const { planCosts } = await import("../../../commands/costs/plan-costs.ts");
    const { measuredRun } = await import("../../../commands/costs/measured-run.ts");
    const measured = flags.measured === undefined ? undefined : await measuredRun(flags.measured);
    const ownRecipe = words.some((word) => /^(--)?preset\b/.test(word));
    const { options, notes } = resolveRunOptions("train", {
      argv: words,
      ...(measured === undefined || ownRecipe ? {} : { config: measured.config }),
      incomplete: true,
    });
    for (const note of notes) terminal.aside(faint(note));
    const lines = await planCosts(options, {
      answer: count(flags, "answer-length"),
      prompt: count(flags, "prompt-length"),
      rounds: count(flags, "rounds"),
      hardware: flags.hardware,
      gpus: count(flags, "gpus"),
      gpusPerCopy: count(flags, "gpus-per-copy"),
      hosted: flags.hosted,
      measured,
    });
    if (terminal.json) terminal.result({ lines });
    let section = "";
    for (const line of lines) {
      if (line.section !== section) terminal.line(`\n${bold(line.section)}`);
      section = line.section;
      const text = wrap(line.text, Math.min(terminal.width, 100), MARGIN).slice(MARGIN);
      terminal.line(`  ${line.name.padEnd(MARGIN - 2)}${text}`);
    }
    return exitCodes.done;
  },
};

function count(flags: FlagValues, name: string): number | undefined {
  const typed = flags[name];
  if (typed === undefined) return undefined;
  const value = Number(typed);
  if (Number.isFinite(value) && value > 0) return value;
  throw new OptionError({
    where: `--${name}`,
    expected: "a number above 0",
    got: typed,
    next: `Write --${name}=N; errata plan --help says what it is.`,
  });
}
