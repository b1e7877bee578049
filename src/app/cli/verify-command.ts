/**
 * `errata verify`: one answer judged and explained, or a file of cases graded.
 */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import {
  DataError,
  grade,
  gradeCases,
  gradingModes,
  OptionError,
  printJudgement,
  printReport,
  readCases,
} from "../../index.ts";

interface Flags {
  readonly file?: string;
  readonly mode?: string;
}

/** Adds the verb to the command; it sets the exit code: 0 where all is right or agrees, else 1. */
export function verifyCommand(program: Command): void {
  program
    .command("verify")
    .summary("judge an answer, or grade a file of cases")
    .description(
      "Judges ANSWER, a completion or an answer alone, against the reference answer GOLD, and says why.",
    )
    .argument("[gold]", "the reference answer")
    .argument("[answer]", "a completion with its answer in a box, or an answer alone")
    .option(
      "--file <file>",
      "grade the cases of a JSON Lines file: {id, gold, pred, expect, kind?, options?}",
    )
    .option("--mode <mode>", `${gradingModes.join(", ")}; math unless a case says otherwise`)
    // an answer such as -5 is no option
    .allowUnknownOption()
    .action((_gold: string | undefined, _answer: string | undefined, flags: Flags, command: Command) => {
      process.exitCode =
        flags.file === undefined ? one(command.args, flags.mode) : many(flags.file, flags.mode);
    });
}

function one(texts: readonly string[], mode: string | undefined): number {
  const [gold, answer] = texts;
  if (gold === undefined || answer === undefined || texts.length > 2) {
    throw new OptionError({
      where: "errata verify",
      expected: "GOLD and ANSWER, or --file FILE",
      got: texts.length === 0 ? "neither" : texts.map((text) => JSON.stringify(text)).join(" "),
      next: "Quote each, as in: errata verify '1/2' '\\boxed{0.5}'",
    });
  }
  const began = performance.now();
  const judgement = grade(gold, answer, mode === undefined ? {} : { mode }, standsAlone(answer));
  process.stdout.write(`${printJudgement(judgement, performance.now() - began)}\n`);
  return judgement.kind === "right" ? 0 : 1;
}

/** Whether a text is an answer rather than a completion that announces one. */
function standsAlone(text: string): boolean {
  return text.length < 500 && !/\\boxed|\\fbox|####|answer|think>/i.test(text);
}

function many(file: string, mode: string | undefined): number {
  const report = gradeCases(readCases(read(file), file), mode);
  process.stdout.write(`${printReport(report)}\n`);
  return report.disagreements.length === 0 && (report.otherExtracts?.length ?? 0) === 0 ? 0 : 1;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new DataError({
      where: file,
      expected: "a file of cases",
      got: cause instanceof Error ? cause.message : String(cause),
      next: "Check the path.",
      cause,
    });
  }
}
