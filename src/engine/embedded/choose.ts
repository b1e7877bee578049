/**
 * The next token of every answer: what the decoder chose or, of one that is held to a constraint, what a mask leaves.
 */
import { EngineError } from "../../errors.ts";
import type { Completion, Prompt } from "../engine.ts";
import type { GrammarWalk } from "../grammar/token-masks.ts";
import { free } from "../onnx/free.ts";
import { array, type Values } from "../onnx/run.ts";
import { uniform } from "../random.ts";
import type { Decoded } from "./decode.ts";
import type { Choice, Choosing } from "./head-sample.ts";
import type { Network } from "./model-programs.ts";
import { drawTruncated } from "./sample-token.ts";
import type { Draws } from "./shares.ts";

/** One answer on its way. */
export interface Growing {
  readonly prompt: Prompt;
  /** Which of the prompts, and which of its answers. */
  readonly place: number;
  readonly index: number;
  /** Which of what was asked for here. */
  readonly at: number;
  readonly tokens: number[];
  readonly logps: number[];
  readonly entropies: number[];
  /** Where its constraint stands. */
  readonly walk: GrammarWalk | undefined;
  stop: Completion["stop"] | undefined;
}

/** Gives every row that still runs its next token. */
export async function choose(
  network: Network,
  rows: readonly Growing[],
  decoded: Decoded,
  sampling: Draws,
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
    const drawn = read(rows, await decoded.choice(), sampling, position);
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
    own.set(decoded.hidden.subarray(row * width, (row + 1) * width), i * width);
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

/** A token for each row. @param mask  [A, V] added to the logits */
async function draw(
  network: Network,
  rows: readonly Growing[],
  hidden: Float32Array,
  sampling: Draws,
  position: number,
  mask: Float32Array,
): Promise<Drawn[]> {
  const program = await network.headSample({ choice: choiceOf(sampling), masked: true });
  const told = await program.run({
    h: array(hidden, rows.length, network.config.width),
    mask: array(mask, rows.length, network.config.vocabSize),
    ...network.choiceInputs(choosing(rows, sampling, position)),
  });
  return read(rows, told, sampling, position);
}

/** What the head's program says of each row. */
function read(
  rows: readonly Growing[],
  told: Record<string, Values>,
  sampling: Draws,
  position: number,
): Drawn[] {
  const entropies = told.entropy.data as Float32Array;
  if (!entropies.every(Number.isFinite)) throw notFinite(sampling.temperature);
  const chosen =
    choiceOf(sampling) === "tell"
      ? cutAndDraw(rows, told.p, sampling, position)
      : (told as unknown as Chosen);
  return rows.map((_, row) => ({
    token: Number(chosen.token.data[row]),
    chance: chosen.chance.data[row],
    entropy: entropies[row],
  }));
}

/** The number that draws an answer's token at a position. */
const uniformOf = ({ prompt, index }: Growing, { seed, step }: Draws, position: number) =>
  uniform(seed, step, prompt.key, index, position);

/** What decides on the rows' tokens at a position. */
export const choosing = (rows: readonly Growing[], sampling: Draws, position: number): Choosing => ({
  u: Float64Array.from(rows, (answer) => uniformOf(answer, sampling, position)),
  temperature: sampling.temperature,
});

/** Of each row. */
interface Chosen {
  readonly token: { readonly data: ArrayLike<number | bigint> };
  readonly chance: { readonly data: ArrayLike<number> };
}

export const choiceOf = ({ temperature, topK, topP }: Draws): Choice =>
  temperature === 0 ? "likeliest" : topK > 0 || topP < 1 ? "tell" : "draw";

function cutAndDraw(
  rows: readonly Growing[],
  { data, dims: [, vocabulary] }: Values,
  sampling: Draws,
  position: number,
): Chosen {
  const { topK, topP } = sampling;
  const all = data as Float32Array;
  const chosen = rows.map((answer, row) => {
    const p = all.subarray(row * vocabulary, (row + 1) * vocabulary);
    const token =
      answer.stop === undefined ? drawTruncated(p, uniformOf(answer, sampling, position), topK, topP) : 0;
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
