/**
 * How two evaluations differ, in words: why one may not go on where the other stopped, and what to think of when
 * they are compared.
 */
import { type Identity, isOfPrompts } from "./fingerprint.ts";

/** What options say of an evaluation, by their own names. */
const optionNames = {
  verifier: "verifier",
  temperature: "temperature",
  topP: "top_p",
  topK: "top_k",
  maxTokens: "max_completion_length",
  seed: "seed",
  promptFormat: "prompt_format",
  promptTemplate: "prompt_template",
  systemPrompt: "system_prompt",
  chatTemplateKwargs: "chat_template_kwargs",
  chatTemplateDate: "chat_template_date",
} as const satisfies Partial<Record<keyof Identity, string>>;

type Named = keyof typeof optionNames;

/** Characters of a value that are shown. */
const LONGEST = 80;

/** The first thing that differs from an evaluation that was begun, in words; undefined where nothing does. */
export function difference(before: Identity, now: Identity): string | undefined {
  if (before.model !== now.model) return "another model";
  if (before.verifier === now.verifier && before.verifierContent !== now.verifierContent)
    return `a verifier ${now.verifier} that is not what it was`;
  const alike = JSON.stringify(before.sets) === JSON.stringify(now.sets);
  // the sets hold the prompts in tokens: words that lead to the same ones make no difference
  const [key] = differing(before, now).filter((each) => !(alike && isOfPrompts(each)));
  if (key !== undefined) return `${optionNames[key]} ${shown(now[key])} after ${shown(before[key])}`;
  return alike ? undefined : "another set of problems";
}

/** How another evaluation was made that this one was not, in words; undefined where nothing but the model differs. */
export function unlike(own: Identity, other: Identity): string | undefined {
  const parts = differing(own, other)
    .filter((key) => key !== "seed")
    .map((key) => `${optionNames[key]} ${shown(other[key])}, here ${shown(own[key])}`);
  const [here, there] = [own.verifierContent, other.verifierContent];
  if (own.verifier === other.verifier && here !== undefined && there !== undefined && here !== there)
    parts.unshift(`another content of the verifier ${own.verifier}`);
  return parts.length === 0 ? undefined : parts.join("; ");
}

/** Evaluations that were begun before the words of prompts were kept say nothing of them. */
function differing(one: Identity, other: Identity): Named[] {
  return (Object.keys(optionNames) as Named[]).filter(
    (key) => one[key] !== other[key] && one[key] !== undefined && other[key] !== undefined,
  );
}

function shown(value: Identity[Named]): string {
  if (value === null) return "none";
  if (typeof value === "string" && /^\S+$/.test(value)) return value;
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
