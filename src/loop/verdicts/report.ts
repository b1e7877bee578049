/**
 * A file of graded cases, graded again: how often we agree, where not, and how long it takes.
 *
 *   {id, gold, pred, expect, kind?, options?, extract?}  →  report
 */
import { DataError } from "../../errors.ts";
import type { Judgement, MathOptions } from "../../maths/judgement.ts";
import { grade } from "./grade.ts";
import { optionsOf } from "./math.ts";

export interface Case {
  readonly id: string;
  readonly gold: string;
  /** A completion, or where `kind` is "bare-answer" an answer that stands alone. */
  readonly pred: string;
  readonly expect: boolean;
  readonly kind?: string;
  readonly options: MathOptions;
  /** What the grader should take for the answer, where the file says. */
  readonly extract?: string;
}

export interface Disagreement {
  readonly id: string;
  readonly expect: boolean;
  readonly judgement: Judgement;
}

export interface Report {
  readonly cases: number;
  readonly agreed: number;
  readonly disagreements: readonly Disagreement[];
  /** Cases accepted that should not be. */
  readonly falseAccepts: number;
  /** Cases without a verdict, because the reference cannot be read. */
  readonly errors: number;
  /** Cases whose extracted answer is another than the file's; undefined where it names none. */
  readonly otherExtracts: readonly string[] | undefined;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/**
 * @param text   JSON Lines
 * @param where  the file's name, for errors
 * @throws DataError where a line is no case
 */
export function readCases(text: string, where: string): Case[] {
  const cases = text
    .split("\n")
    .flatMap((line, i) => (line.trim() === "" ? [] : [readCase(line, `${where}:${i + 1}`)]));
  if (cases.length > 0) return cases;
  throw new DataError({
    where,
    expected: "at least one case",
    got: "none",
    next: "Write one JSON object per line: {id, gold, pred, expect}.",
  });
}

function readCase(line: string, where: string): Case {
  const fault = (got: string, cause?: unknown): DataError =>
    new DataError({
      where,
      expected: "an object with gold and pred (text) and expect (true or false)",
      got,
      next: "Mend or delete this line.",
      cause,
    });
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (cause) {
    throw fault("a line that is no JSON", cause);
  }
  if (typeof row !== "object" || row === null) throw fault(JSON.stringify(row));
  const { id, gold, pred, expect, kind, options, extract } = row as Record<string, unknown>;
  if (typeof gold !== "string" || typeof pred !== "string" || typeof expect !== "boolean") {
    throw fault(`an object with keys ${Object.keys(row).join(", ")}`);
  }
  return {
    id: typeof id === "string" || typeof id === "number" ? String(id) : where,
    gold,
    pred,
    expect,
    options: optionsOf(options),
    ...(typeof kind === "string" ? { kind } : {}),
    ...(typeof extract === "string" ? { extract } : {}),
  };
}

/**
 * @param mode  grades every case in this mode; undefined takes each case's own, else `math`
 * @throws OptionError where a mode has no such name
 */
export function gradeCases(cases: readonly Case[], mode?: string): Report {
  warmUp();
  const disagreements: Disagreement[] = [];
  const others: string[] = [];
  const times: number[] = [];
  let errors = 0;
  for (const { id, gold, pred, expect, kind, options, extract } of cases) {
    const began = performance.now();
    const judgement = grade(
      gold,
      pred,
      { ...options, ...(mode === undefined ? {} : { mode }) },
      kind === "bare-answer",
    );
    times.push(performance.now() - began);
    if (judgement.kind === "error") errors++;
    if ((judgement.kind === "right") !== expect) disagreements.push({ id, expect, judgement });
    if (extract !== undefined && extract !== extractedOf(judgement)) others.push(id);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return {
    cases: cases.length,
    agreed: cases.length - disagreements.length,
    disagreements,
    falseAccepts: disagreements.filter(({ expect }) => !expect).length,
    errors,
    otherExtracts: cases.some(({ extract }) => extract !== undefined) ? others : undefined,
    medianMs: at(0.5),
    p99Ms: at(0.99),
    maxMs: times.at(-1) ?? 0,
  };
}

const extractedOf = (judgement: Judgement): string =>
  "extracted" in judgement ? (judgement.extracted ?? "") : "";

/** The first calls compile the verifier; they are no measure of the rest. */
function warmUp(): void {
  for (let i = 0; i < 20; i++) {
    grade("\\frac{1}{2}", "So \\boxed{0.5}.");
    grade("1 \\pm \\sqrt{2}", "\\boxed{1+\\sqrt{2}, 1-\\sqrt{2}}");
    grade("x^2-1", "\\boxed{(x-1)(x+1)}");
    grade("(-\\infty, 2]", "\\boxed{x \\le 2}");
    grade("\\tan^2 x + 1", "\\boxed{\\sec^2 x}");
  }
}

/** The report as lines for people. */
export function printReport(report: Report, most = 50): string {
  const { cases, agreed, disagreements, falseAccepts, errors, otherExtracts } = report;
  const share = ((100 * agreed) / cases).toFixed(1);
  const lines = [
    `agreed         ${agreed} of ${cases}   ${share}%`,
    `false accepts  ${falseAccepts}`,
    `no verdict     ${errors}`,
    ...(otherExtracts
      ? [
          `other answers  ${otherExtracts.length}${otherExtracts.length ? `   ${otherExtracts.slice(0, most).join(" ")}` : ""}`,
        ]
      : []),
    `time           median ${report.medianMs.toFixed(3)} ms   p99 ${report.p99Ms.toFixed(2)} ms   max ${report.maxMs.toFixed(1)} ms`,
  ];
  for (const { id, expect, judgement } of disagreements.slice(0, most)) {
    const found = extractedOf(judgement);
    lines.push(
      `  ${id}   expected ${expect ? "right" : "not right"}, is ${judgement.kind} (${judgement.reason})   gold ${short(judgement.gold)}   answer ${short(found)}`,
    );
  }
  if (disagreements.length > most) lines.push(`  and ${disagreements.length - most} more`);
  return lines.join("\n");
}

/** One judgement as lines for people. */
export function printJudgement(judgement: Judgement, ms: number): string {
  const { kind, because, reason, mode, gold, found, fuel } = judgement;
  const where = found
    ? `   ${found.via}, characters ${found.start} to ${found.end}${found.boxes > 1 ? `, ${found.boxes} boxes` : ""}`
    : "";
  const evidence = judgement.evidence?.points
    ? `   at ${judgement.evidence.points} points`
    : judgement.evidence?.digits
      ? `   to ${judgement.evidence.digits} digits`
      : "";
  const extracted = "extracted" in judgement ? judgement.extracted : undefined;
  return [
    `${kind.padEnd(8)} ${because ?? reason} (${reason})${evidence}`,
    `mode     ${mode}`,
    `gold     ${short(gold)}`,
    `answer   ${extracted === undefined ? "none found" : short(extracted)}${where}`,
    `work     ${fuel.toLocaleString("en")} steps, ${ms.toFixed(2)} ms`,
  ].join("\n");
}

/** One line of a text a model may have written: line breaks shown, terminal controls not passed on. */
function short(text: string): string {
  const plain = text
    .slice(0, 160)
    .replace(/\s*\n\s*/g, " ⏎ ")
    .replace(/\p{Cc}/gu, "·");
  return plain === "" ? "(empty)" : plain + (text.length > 160 ? "…" : "");
}
