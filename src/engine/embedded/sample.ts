/**
 * Sampling: prompts are read once, then all their answers grow together, a token at a time, until each
 * has reached an end-of-sequence token or its length.
 */
import type { Completion, SampledToken, SampleWatch } from "../engine.ts";
import type { Constraint } from "../grammar/grammar.ts";
import type { GrammarWalk } from "../grammar/token-masks.ts";
import { choiceOf, choose, choosing, type Growing } from "./choose.ts";
import { type Decoder, openDecoder, type Rows, wayOf } from "./decode.ts";
import { Caches } from "./kv-cache.ts";
import type { Network } from "./model-programs.ts";
import { prefill } from "./prefill.ts";
import type { Asked, Draws } from "./shares.ts";

/** Sampling watched, the answers of one `Asked` as the last of them ends. */
export interface PartWatch extends Omit<SampleWatch, "onGroup"> {
  readonly onAnswers?: ((at: number, answers: readonly Completion[]) => void) | undefined;
}

/**
 * @param inFlight  answers that grow together
 * @param eosIds    any of these ends an answer
 * @param walkOf    begins an answer that is held to a constraint
 * @returns         the answers of each that was asked for
 */
export async function sample(
  network: Network,
  asked: readonly Asked[],
  sampling: Draws,
  inFlight: number,
  eosIds: readonly number[],
  watch: PartWatch = {},
  walkOf?: (constraint: Constraint) => GrammarWalk,
): Promise<Completion[][]> {
  const answers = asked.map((each, at) =>
    Array.from({ length: each.count }, (_, i) =>
      start(each, at, each.first + i, each.prompt.constraint && walkOf?.(each.prompt.constraint)),
    ),
  );
  const parts = asked.map((): Completion[] => []);
  const running = answers.map((part) => part.length);
  const waiting = answers.flat();
  const ends = new Set(eosIds);
  let done = 0;
  const ended = ({ at }: Growing) => {
    watch.onProgress?.(++done, waiting.length);
    if (--running[at] > 0) return;
    parts[at] = answers[at].map(finish);
    watch.onAnswers?.(at, parts[at]);
  };
  watch.signal?.throwIfAborted();
  const way = wayOf(network.config, waiting.length * sampling.maxTokens);
  const decoder = await openDecoder(network, choiceOf(sampling), way);
  try {
    for (let from = 0; from < waiting.length; from += inFlight)
      await grow(network, decoder, waiting.slice(from, from + inFlight), sampling, ends, ended, watch);
  } finally {
    await decoder.release();
  }
  return parts;
}

const start = (
  { prompt, place }: Asked,
  at: number,
  index: number,
  walk: GrammarWalk | undefined,
): Growing => ({
  ...{ prompt, place, at, index, walk },
  tokens: [],
  logps: [],
  entropies: [],
  stop: undefined,
});

const finish = ({ tokens, logps, entropies, stop }: Growing): Completion => ({
  tokens: Int32Array.from(tokens),
  logps: Float32Array.from(logps),
  entropies: Float32Array.from(entropies),
  stop: stop!,
});

/** Grows a wave of answers to their ends, in caches of its own. */
async function grow(
  network: Network,
  decoder: Decoder,
  wave: readonly Growing[],
  sampling: Draws,
  ends: ReadonlySet<number>,
  ended: (answer: Growing) => void,
  watch: PartWatch,
): Promise<void> {
  watch.signal?.throwIfAborted();
  const prompts = [...new Set(wave.map((answer) => answer.prompt))];
  const caches = new Caches(
    network.config,
    await prefill(network, prompts),
    wave.map((answer) => prompts.indexOf(answer.prompt)),
    sampling.maxTokens,
  );
  try {
    await advance(network, decoder, caches, wave, sampling, ends, ended, watch);
  } finally {
    caches.release();
  }
}

/** Token by token, until the last answer has ended. */
async function advance(
  network: Network,
  decoder: Decoder,
  caches: Caches,
  wave: readonly Growing[],
  sampling: Draws,
  ends: ReadonlySet<number>,
  ended: (answer: Growing) => void,
  { onTokens, signal }: PartWatch,
): Promise<void> {
  /** The answers in the caches' rows; some may have ended since the rows were last cleared. */
  let rows = [...wave];
  for (let position = 0; position < sampling.maxTokens; position++) {
    const decoded = await decoder.step(caches, newestOf(rows, sampling, position));
    const growing = rows.filter(({ stop }) => stop === undefined);
    await choose(network, rows, decoded, sampling, ends, position);
    onTokens?.(newest(rows, position));
    signal?.throwIfAborted();
    for (const answer of growing) if (answer.stop !== undefined) ended(answer);
    const running = rows.flatMap((answer, row) => (answer.stop === undefined ? [row] : []));
    if (running.length === 0) return;
    if (caches.full || running.length <= rows.length * 0.75) {
      caches.keep(running);
      rows = running.map((row) => rows[row]);
    }
  }
}

/** The tokens that the answers reached at a position. */
const newest = (rows: readonly Growing[], position: number): SampledToken[] =>
  rows.flatMap(({ place, index, tokens, logps }) =>
    position < tokens.length
      ? [{ prompt: place, answer: index, token: tokens[position], logp: logps[position] }]
      : [],
  );

/** What leads to the rows' tokens at a position: the last of the prompt, or of the answer. */
function newestOf(rows: readonly Growing[], sampling: Draws, position: number): Rows {
  return {
    tokens: Int32Array.from(rows, ({ prompt, tokens }) =>
      position === 0 ? prompt.tokens[prompt.tokens.length - 1] : tokens[position - 1],
    ),
    places: rows.map(({ prompt }) => prompt.tokens.length - 1 + position),
    ...choosing(rows, sampling, position),
  };
}
