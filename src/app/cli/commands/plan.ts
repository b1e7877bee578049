/**
 * `errata plan`: what a run would cost on GPUs or by hosted prices, its arithmetic shown.
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
  usage: "[options of train] --answer-length N",
  about:
    "Works out what a run with these options takes elsewhere: tokens, seconds of a step, memory, hours and money, each with its arithmetic, error, source and date. Nothing is measured; errata doctor measures this machine. Figures of GPUs, models and prices are in data/costs.yaml.",
  examples: [
    "errata plan --config nft-7b.yaml --hardware H100 --gpus 64 --answer-length 800",
    "errata plan --preset nft-7b --hosted Qwen3-8B --answer-length 1000",
  ],
  flags: [
    {
      name: "answer-length",
      value: "N",
      help: "mean tokens of an answer; the cost follows it, so it has to be said",
    },
    { name: "prompt-length", value: "N", help: "mean tokens of a prompt; 150 unless given" },
    { name: "rounds", value: "N", help: "rounds of sampling a step takes on average; 1 unless given" },
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
  ],
  options: "train",
  async run({ words, flags, terminal }) {
    const { planCosts } = await import("../../../commands/costs/plan-costs.ts");
    const { options, notes } = resolveRunOptions("train", { argv: words, incomplete: true });
    for (const note of notes) terminal.aside(faint(note));
    const lines = planCosts(options, {
      answer: count(flags, "answer-length"),
      prompt: count(flags, "prompt-length", 150),
      rounds: count(flags, "rounds", 1),
      hardware: flags.hardware,
      gpus: count(flags, "gpus", 8),
      gpusPerCopy: count(flags, "gpus-per-copy", 1),
      hosted: flags.hosted,
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

function count(flags: FlagValues, name: string, absent?: number): number {
  const typed = flags[name];
  const value = typed === undefined ? absent : Number(typed);
  if (value !== undefined && Number.isFinite(value) && value > 0) return value;
  throw new OptionError({
    where: `--${name}`,
    expected: "a number above 0",
    got: typed ?? "nothing",
    next: `Write --${name}=N; errata plan --help says what it is.`,
  });
}
