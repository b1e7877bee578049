/**
 * One judgement of one answer, whatever the verifier does.
 *
 * A verifier may be a user's: it may throw, return true or false, or return something else. Only a
 * verdict leaves here.
 */
import type { Problem, Verdict, Verifier } from "../types.ts";

/** What a user's verifier may return: a verdict, or true for right and false for wrong. */
export type UserVerifier = (
  problem: Problem,
  answer: string,
) => Verdict | boolean | Promise<Verdict | boolean>;

/** Longest reason and longest extracted answer that are kept, in characters. */
const longest = 2000;

/** @returns the verifier's verdict; an `error` where it throws or returns something else. Never rejects. */
export async function judge(
  verifier: Verifier | UserVerifier,
  problem: Problem,
  answer: string,
): Promise<Verdict> {
  try {
    return asVerdict(await verifier(problem, answer));
  } catch (fault) {
    return { kind: "error", because: cut(`the verifier threw: ${messageOf(fault)}`) };
  }
}

/** Keeps of a returned value only what a verdict has. */
function asVerdict(value: unknown): Verdict {
  if (typeof value === "boolean") {
    return value ? { kind: "right" } : { kind: "wrong", because: "the verifier returned false" };
  }
  const { kind, because, extracted } = (typeof value === "object" && value !== null ? value : {}) as {
    readonly [key: string]: unknown;
  };
  const reason = typeof because === "string" ? cut(because) : undefined;
  const found = typeof extracted === "string" ? { extracted: cut(extracted) } : {};
  switch (kind) {
    case "right":
      return { kind, ...(reason === undefined ? {} : { because: reason }), ...found };
    case "wrong":
      return { kind, because: reason ?? "the verifier gave no reason", ...found };
    case "error":
      return { kind, because: reason ?? "the verifier gave no reason" };
    default:
      return { kind: "error", because: cut(`the verifier returned no verdict but ${describe(value)}`) };
  }
}

function messageOf(fault: unknown): string {
  return fault instanceof Error ? `${fault.name}: ${fault.message}` : describe(fault);
}

function describe(value: unknown): string {
  if (typeof value === "object" && value !== null)
    return `an object with keys [${Object.keys(value).join(", ")}]`;
  return typeof value === "symbol" ? "a symbol" : String(value);
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
