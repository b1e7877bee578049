/**
 * `length`: how long an answer is, as a score.
 *
 *   words   up to so many words the score is 1
 *   most    from so many on it is 0, and between the two it falls in a line; `words` unless given
 *
 * No reference is read. Thinking counts as well: the whole answer is what is learnt from.
 */
import { VerifierError } from "../../../errors.ts";
import { type JudgeByName, readSettings } from "./settings.ts";

export function length(given: string): JudgeByName {
  const settings = readSettings("length", { words: "number", most: "number" }, given);
  if (given !== "") boundsOf(settings.common);
  return {
    goldForms: ({ solution }) => (solution === undefined ? [] : [solution]),
    judge: (problem, answer) => {
      const { words, most } = boundsOf(settings.of(problem));
      const said = answer.trim() === "" ? 0 : answer.trim().split(/\s+/).length;
      const score = said <= words ? 1 : Math.max(0, (most - said) / (most - words));
      return { score, because: `${said} words, where ${words} are asked for` };
    },
  };
}

function boundsOf({ words, most = words }: { readonly words?: number; readonly most?: number }): {
  readonly words: number;
  readonly most: number;
} {
  if (words !== undefined && most !== undefined && most >= words) return { words, most };
  throw new VerifierError({
    where: "verifier length",
    expected: "words=N and, where longer answers are worth something, most=M from N up",
    got: words === undefined ? "no words" : `words=${words}, most=${most}`,
    next: "Write length:words=50,most=100.",
  });
}
