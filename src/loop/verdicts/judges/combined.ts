/**
 * `all`, `any` and `mean`: several judges of one answer.
 *
 *   all    right where each part is; its score the least of theirs
 *   any    right where one part is; its score the greatest
 *   mean   the weighted mean of their scores, right from score_threshold on
 *
 * A part without a score counts 1 where it is right and 0 where it is wrong. What is read of the answer, and
 * whether two answers are the same, the first part that reads a reference says.
 */
import type { GivenVerdict, Problem, Verdict, Verifier } from "../../types.ts";
import { goldForms } from "../gold-forms.ts";
import { judge } from "../judge.ts";
import type { Combination } from "./parts.ts";
import type { JudgeByName } from "./settings.ts";

export interface CombinedPart {
  readonly verifier: Verifier & Pick<JudgeByName, "inForm">;
  readonly weight: number;
}

interface Judged {
  readonly name: string;
  readonly weight: number;
  readonly verdict: Exclude<Verdict, { readonly kind: "error" }>;
}

export function combined(how: Combination, parts: readonly CombinedPart[]): JudgeByName {
  const verifiers = parts.map(({ verifier }) => verifier);
  const readers = verifiers.filter(({ readsReference }) => readsReference !== false);
  const [first = verifiers[0]!] = readers;
  return {
    goldForms: (problem) => forms(problem, readers.length > 0 ? readers : verifiers, verifiers),
    ...(first.sameAnswer && { sameAnswer: first.sameAnswer }),
    judge: async (problem, answer) => {
      const verdicts = await Promise.all(verifiers.map((one) => judge(one, problem, answer)));
      const own = parts.map(({ verifier, weight }, i) => ({
        name: verifier.name,
        weight,
        verdict: verdicts[i]!,
      }));
      const judged = own.filter((one): one is Judged => one.verdict.kind !== "error");
      // one part decides for all where it is wrong, and for any where it is right: then errors change nothing
      const decides = { all: "wrong", any: "right", mean: undefined }[how];
      const error = own.find(({ verdict }) => verdict.kind === "error");
      if (error !== undefined && !judged.some(({ verdict }) => verdict.kind === decides))
        return { kind: "error", because: `${error.name}: ${error.verdict.because}` };
      const { extracted } = judged.find(({ name }) => name === first.name)?.verdict ?? {};
      return { ...concluded(how, judged), ...(extracted === undefined ? {} : { extracted }) };
    },
  };
}

function concluded(how: Combination, judged: readonly Judged[]): Exclude<GivenVerdict, boolean | number> {
  const scores = judged.map(({ verdict }) => verdict.score ?? (verdict.kind === "right" ? 1 : 0));
  if (how === "mean") {
    const weight = judged.reduce((sum, one) => sum + one.weight, 0);
    const score = scores.reduce((sum, one, i) => sum + one * judged[i]!.weight, 0) / weight;
    const told = judged.map(({ name }, i) => `${name} ${Number(scores[i]!.toPrecision(3))}`);
    // weights such as 0.1 may add up to a rounding above 1
    return { score: Math.min(1, score), because: told.join(", ") };
  }
  const isScored = judged.some(({ verdict }) => verdict.score !== undefined);
  const score = isScored ? { score: how === "all" ? Math.min(...scores) : Math.max(...scores) } : {};
  const decisive =
    judged.find(({ verdict }) => verdict.kind === (how === "all" ? "wrong" : "right")) ?? judged[0]!;
  const because = `${decisive.name}: ${decisive.verdict.because ?? decisive.verdict.kind}`;
  return { kind: decisive.verdict.kind, because, ...score };
}

/** The forms of those that read references, as they are and as the other parts want them written. */
function forms(
  problem: Problem,
  readers: readonly Verifier[],
  verifiers: readonly CombinedPart["verifier"][],
): readonly string[] {
  const plain = readers.flatMap((reader) => goldForms(reader, problem));
  const written = plain.map((form) => verifiers.reduce((text, { inForm }) => inForm?.(text) ?? text, form));
  const solution = problem.solution === undefined ? [] : [problem.solution];
  return [...new Set([...plain, ...written, ...solution])];
}
