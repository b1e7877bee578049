/**
 * Which verifier reads the same answers in another way, to be held beside the one that a run was judged by.
 */

const beside: Readonly<Record<string, string>> = {
  math: "math-lenient",
  match: "match:ignore_case,ignore_punctuation",
  contains: "match:ignore_case,ignore_punctuation",
  choice: "match:ignore_case,ignore_punctuation",
  number: "math-lenient",
};
const alsoMaths = [
  "math-lenient",
  "exact",
  "gsm8k",
  "hendrycks",
  "dapo",
  "dapo-boxed",
  "dapo-skyrl",
  "qwen-like",
];

/** @returns undefined where none is known, as of a verifier of one's own */
export function otherJudge(verifier: string): string | undefined {
  if (alsoMaths.includes(verifier)) return "math";
  const [name] = verifier.split(":", 1);
  const other = Object.hasOwn(beside, name!) ? beside[name!] : undefined;
  return other === verifier ? undefined : other;
}
