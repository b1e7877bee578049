/**
 * GSM8K's grader (verl): the last `#### number` of the last 300 characters, as a string.
 */
import { type Grade, lastCodePoints } from "./grade.ts";

export function gsm8k(gold: string, completion: string): Grade {
  const tail = lastCodePoints(completion, 300);
  const last = [...tail.matchAll(/#### (-?[0-9.,]+)/g)].at(-1)?.[1];
  const extracted = last?.replaceAll(",", "");
  return { right: extracted === gold, extracted };
}
