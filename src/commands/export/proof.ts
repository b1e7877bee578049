/**
 * The proof of an export: what was written, opened again, gives the log-probs of what it was made from.
 *
 * The same few texts every time, so that figures of different exports can be compared; the numbers go
 * into proof.json, for any other program that opens the export.
 */

import type { Completion, Score } from "../../engine/engine.ts";
import { openEngine } from "../../engine/open-engine.ts";
import { ModelError } from "../../errors.ts";
import type { ModelFiles } from "../../formats/model-files.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";

const texts = [
  "37+58=95",
  "12*7=?\n12*7=84",
  "The capital of France is Paris, and the capital of Italy is Rome.",
  "def area(width, height):\n    return width * height\n",
  "A train travels 60 km in 45 minutes, so its speed is 80 km/h.",
  "¿Qué hora es? 日本語のテキスト 🦉 naïve café",
];
/** Where a model has no tokenizer. */
const idsWithout = { sequences: 4, length: 24 };
const GREEDY_PROMPT = 6;
const GREEDY_TOKENS = 24;

/** Nats: the largest mean distance between log-probs before and after that rounding of the weights explains. */
const tolerances = { F32: 0, F16: 0.01, BF16: 0.05, Q8_0: 0.2 } as const;
export type Dtype = keyof typeof tolerances;

/** What a model gives for the probes. Sequences are cut to its context. */
export interface Answers {
  readonly texts: readonly (string | null)[];
  readonly tokens: readonly Int32Array[];
  /** Nats: log-probs of each sequence's tokens after its first. */
  readonly logps: readonly Float32Array[];
  /** The likeliest continuations of each sequence's first tokens. */
  readonly greedy: readonly {
    readonly prompt: Int32Array;
    readonly tokens: Int32Array;
    readonly text: string;
  }[];
}

export interface Proof {
  readonly tokens: number;
  /** Nats, over `tokens` log-probs: the distance to those of the model that was exported. */
  readonly mean: number;
  readonly max: number;
  readonly tolerance: number;
  /** True where every log-prob is the same float32. */
  readonly bitEqual: boolean;
  /** Greedy continuations that are the same, of how many. */
  readonly sameGreedy: number;
  readonly greedy: number;
}

/**
 * Asks a model the probes.
 *
 * @param like  the answers of another model, whose texts are asked
 * @throws ModelError
 */
export async function answersOf(
  files: ModelFiles,
  threads: number | undefined,
  like?: Answers,
): Promise<Answers> {
  const probes = probesFor(files, like);
  const tokens = probes.map((probe) => probe.tokens);
  const engine = await openEngine({ model: files, threads });
  try {
    const sequences = tokens.map((ids) => ({ prompt: ids.slice(0, 1), completion: ids.slice(1) }));
    const scores: Score[] = await engine.score(sequences, 1);
    const logps = scores.map((score) => score.logps);
    const prompts = tokens.map((ids, key) => ({ tokens: ids.slice(0, GREEDY_PROMPT), key }));
    const longest = Math.min(GREEDY_TOKENS, files.config.contextLength - GREEDY_PROMPT);
    const drawing = { answers: 1, temperature: 0, topP: 1, topK: 0, seed: 0, step: 0 };
    // nothing can be sampled of what is no number; who asked says why it is none
    const continues = longest >= 1 && areNumbers(logps);
    const completions: Completion[][] = continues
      ? await engine.sample(prompts, { ...drawing, maxTokens: longest })
      : [];
    return {
      texts: probes.map(({ text }) => text),
      tokens,
      logps,
      greedy: completions.map(([completion], i) => ({
        prompt: prompts[i]!.tokens,
        tokens: completion!.tokens,
        text: files.tokenizer?.decode(completion!.tokens) ?? "",
      })),
    };
  } finally {
    await engine.close();
  }
}

interface Probe {
  readonly text: string | null;
  readonly tokens: Int32Array;
}

/** Texts that the tokenizer has words for; without one, ids spread over the vocabulary. */
function probesFor({ tokenizer, config }: ModelFiles, like?: Answers): Probe[] {
  const cut = (ids: Int32Array) => ids.slice(0, config.contextLength);
  if (tokenizer !== undefined) {
    const encoded = (like?.texts ?? texts).map((text) => ({
      text,
      tokens: cut(tokenizer.encode(text ?? "")),
    }));
    if (like !== undefined) return encoded;
    return encoded.filter(({ tokens }) => tokens.length > 1 && !hasUnknown(tokenizer, tokens));
  }
  return Array.from({ length: idsWithout.sequences }, (_, s) => ({
    text: null,
    tokens: cut(
      Int32Array.from({ length: idsWithout.length }, (_, i) => (7919 * (i + 1) * (s + 1)) % config.vocabSize),
    ),
  }));
}

/** Formats differ in what they make of characters that a tokenizer does not know. */
const hasUnknown = ({ unkId }: Tokenizer, tokens: Int32Array) =>
  unkId !== undefined && tokens.includes(unkId);

/**
 * A model whose log-probs are no numbers can be exported to nothing that could be held to it.
 *
 * @param named  the model, as it was asked for
 * @throws ModelError
 */
export function refuseDamaged(named: string, source: Answers): void {
  if (areNumbers(source.logps)) return;
  throw new ModelError({
    where: named,
    expected: "a model whose log-probs are numbers",
    got: "some that are NaN or infinite",
    next: "Its weights are damaged, or it was trained until they overflowed. Fetch it again, or export an earlier checkpoint.",
  });
}

const areNumbers = (logps: Answers["logps"]) => logps.every((each) => each.every(Number.isFinite));

/**
 * Holds what was written to what it was made from.
 *
 * @param path    of what was written, named in errors
 * @param source  its log-probs are numbers: see `refuseDamaged`
 * @throws ModelError where it tokenizes otherwise, or its log-probs are further off than `dtype` explains
 */
export function prove(path: string, source: Answers, written: Answers, dtype: Dtype): Proof {
  const differs = (expected: string, got: string) =>
    new ModelError({
      where: path,
      expected,
      got,
      next: "Nothing was exported. This is a fault of errata; please report it with the command that led here.",
    });
  const other = source.tokens.findIndex((ids, i) => ids.join() !== written.tokens[i]?.join());
  if (other >= 0 || source.tokens.length !== written.tokens.length)
    throw differs(
      `the same tokens of ${JSON.stringify(source.texts[other] ?? "the probes")} as before the export`,
      `${written.tokens[other]?.join(" ").slice(0, 80) ?? "none"}`,
    );
  const before = source.logps.flatMap((logps) => [...logps]);
  const after = written.logps.flatMap((logps) => [...logps]);
  const distances = before.map((logp, i) => Math.abs(logp - after[i]!));
  const tolerance = tolerances[dtype];
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  if (!(mean <= tolerance))
    throw differs(
      `log-probs within ${tolerance} nats of those before, on average, as ${dtype}`,
      String(mean),
    );
  const same = source.greedy.filter(({ tokens }, i) => tokens.join() === written.greedy[i]?.tokens.join());
  return {
    tokens: before.length,
    mean,
    max: distances.reduce((most, distance) => Math.max(most, distance), 0),
    tolerance,
    bitEqual: before.every((logp, i) => Object.is(logp, after[i])),
    sameGreedy: same.length,
    greedy: source.greedy.length,
  };
}

/** proof.json: the probes, and what errata computes from the files beside it. */
export function proofJson(answers: Answers, proof: Proof, dtype: Dtype): object {
  return {
    about:
      "log-probs (nats) of each sequence's tokens after its first, and greedy continuations of each prompt, as errata computes them in float32 from the weights in this folder",
    dtype,
    proof,
    sequences: answers.tokens.map((tokens, i) => ({
      text: answers.texts[i],
      tokens: [...tokens],
      logps: [...answers.logps[i]!],
    })),
    greedy: answers.greedy.map(({ prompt, tokens, text }) => ({
      prompt: [...prompt],
      tokens: [...tokens],
      text,
    })),
  };
}
