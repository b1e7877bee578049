/**
 * Sampling: prompts are read once, then all their answers grow together, a token at a time, until each
 * has reached an end-of-sequence token or its length.
 */
import { EngineError } from "../../errors.ts";
import type { Completion, Prompt, SampledToken, SampleWatch, Sampling } from "../engine.ts";
import type { Constraint } from "../grammar/grammar.ts";
import type { GrammarWalk } from "../grammar/token-masks.ts";
import { array, type Values } from "../onnx/run.ts";
import { uniform } from "../random.ts";
import { free } from "./buffers.ts";
import type { Choice } from "./head-sample.ts";
import { Caches } from "./kv-cache.ts";
import type { Network } from "./model-programs.ts";
import { prefill } from "./prefill.ts";
import { drawTruncated } from "./sample-token.ts";

/** One answer on its way. */
interface Growing {
  readonly prompt: Prompt;
  /** Which of the prompts, and which of its answers. */
  readonly place: number;
  readonly index: number;
  readonly tokens: number[];
  readonly logps: number[];
  readonly entropies: number[];
  /** Where its constraint stands. */
  readonly walk: GrammarWalk | undefined;
  stop: Completion["stop"] | undefined;
}

/**
 * @param inFlight  answers that grow together
 * @param eosIds    any of these ends an answer
 * @param walkOf    begins an answer that is held to a constraint
 */
export async function sample(
  network: Network,
  prompts: readonly Prompt[],
  sampling: Sampling,
  inFlight: number,
  eosIds: readonly number[],
  watch: SampleWatch = {},
  walkOf?: (constraint: Constraint) => GrammarWalk,
): Promise<Completion[][]> {
  const answers = prompts.map((prompt, place) =>
    Array.from({ length: sampling.answers }, (_, index) =>
      start(prompt, place, index, prompt.constraint && walkOf?.(prompt.constraint)),
    ),
  );
  const groups = prompts.map((): Completion[] => []);
  const running = answers.map((group) => group.length);
  const waiting = answers.flat();
  const ends = new Set(eosIds);
  let done = 0;
  const ended = ({ place }: Growing) => {
    watch.onProgress?.(++done, waiting.length);
    if (--running[place] > 0) return;
    groups[place] = answers[place].map(finish);
    watch.onGroup?.(place, groups[place]);
  };
  for (let from = 0; from < waiting.length; from += inFlight)
    await grow(network, waiting.slice(from, from + inFlight), sampling, ends, ended, watch);
  return groups;
}

const start = (prompt: Prompt, place: number, index: number, walk: GrammarWalk | undefined): Growing => ({
  prompt,
  place,
  index,
  tokens: [],
  logps: [],
  entropies: [],
  walk,
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
  wave: readonly Growing[],
  sampling: Sampling,
  ends: ReadonlySet<number>,
  ended: (answer: Growing) => void,
  watch: SampleWatch,
): Promise<void> {
  watch.signal?.throwIfAborted();
  const prompts = [...new Set(wave.map((answer) => answer.prompt))];
  const caches = new Caches(
    network.config,
    await prefill(network, prompts),
    wave.map((answer) => prompts.indexOf(answer.prompt)),
  );
  try {
    await advance(network, caches, wave, sampling, ends, ended, watch);
  } finally {
    caches.release();
  }
}

/** Token by token, until the last answer has ended. */
async function advance(
  network: Network,
  caches: Caches,
  wave: readonly Growing[],
  sampling: Sampling,
  ends: ReadonlySet<number>,
  ended: (answer: Growing) => void,
  { onTokens, signal }: SampleWatch,
): Promise<void> {
  /** The answers in the caches' rows; some may have ended since the rows were last cleared. */
  let rows = [...wave];
  for (let position = 0; position < sampling.maxTokens; position++) {
    const last = await decode(network, caches, rows, position);
    const growing = rows.filter(({ stop }) => stop === undefined);
    await choose(network, rows, last, sampling, ends, position);
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

/** One token of every row through the layers → last rows [A, D]. */
async function decode(
  network: Network,
  caches: Caches,
  rows: readonly Growing[],
  position: number,
): Promise<Float32Array> {
  const program = await network.decode();
  const before = rows.map(({ prompt }) => prompt.tokens.length - 1);
  const tokens = Int32Array.from(rows, ({ prompt, tokens }, i) =>
    position === 0 ? prompt.tokens[before[i]] : tokens[position - 1],
  );
  const at = array(
    BigInt64Array.from(before, (length) => BigInt(length + position)),
    rows.length,
  );
  const inputs = network.layerInputs(Math.max(...before) + position, (kind) => ({
    position: at,
    ...caches.masks(kind.window),
  }));
  let x: Values = array(network.embed(tokens), rows.length, network.config.width);
  for (const [layer, weights] of network.parameters.layers.entries()) {
    const { y, k, v } = await program.run({ x, ...inputs[layer], ...caches.inputs(layer), ...weights });
    caches.write(layer, k.data as Float32Array, v.data as Float32Array);
    x = y;
  }
  caches.advance();
  return x.data as Float32Array;
}

/** Gives every row that still runs its next token. */
async function choose(
  network: Network,
  rows: readonly Growing[],
  hidden: Float32Array,
  sampling: Sampling,
  ends: ReadonlySet<number>,
  position: number,
): Promise<void> {
  const take = (answer: Growing, { token, chance, entropy }: Drawn) => {
    answer.tokens.push(token);
    answer.logps.push(Math.log(chance));
    answer.entropies.push(entropy);
    if (ends.has(token)) answer.stop = "eos";
    else if (answer.tokens.length === sampling.maxTokens) answer.stop = "length";
    else answer.walk?.take(token);
  };
  const running = [...rows.entries()].filter(([, { stop }]) => stop === undefined);
  const unheld = running.filter(([, { walk }]) => walk === undefined);
  if (unheld.length > 0) {
    // of all rows together, so that a constraint beside an answer changes not a bit of it
    const drawn = await draw(network, rows, hidden, sampling, position);
    for (const [row, answer] of unheld) take(answer, drawn[row]);
  }
  const held = running.flatMap(([row, answer]) => {
    const allowed = answer.walk?.allowed();
    if (answer.walk !== undefined && allowed === undefined) answer.stop = "length";
    return allowed === undefined ? [] : [{ row, answer, allowed }];
  });
  if (held.length === 0) return;
  const { width, vocabSize } = network.config;
  const own = new Float32Array(held.length * width);
  for (const [i, { row }] of held.entries())
    own.set(hidden.subarray(row * width, (row + 1) * width), i * width);
  const answers = held.map(({ answer }) => answer);
  const mask = maskOf(held, vocabSize);
  const drawn = await draw(network, answers, own, sampling, position, mask);
  for (const [i, answer] of answers.entries()) take(answer, drawn[i]);
}

/** What is added to the logits [A, V] of answers that are held to a constraint. */
function maskOf(held: readonly { readonly allowed: Uint32Array }[], vocabulary: number): Float32Array {
  const mask = new Float32Array(held.length * vocabulary).fill(NEVER);
  for (const [i, { allowed }] of held.entries())
    for (let token = 0; token < vocabulary; token++)
      if ((allowed[token >> 5] >>> (token & 31)) & 1) mask[i * vocabulary + token] = 0;
  return mask;
}

/** Added to logits that no draw may reach; the product with a probability of 0 is still 0. */
const NEVER = -1e30;

/** What a row was given. */
interface Drawn {
  readonly token: number;
  readonly chance: number;
  readonly entropy: number;
}

/** A token for each row. @param mask  [A, V] added to the logits; left out, nothing is */
async function draw(
  network: Network,
  rows: readonly Growing[],
  hidden: Float32Array,
  sampling: Sampling,
  position: number,
  mask?: Float32Array,
): Promise<Drawn[]> {
  const { seed, step, temperature } = sampling;
  const u = ({ prompt, index }: Growing) => uniform(seed, step, prompt.key, index, position);
  const choice = choiceOf(sampling);
  const program = await network.headSample({ choice, masked: mask !== undefined });
  const results = await program.run({
    h: array(hidden, rows.length, network.config.width),
    row: array(
      BigInt64Array.from(rows, (_, row) => BigInt(row)),
      rows.length,
    ),
    u: array(Float64Array.from(rows, u), rows.length, 1),
    ...(mask && { mask: array(mask, rows.length, network.config.vocabSize) }),
    ...network.headInputs(temperature),
  });
  const entropies = results.entropy.data as Float32Array;
  if (!entropies.every(Number.isFinite)) throw notFinite(temperature);
  const chosen =
    choice === "tell" ? cutAndDraw(rows, results.p, u, sampling) : (results as unknown as Chosen);
  return rows.map((_, row) => ({
    token: Number(chosen.token.data[row]),
    chance: chosen.chance.data[row],
    entropy: entropies[row],
  }));
}

/** Of each row. */
interface Chosen {
  readonly token: { readonly data: ArrayLike<number | bigint> };
  readonly chance: { readonly data: ArrayLike<number> };
}

const choiceOf = ({ temperature, topK, topP }: Sampling): Choice =>
  temperature === 0 ? "likeliest" : topK > 0 || topP < 1 ? "tell" : "draw";

function cutAndDraw(
  rows: readonly Growing[],
  { data, dims: [, vocabulary] }: Values,
  u: (answer: Growing) => number,
  { topK, topP }: Sampling,
): Chosen {
  const all = data as Float32Array;
  const chosen = rows.map((answer, row) => {
    const p = all.subarray(row * vocabulary, (row + 1) * vocabulary);
    const token = answer.stop === undefined ? drawTruncated(p, u(answer), topK, topP) : 0;
    return { token, chance: p[token] };
  });
  free(all);
  return {
    token: { data: chosen.map(({ token }) => token) },
    chance: { data: chosen.map(({ chance }) => chance) },
  };
}

/** Below this, dividing the logits by the temperature may leave float32. */
const COLD = 1e-3;

/** Where probabilities are not numbers every token is as good as the first, and answers would look like a model's own. */
const notFinite = (temperature: number): EngineError =>
  new EngineError({
    where: "sampling",
    expected: "probabilities that are numbers",
    got: "NaN",
    next:
      temperature > 0 && temperature < COLD
        ? `Set the temperature to 0, which takes the likeliest token: ${temperature} is too small to divide by.`
        : "The model's weights are damaged, or its numbers are too large for float32: fetch it again, or go back to an earlier checkpoint.",
  });
