/**
 * `format`: how an answer is written, whatever it says.
 *
 *   all   parts that it has to have, as all=think|boxed|max_words:50
 *   any   parts of which it has to have one, as any=json|code
 *
 * No reference is read.
 */
import { VerifierError } from "../../../errors.ts";
import { boxes } from "../../../maths/boxes.ts";
import { jsonIn } from "./json.ts";
import { spoken } from "./said.ts";
import { type JudgeByName, readSettings } from "./settings.ts";

const parts: Readonly<Record<string, (answer: string, most: number) => boolean>> = {
  json: (answer) => jsonIn(spoken(answer)) !== undefined,
  boxed: (answer) => boxes(spoken(answer)).closed.length === 1,
  think: (answer) => /^\s*<think>(?:(?!<\/?think>)[\s\S])*<\/think>\s*\S/.test(answer),
  answer: (answer) => spoken(answer).split(/<answer>[\s\S]*?<\/answer>/).length === 2,
  code: (answer) => /(?:^|\n)```[^\n]*\n[\s\S]*?\n```/.test(spoken(answer)),
  one_line: (answer) => spoken(answer) !== "" && !spoken(answer).includes("\n"),
  max_words: (answer, most) => spoken(answer).split(/\s+/).length <= most,
};

export function format(given: string): JudgeByName {
  const settings = readSettings("format", { all: "list", any: "list" }, given);
  const { all = [], any = [] } = settings.common;
  if (given !== "") checkParts([...all, ...any]);
  return {
    goldForms: ({ solution }) => (solution === undefined ? [] : [solution]),
    judge: (problem, answer) => {
      const { all = [], any = [] } = settings.of(problem);
      checkParts([...all, ...any]);
      const has = (part: string) => {
        const [name, most] = part.split(":");
        return parts[name!]!(answer, Number(most));
      };
      const lacking = all.find((part) => !has(part));
      if (lacking !== undefined) return { kind: "wrong", because: `it lacks ${lacking}` };
      if (any.length > 0 && !any.some(has))
        return { kind: "wrong", because: `it has none of ${any.join(", ")}` };
      return { kind: "right", because: `it has ${[...all, ...any.filter(has)].join(", ")}` };
    },
  };
}

function checkParts(named: readonly string[]): void {
  const strange = named.find((part) => !isPart(part));
  if (strange === undefined && named.length > 0) return;
  throw new VerifierError({
    where: "verifier format",
    expected: `all=… or any=… of ${Object.keys(parts).join(", ")}`,
    got: strange ?? "neither",
    next: "Write format:all=think|boxed, or format:any=json|code; max_words with its number, max_words:50.",
  });
}

function isPart(part: string): boolean {
  const [name, most, ...more] = part.split(":");
  if (!Object.hasOwn(parts, name!) || more.length > 0) return false;
  return name === "max_words" ? /^\d+$/.test(most ?? "") : most === undefined;
}
