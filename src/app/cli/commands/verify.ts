/**
 * `errata verify`: one answer judged and explained, or a file of cases graded.
 */
import { readFileSync } from "node:fs";
import { DataError } from "../../../errors.ts";
import { grade, modes } from "../../../loop/verdicts/grade.ts";
import { gradeCases, printJudgement, printReport, readCases } from "../../../loop/verdicts/report.ts";
import { texts } from "../arguments.ts";
import type { CliCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";

export const command: CliCommand = {
  usage: "GOLD ANSWER, or --file FILE",
  about:
    "Judges ANSWER, a completion or an answer alone, against the reference answer GOLD, and says why. Or grades a file of cases and says where it disagrees with them.",
  examples: [
    "errata verify 1/2 0.5",
    "errata verify '1/2' 'So it is \\\\boxed{0.5}.'",
    "errata verify --file cases.jsonl",
  ],
  flags: [
    {
      name: "file",
      value: "FILE",
      help: "grade the cases of a JSON Lines file: {id, gold, pred, expect, kind?, options?}",
    },
    { name: "mode", value: "WORD", help: `${modes.join(", ")}; math unless a case says otherwise` },
  ],
  async run({ words, flags: { file, mode }, terminal }) {
    if (file !== undefined) {
      texts("verify --file FILE", words, [], 0);
      return many(file, mode, terminal);
    }
    const [gold, answer] = texts("verify", words, ["GOLD", "ANSWER"]);
    return one(gold!, answer!, mode, terminal);
  },
};

function one(gold: string, answer: string, mode: string | undefined, terminal: Terminal): number {
  const began = performance.now();
  const judgement = grade(gold, answer, mode === undefined ? {} : { mode }, standsAlone(answer));
  if (terminal.json) terminal.result(judgement);
  else terminal.line(printJudgement(judgement, performance.now() - began));
  return judgement.kind === "right" ? exitCodes.done : exitCodes.failed;
}

/** Whether a text is an answer rather than a completion that announces one. */
function standsAlone(text: string): boolean {
  return text.length < 500 && !/\\boxed|\\fbox|####|answer|think>/i.test(text);
}

function many(file: string, mode: string | undefined, terminal: Terminal): number {
  const report = gradeCases(readCases(read(file), file), mode);
  if (terminal.json) terminal.result(report);
  else terminal.line(printReport(report));
  const agrees = report.disagreements.length === 0 && (report.otherExtracts?.length ?? 0) === 0;
  return agrees ? exitCodes.done : exitCodes.failed;
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
