import { OptionError, printable, RunError } from "../../../errors.ts";
import { readRun } from "../../../run/read-run.ts";
import type { RolloutRecord } from "../../../run/records.ts";
import { rolloutGroups } from "../../../run/rollout-groups.ts";
import { texts } from "../arguments.ts";
import { wrap } from "../columns.ts";
import type { Call, CliCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { answerLines } from "../rollout-lines.ts";
import { bold, faint, type Terminal } from "../terminal.ts";

export const command: CliCommand = {
  usage: "RUN [--step N] [--problem ID] [--all]",
  about:
    "Shows what the model answered while it was trained, and how each answer was judged. Of the last step, unless another is named, it shows a few problems with a right and a wrong answer to each; of one problem, all answers.",
  examples: [
    "errata show runs/nft-pocket",
    "errata show runs/nft-pocket --step 1 --all | less",
    "errata show runs/nft-pocket --problem pocket-17",
    "errata show runs/nft-pocket --step 40 --json | jq -c 'select(.verdict == \"error\")'",
  ],
  flags: [
    { name: "step", value: "N", help: "of this step; the last one unless given" },
    {
      name: "problem",
      value: "ID",
      help: "of this problem alone, in every step where it was asked unless --step is given",
    },
    { name: "all", help: "every problem and every answer, uncut" },
  ],
  run,
};

/** Problems of a step that are shown. */
const MOST_PROBLEMS = 4;

async function run({ words, flags, terminal }: Call): Promise<number> {
  const [folder] = texts("show", words, ["RUN"]);
  const run = readRun(folder!);
  const last = await run.lastRollouts();
  if (last === undefined)
    throw new RunError({
      where: folder!,
      expected: "a run that has sampled answers",
      got: run.command === "sft" ? "one of sft, which samples none" : "one without any yet",
      next: run.command === "sft" ? "errata chat asks the model." : "Let it take its first step.",
    });
  const { problem } = flags;
  const step =
    flags.step === undefined ? (problem === undefined ? last : undefined) : stepOf(flags.step, last);
  const shown: RolloutRecord[] = [];
  for await (const rollout of run.rollouts(step)) {
    if (problem !== undefined && rollout.problem !== problem) continue;
    if (terminal.json) terminal.result(rollout);
    else shown.push(rollout);
  }
  if (terminal.json) return exitCodes.done;
  if (shown.length === 0)
    throw new RunError({
      where: folder!,
      expected: `answers${problem === undefined ? "" : ` to problem ${problem}`} in ${step === undefined ? "the run" : `step ${step}`}`,
      got: "none",
      next: "Without --problem the problems of a step are listed with their ids.",
    });
  print(shown, problem !== undefined, flags.all !== undefined, terminal);
  return exitCodes.done;
}

function stepOf(word: string, last: number): number {
  const step = Number(word);
  if (Number.isSafeInteger(step) && step >= 1 && step <= last) return step;
  throw new OptionError({
    where: "--step",
    expected: `a whole number from 1 to ${last}, the last step with answers`,
    got: word,
    next: "Without --step the last one is shown.",
  });
}

function print(
  rollouts: readonly RolloutRecord[],
  oneProblem: boolean,
  all: boolean,
  terminal: Terminal,
): void {
  const groups = rolloutGroups(rollouts);
  // what is solved in part is what is learnt from
  const sorted = all || oneProblem ? groups : [...groups].sort((a, b) => partly(b) - partly(a));
  const most = all || oneProblem ? groups.length : MOST_PROBLEMS;
  for (const group of sorted.slice(0, most)) {
    const [first] = group;
    const right = group.filter(({ verdict }) => verdict === "right").length;
    terminal.line(
      wrap(
        `${bold(`step ${first!.step}   problem ${printable(first!.problem)}`)}   ${right} of ${group.length} right   reference ${printable(first!.answer)}`,
        terminal.width,
      ),
    );
    for (const line of answerLines("asked", first!.prompt, undefined, terminal.width, all))
      terminal.line(faint(line));
    const few =
      oneProblem || all
        ? group
        : (["right", "wrong", "error"] as const).flatMap(
            (kind) => group.find(({ verdict }) => verdict === kind) ?? [],
          );
    for (const { verdict, text, because } of few)
      for (const line of answerLines(verdict, text, because, terminal.width, all)) terminal.line(line);
    terminal.line("");
  }
  const left = groups.length - most;
  if (left > 0)
    terminal.line(
      wrap(`and ${left} more problems: --all shows every answer, --problem ID all to one`, terminal.width),
    );
}

function partly(group: readonly RolloutRecord[]): number {
  const [{ solveRate }] = group as [RolloutRecord];
  return solveRate !== null && solveRate > 0 && solveRate < 1 ? 1 : 0;
}
