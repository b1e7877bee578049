/**
 * `match`: the whole answer is the reference, but for white space.
 *
 *   ignore_case, ignore_punctuation   what is not to count
 */
import { noReference, plain, references, spoken } from "./said.ts";
import { type JudgeByName, readSettings } from "./settings.ts";

export function match(given: string): JudgeByName {
  const settings = readSettings("match", { ignore_case: "flag", ignore_punctuation: "flag" }, given);
  return {
    goldForms: references,
    judge: (problem, answer) => {
      const golds = references(problem);
      if (golds.length === 0) return noReference;
      const own = settings.of(problem);
      const said = plain(spoken(answer), own);
      if (said === "") return { kind: "wrong", because: "the answer is empty", extracted: "" };
      return golds.some((gold) => plain(gold, own) === said)
        ? { kind: "right", because: "the same text", extracted: said }
        : { kind: "wrong", because: "the whole answer is not the reference", extracted: said };
    },
  };
}
