/**
 * One judgement of one answer, whatever the verifier does.
 *
 * A verifier may be a user's: it may throw, return true or false, or return something else. Only a
 * verdict leaves here.
 */
import type { Problem, Verdict, Verifier } from "../types.ts";

/** Longest reason and longest extracted answer that are kept, in characters. */
const LONGEST = 2000;

/** From which score on an answer is right, where nothing else is asked for. */
const USUAL_THRESHOLD = 0.5;

/**
 * @param threshold  a score from here on is right, where the verifier gives a score alone
 * @returns the verifier's verdict; an `error` where it throws or returns something else. Never rejects.
 */
export async function judge(
  verifier: Verifier,
  problem: Problem,
  answer: string,
  threshold = USUAL_THRESHOLD,
): Promise<Verdict> {
  try {
    const value: unknown = await verifier.judge(problem, answer);
    return asVerdict(typeof value === "number" ? { score: value } : value, threshold);
  } catch (fault) {
    const because = cut(`the verifier threw: ${messageOf(fault)}`);
    return { kind: "error", because, ...(fault instanceof SyntaxError ? { isUnread: true } : {}) };
  }
}

/** Keeps of a returned value only what a verdict has. */
function asVerdict(value: unknown, threshold: number): Verdict {
  if (typeof value === "boolean") {
    return value ? { kind: "right" } : { kind: "wrong", because: "the verifier returned false" };
  }
  const given = (typeof value === "object" && value !== null ? value : {}) as {
    readonly [key: string]: unknown;
  };
  const { kind, because, extracted, score, isAmbiguous } =
    given.kind === undefined && typeof given.score === "number"
      ? { ...given, ...ofScore(given.score, threshold, given.because) }
      : given;
  if (kind !== "right" && kind !== "wrong" && kind !== "error")
    return { kind: "error", because: cut(noVerdict(value)) };
  const reason = typeof because === "string" ? cut(because) : undefined;
  if (kind === "error") return { kind, because: reason ?? "the verifier gave no reason" };
  if (score !== undefined && !(typeof score === "number" && score >= 0 && score <= 1))
    return {
      kind: "error",
      because: cut(`the verifier gave a score that is not in [0, 1]: ${describe(score)}`),
    };
  const rest = {
    ...(typeof extracted === "string" ? { extracted: cut(extracted) } : {}),
    ...(score === undefined ? {} : { score }),
  };
  if (kind === "wrong") {
    const ambiguous = isAmbiguous === true ? ({ isAmbiguous } as const) : {};
    return { kind, because: reason ?? "the verifier gave no reason", ...rest, ...ambiguous };
  }
  return { kind, ...(reason === undefined ? {} : { because: reason }), ...rest };
}

/** Right or wrong, of a score alone. */
function ofScore(score: number, threshold: number, because: unknown): Readonly<Record<string, unknown>> {
  return {
    kind: score >= threshold ? "right" : "wrong",
    score,
    because: because ?? `a score of ${Number(score.toPrecision(3))}, where ${threshold} is right`,
  };
}

function noVerdict(value: unknown): string {
  return `the verifier returned ${describe(value)}, not true, false, a score from 0 to 1 or { kind: "right" | "wrong", because }`;
}

function messageOf(fault: unknown): string {
  return fault instanceof Error ? `${fault.name}: ${fault.message}` : describe(fault);
}

function describe(value: unknown): string {
  if (typeof value === "object" && value !== null)
    return `an object with keys [${Object.keys(value).join(", ")}]`;
  if (typeof value === "string") return JSON.stringify(value.slice(0, LONGEST));
  return typeof value === "symbol" ? "a symbol" : String(value);
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
