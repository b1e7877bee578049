/**
 * What a row takes for right, and what a completion says.
 *
 *   problem     →  its references: any of them is right
 *   completion  →  its text without thinking; in it, the part that gives the answer
 */
import { boxes } from "../../../maths/boxes.ts";
import type { Problem, Verdict } from "../../types.ts";

/** The verdict where a judge that reads references meets a row without one. */
export const noReference: Verdict = { kind: "error", because: "the problem's reference answer is empty" };

/** The reference answer, or each of a list of them; empty where the row has none. */
export function references({ answer }: Problem): readonly string[] {
  const text = answer.trim();
  if (text === "") return [];
  const list = text.startsWith("[") ? jsonList(text) : undefined;
  return list ?? [text];
}

function jsonList(text: string): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    const isAnswers = (value: unknown): value is readonly (string | number)[] =>
      Array.isArray(value) && value.every((one) => typeof one === "string" || typeof one === "number");
    return isAnswers(list) ? list.map((one) => String(one).trim()).filter((one) => one !== "") : undefined;
  } catch {
    return undefined;
  }
}

/** What follows the thinking; nothing where it never ends. */
export function spoken(completion: string): string {
  const end = completion.lastIndexOf("</think>");
  if (end >= 0) return completion.slice(end + "</think>".length).trim();
  return completion.includes("<think>") ? "" : completion.trim();
}

const announcement =
  /\b(?:answer|label|category|class|choice|option|result)\b(?:\s+is\b|[*_\s]*[:=])[*_:\s]*/gi;

/** The last box, `<answer>` or line after "answer is" and its like; the whole of what is said where there is none. */
export function finalPart(completion: string): string {
  const text = spoken(completion);
  const boxed = boxes(text)
    .closed.at(-1)
    ?.text.replace(/\\(?:text|textbf|mathrm|mbox)\{([^{}]*)\}/g, "$1");
  const tagged = text.split("<answer>").at(-1)!.split("</answer>", 1)[0]!;
  const last = [...text.matchAll(announcement)].at(-1);
  const announced = last && text.slice(last.index + last[0].length).split("\n", 1)[0]!;
  return (boxed ?? (text.includes("<answer>") ? tagged : announced) ?? text).trim();
}

/** White space collapsed; case and punctuation left out where they are not to count. */
export function plain(
  text: string,
  { ignore_case, ignore_punctuation }: { ignore_case?: boolean; ignore_punctuation?: boolean },
): string {
  const words = text.normalize("NFKC");
  const spelt = ignore_punctuation ? words.replace(/\p{P}+/gu, " ") : words;
  return (ignore_case ? spelt.toLowerCase() : spelt).replace(/\s+/g, " ").trim();
}
