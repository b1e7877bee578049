/**
 * `choice`: the answer settles on exactly one of several, and that is the reference.
 *
 *   choices   the labels, as choices=billing|refund; left out, the row's list `choices` or `options`
 *
 * Read is the last box, `<answer>` or "answer: …", or else everything that is said. Case does not count, but in
 * labels of one letter, as "a" is a word. A choice after "not" is not settled on.
 */
import type { Problem } from "../../types.ts";
import { finalPart, noReference, plain, references } from "./said.ts";
import { type JudgeByName, readSettings } from "./settings.ts";
import { mentions } from "./words.ts";

export function choice(given: string): JudgeByName {
  const settings = readSettings("choice", { choices: "list" }, given);
  return {
    goldForms: references,
    sameAnswer: (one, other) => one.toLowerCase() === other.toLowerCase(),
    judge: (problem, answer) => {
      const golds = references(problem);
      if (golds.length === 0) return noReference;
      const choices = settings.of(problem).choices ?? choicesOf(problem);
      if (choices.length < 2)
        return {
          kind: "error",
          because: "no choices: give them as choice:choices=a|b|c, or in a column `choices`",
        };
      const strange = golds.find((gold) => !choices.some((one) => spelt(one) === spelt(gold)));
      if (strange !== undefined)
        return { kind: "error", because: `the reference ${JSON.stringify(strange)} is none of the choices` };
      const named = choicesNamed(finalPart(answer), choices);
      if (named.length !== 1)
        return {
          kind: "wrong",
          because: named.length === 0 ? "it names none of the choices" : `it names ${named.length} choices`,
        };
      return golds.some((gold) => spelt(gold) === spelt(named[0]!))
        ? { kind: "right", because: "the same choice", extracted: named[0]! }
        : { kind: "wrong", because: `it chooses ${named[0]}`, extracted: named[0]! };
    },
  };
}

/** How a text is compared: a letter as it is, a word without its case. */
function spelt(text: string): string {
  return plain(text, { ignore_case: text.trim().length > 1 });
}

function choicesOf({ extra }: Problem): readonly string[] {
  const list = [extra?.choices, extra?.options].find(Array.isArray) ?? [];
  return (list as readonly unknown[]).map((one) => String(one).trim()).filter((one) => one !== "");
}

/** The choices that a text settles on. A longer one covers those within it: "not spam" does not name "spam". */
function choicesNamed(text: string, choices: readonly string[]): string[] {
  const plainText = plain(text, {});
  const covered: boolean[] = [];
  return [...choices]
    .sort((a, b) => b.length - a.length)
    .filter((one) => {
      const phrase = spelt(one);
      const asRead = one.length > 1 ? plainText.toLowerCase() : plainText;
      const places = mentions(asRead, phrase).filter((at) => covered[at] !== true);
      for (const at of places) for (let i = at; i < at + phrase.length; i++) covered[i] = true;
      return places.some((at) => !isDenied(plainText.slice(Math.max(0, at - 40), at)));
    });
}

function isDenied(before: string): boolean {
  return /(?:\b(?:not|never|neither|nor|cannot)|n['’]t)(?:\s+(?:a|an|the|be|about|really))*\s*["'*`(]*$/i.test(
    before,
  );
}
