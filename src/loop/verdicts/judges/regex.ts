/**
 * `regex`: the answer matches a pattern. Where the pattern has a group `(?<answer>…)`, what the group catches is the
 * reference.
 *
 *   pattern       as in JavaScript; the last match counts, anywhere in the answer unless it says ^ and $
 *   ignore_case   what is not to count
 */
import { VerifierError } from "../../../errors.ts";
import { noReference, plain, references } from "./said.ts";
import { type JudgeByName, readSettings } from "./settings.ts";

export function regex(given: string): JudgeByName {
  const settings = readSettings("regex", { pattern: "text", ignore_case: "flag" }, given);
  compiled(settings.common.pattern ?? "");
  return {
    // a pattern cannot be turned into a text that it matches
    goldForms: ({ solution }) => (solution === undefined ? [] : [solution]),
    judge: (problem, answer) => {
      const { pattern, ...own } = settings.of(problem);
      if (pattern === undefined)
        return { kind: "error", because: "no pattern: give it as regex:pattern=…, or in the row's options" };
      const found = [...answer.matchAll(compiled(pattern, own.ignore_case))].at(-1);
      if (found === undefined) return { kind: "wrong", because: "the pattern does not match" };
      if (!catchesAnswer(pattern))
        return { kind: "right", because: "the pattern matches", extracted: found[0] };
      const golds = references(problem);
      if (golds.length === 0) return noReference;
      const said = plain(found.groups?.answer ?? "", own);
      return golds.some((gold) => plain(gold, own) === said)
        ? { kind: "right", because: "the same text", extracted: said }
        : { kind: "wrong", because: "another text where the pattern matches", extracted: said };
    },
  };
}

function compiled(pattern: string, ignoreCase = false): RegExp {
  try {
    return new RegExp(pattern, ignoreCase ? "gi" : "g");
  } catch (cause) {
    throw new VerifierError({
      where: "verifier regex",
      expected: "pattern=… as JavaScript writes it",
      got: cause instanceof Error ? cause.message : String(cause),
      next: "Quote it from the shell: --verifier 'regex:pattern=^Label: \\w+$'.",
      cause,
    });
  }
}

/** Whether a pattern reads an answer, which is compared with the reference. */
export function catchesAnswer(pattern: string): boolean {
  return pattern.includes("(?<answer>");
}
