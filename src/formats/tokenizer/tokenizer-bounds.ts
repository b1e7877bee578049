/**
 * What a tokenizer's file may ask for, checked before it is loaded: a watchdog stops what runs for ever, but not one
 * call that takes all memory.
 */
import { ModelError } from "../../errors.ts";

/** The largest vocabulary in use has 262,145 tokens; the largest list of merges, 580,604. */
const TOKENS = 2 ** 19;
const MERGES = 2 ** 20;
/** How much longer its replacements may make a text. */
const GROWTH = 64;

type Part = Readonly<Record<string, unknown>>;

/** @throws ModelError where the vocabulary is too large, or text would grow without need */
export function checkBounds(tokenizer: Part & { readonly model: Part }, where: string): void {
  const { vocab, merges } = tokenizer.model;
  const tokens = Array.isArray(vocab) ? vocab.length : Object.keys(vocab as object).length;
  if (tokens > TOKENS) throw refused(where, `at most ${TOKENS} tokens`, `${tokens}`);
  if (Array.isArray(merges) && merges.length > MERGES)
    throw refused(where, `at most ${MERGES} merges`, `${merges.length}`);
  for (const name of ["normalizer", "pre_tokenizer", "decoder"]) {
    const times = growth(tokenizer[name]);
    if (!(times <= GROWTH))
      throw refused(
        where,
        `a ${name} that makes a text at most ${GROWTH} times longer`,
        `one that makes it ${times.toPrecision(3)} times longer`,
      );
  }
}

/** How many times longer a text can become, at most. */
function growth(part: unknown): number {
  if (typeof part !== "object" || part === null) return 1;
  const { type, pattern, content, prepend, replacement, normalizers, pretokenizers, decoders } = part as Part;
  if (type === "Replace") return replaced(pattern, lengthOf(content));
  if (type === "Prepend") return 1 + lengthOf(prepend);
  if (type === "Metaspace") return 1 + lengthOf(replacement);
  return [normalizers, pretokenizers, decoders]
    .flatMap((steps) => (Array.isArray(steps) ? (steps as unknown[]) : []))
    .reduce<number>((times, step) => times * growth(step), 1);
}

/** A pattern may match a character, or nothing between two. */
function replaced(pattern: unknown, by: number): number {
  const text =
    typeof pattern === "object" && pattern !== null && "String" in pattern ? pattern.String : pattern;
  const from = lengthOf(text);
  return from === 0 || typeof text !== "string" ? 1 + by : Math.max(1, by / from);
}

const lengthOf = (text: unknown): number => (typeof text === "string" ? text.length : 0);

function refused(where: string, expected: string, got: string): ModelError {
  const next = "No model needs this. Fetch it again, and look at who made it before you open it.";
  return new ModelError({ where, expected, got, next });
}
