/**
 * `format`: how an answer is written, whatever it says.
 *
 *   all   parts that it has to have, as all=think|boxed|max_words:50
 *   any   parts of which it has to have one, as any=json|code
 *
 * No reference is read. The score is the share of what is asked for that it has.
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
    inForm: (answer) => inForm(answer, any[0] === undefined ? all : [...all, any[0]]),
    judge: (problem, answer) => {
      const { all = [], any = [] } = settings.of(problem);
      checkParts([...all, ...any]);
      const has = (part: string) => {
        const [name, most] = part.split(":");
        return parts[name!]!(answer, Number(most));
      };
      const lacking = all.filter((part) => !has(part));
      const hasNone = any.length > 0 && !any.some(has);
      const asked = all.length + (any.length > 0 ? 1 : 0);
      const score = (asked - lacking.length - (hasNone ? 1 : 0)) / asked;
      if (lacking.length > 0) return { kind: "wrong", because: `it lacks ${lacking[0]}`, score };
      if (hasNone) return { kind: "wrong", because: `it has none of ${any.join(", ")}`, score };
      return { kind: "right", because: `it has ${[...all, ...any.filter(has)].join(", ")}`, score };
    },
  };
}

/** An answer with the parts that can be put around any: the innermost first. */
function inForm(answer: string, asked: readonly string[]): string {
  const wraps: readonly (readonly [part: string, before: string, after: string])[] = [
    ["boxed", "\\boxed{", "}"],
    ["answer", "<answer>", "</answer>"],
    ["code", "```\n", "\n```"],
    ["think", "<think>It is known.</think>\n", ""],
  ];
  return wraps
    .filter(([part]) => asked.includes(part))
    .reduce((text, [, before, after]) => before + text + after, answer);
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
