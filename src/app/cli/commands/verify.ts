/**
 * `errata verify`: one answer judged and explained, a file of cases graded, or a run's judge audited.
 */
import { readFileSync } from "node:fs";
import { DataError, OptionError, printable } from "../../../errors.ts";
import { grade, modes } from "../../../loop/verdicts/grade.ts";
import { gradeCases, printJudgement, printReport, readCases } from "../../../loop/verdicts/report.ts";
import { texts } from "../arguments.ts";
import type { CliCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";

export const command: CliCommand = {
  usage: "GOLD ANSWER, or --file FILE, or --audit RUN",
  about:
    "Judges ANSWER, a completion or an answer alone, against the reference answer GOLD, and says why. Or grades a file of cases and says where it disagrees with them. Or audits a run's judge: its answers are judged again, by another judge too, and cheap attacks are tried on it; nothing is written.",
  examples: [
    "errata verify 1/2 0.5",
    "errata verify '1/2' 'So it is \\boxed{0.5}.'",
    "errata verify --verifier ./mine.ts billing 'Label: billing'",
    "errata verify --file cases.jsonl",
    "errata verify --audit runs/labels --verifier match",
  ],
  flags: [
    {
      name: "file",
      value: "FILE",
      help: "grade the cases of a JSON Lines file: {id, gold, pred, expect, kind?, options?}",
    },
    {
      name: "audit",
      value: "RUN",
      help: "a run's folder: judge its answers again, by --verifier or --mode beside its own, and try attacks",
    },
    { name: "step", value: "N", help: "of an audit: this step's answers alone" },
    {
      name: "verifier",
      value: "WORD",
      help: "judge by this verifier, a built-in one or the path of a module of your own, as a run would",
    },
    { name: "mode", value: "WORD", help: `${modes.join(", ")}; math unless a case says otherwise` },
  ],
  async run({ words, flags: { file, mode, verifier, audit, step }, terminal }) {
    if (audit === undefined ? step !== undefined : file !== undefined) throw auditAlone(audit);
    if (audit !== undefined) {
      texts("verify --audit RUN", words, [], 0);
      return audited(audit, verifier ?? mode, step, terminal);
    }
    if (verifier !== undefined && (file ?? mode) !== undefined) throw verifierAlone(file);
    if (file !== undefined) {
      texts("verify --file FILE", words, [], 0);
      return many(file, mode, terminal);
    }
    const [gold, answer] = texts("verify", words, ["GOLD", "ANSWER"]);
    return verifier === undefined
      ? one(gold!, answer!, mode, terminal)
      : byVerifier(verifier, gold!, answer!, terminal);
  },
};

function one(gold: string, answer: string, mode: string | undefined, terminal: Terminal): number {
  const began = performance.now();
  const judgement = grade(gold, answer, mode === undefined ? {} : { mode }, standsAlone(answer));
  if (terminal.json) terminal.result(judgement);
  else terminal.line(printJudgement(judgement, performance.now() - began));
  return judgement.kind === "right" ? exitCodes.done : exitCodes.failed;
}

/** As a run would judge it: isolated, with a time limit. */
async function byVerifier(
  verifier: string,
  gold: string,
  answer: string,
  terminal: Terminal,
): Promise<number> {
  const { judgeOne } = await import("../../../loop/verdicts/open-verifier.ts");
  const verdict = await judgeOne(verifier, { answer: gold }, answer);
  if (terminal.json) terminal.result(verdict);
  terminal.line(`${verdict.kind.padEnd(8)} ${printable(verdict.because ?? "without a reason")}`);
  terminal.line(`verifier ${verifier}`);
  if (verdict.kind !== "error" && verdict.extracted !== undefined)
    terminal.line(`answer   ${printable(verdict.extracted)}`);
  return verdict.kind === "right" ? exitCodes.done : exitCodes.failed;
}

async function audited(
  run: string,
  by: string | undefined,
  step: string | undefined,
  terminal: Terminal,
): Promise<number> {
  const { audit } = await import("../../../commands/audit/audit.ts");
  const { auditLines } = await import("../audit-lines.ts");
  const report = await audit(run, {
    by,
    step: step === undefined ? undefined : stepOf(step),
    onProgress: (done) => terminal.status(`judged again: ${done} answers`),
  });
  terminal.status(undefined);
  if (terminal.json) terminal.result(report);
  else for (const line of auditLines(report, terminal.width)) terminal.line(line);
  const isSound = report.again.changed.length === 0 && report.attacks.every(({ taken }) => taken === 0);
  return isSound ? exitCodes.done : exitCodes.failed;
}

function auditAlone(audit: string | undefined): OptionError {
  return new OptionError({
    where: "errata verify",
    expected: audit === undefined ? "--step with --audit" : "--audit without --file",
    got: audit === undefined ? "--step alone" : "both",
    next: "errata verify --audit RUN --step N audits the answers of one step.",
  });
}

function stepOf(word: string): number {
  const step = Number(word);
  if (Number.isSafeInteger(step) && step >= 1) return step;
  throw new OptionError({
    where: "--step",
    expected: "a whole number from 1 up",
    got: word,
    next: "Without --step all steps are audited.",
  });
}

function verifierAlone(file: string | undefined): OptionError {
  return new OptionError({
    where: "errata verify",
    expected: "--verifier with GOLD and ANSWER alone",
    got: file === undefined ? "--mode beside it" : "--file beside it",
    next: "A mode is of the built-in maths. To judge a whole data set: errata check DATASET --verifier VERIFIER.",
  });
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
