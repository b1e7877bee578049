/**
 * `contains`: the reference stands somewhere in the answer, as whole words.
 *
 * An answer that names everything is right, too: where that could be learnt, take `choice` or `match`.
 *
 *   ignore_case   what is not to count
 */
import { noReference, plain, references, spoken } from "./said.ts";
import { type JudgeByName, readSettings } from "./settings.ts";
import { mentions } from "./words.ts";

export function contains(given: string): JudgeByName {
  const settings = readSettings("contains", { ignore_case: "flag" }, given);
  return {
    goldForms: references,
    judge: (problem, answer) => {
      const golds = references(problem);
      if (golds.length === 0) return noReference;
      const own = settings.of(problem);
      const said = plain(spoken(answer), own);
      const found = golds.find((gold) => mentions(said, plain(gold, own)).length > 0);
      return found === undefined
        ? { kind: "wrong", because: "the reference is not in the answer" }
        : { kind: "right", because: "the reference is in the answer", extracted: found };
    },
  };
}
