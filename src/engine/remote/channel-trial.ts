/**
 * Trying a server's gradient, on a model that is thrown away, before anything is learnt through it.
 *
 * A gradient must double with its weights, vanish where their opposites are added, and not change where a datum of no
 * weight is; and a small step along it, which AdamW with a large ε is, must raise Σ W · log-prob by the square of the
 * norm that the server tells. A server that divides otherwise than its dialect says fails one of these.
 */
import { EngineError } from "../../errors.ts";
import { type Channel, completionOf, forwardDatum, gradientDatum } from "./channel.ts";
import { damagedAnswer } from "./pass.ts";
import type { RemoteModel } from "./remote-model.ts";

/** Of a norm that should be another. Measured on SkyRL: 1e-6. */
const SAME_NORM = 1e-3;
/** Of the rise: the step is not infinitely small. */
const SAME_RISE = 0.05;
/** Nats that the step should raise Σ W · log-prob by. */
const RISE = 0.02;
/** Far above any gradient, so that AdamW's step is the gradient divided by it. */
const EPSILON = 1e6;

/** Of different lengths, their weights of both signs; the last of no weight. */
const lengths = [
  [3, 7],
  [9, 4],
  [2, 12],
] as const;

/** What a server's gradient is tried on: sequences, and W of their completions. */
export function trialOf(vocabulary: number) {
  const sequences = lengths.map(([prompt, completion], i) => ({
    prompt: tokens(prompt, i, vocabulary),
    completion: tokens(completion, 10 + i, vocabulary),
  }));
  const weights = sequences.map(({ completion }, i) =>
    Float32Array.from(completion, (_, t) => (i === 2 ? 0 : Math.sin(1 + 3 * i + 2 * t))),
  );
  /** How much Σ W · log-prob is higher. */
  const rise = (before: readonly Float32Array[], after: readonly Float32Array[]): number =>
    sequences
      .map((sequence, i) => {
        const [then, now] = [completionOf(before[i]!, sequence), completionOf(after[i]!, sequence)];
        return weights[i]!.reduce((sum, weight, t) => sum + weight * (now[t]! - then[t]!), 0);
      })
      .reduce((sum, each) => sum + each, 0);
  return { sequences, weights, rise };
}

/**
 * @param model  new, and of no use afterwards
 * @param vocabulary  tokens of the base model
 * @returns  in words, how exact the gradient was found to be
 * @throws EngineError where the gradient is not the one that was sent
 */
export async function tryChannel(model: RemoteModel, channel: Channel, vocabulary: number): Promise<string> {
  const { sequences, weights, rise } = trialOf(vocabulary);
  const score = () => model.pass(sequences.map(forwardDatum), { loss: "cross_entropy", forwardOnly: true });
  const logps = await score();
  /** Sends the gradient of the first `count` sequences, times a factor each, and steps. @returns its norm */
  const norm = async (factors: readonly number[], count: number, learningRate = 0): Promise<number> => {
    const datums = count * factors.length;
    for (const factor of factors) {
      const data = sequences.slice(0, count).map((sequence, i) => {
        const own = weights[i]!.map((weight) => factor * weight);
        return gradientDatum(sequence, own, logps[i]!, channel, datums);
      });
      await model.pass(data, { loss: channel.loss, forwardOnly: false });
    }
    const told = await model.step({
      ...{ learningRate, beta1: 0, beta2: 0, epsilon: EPSILON, weightDecay: 0 },
    });
    if (told === undefined) throw damagedAnswer("the norm of a step's gradient", "none");
    return told;
  };
  const single = await norm([1], 2);
  if (!(single > 0)) throw inexact(channel, "a gradient", `one of norm ${single}`);
  const doubled = await norm([2], 2);
  const cancelled = await norm([1, -1], 2);
  const padded = await norm([1], 3);
  const apart = [Math.abs(doubled / single - 2), cancelled / single, Math.abs(padded / single - 1)];
  const worst = Math.max(...apart);
  if (!(worst <= SAME_NORM))
    throw inexact(
      channel,
      `norms of ${single}, twice that for twice the weights, 0 beside their opposites, and the same beside a datum of no weight`,
      [single, doubled, cancelled, padded].join(", "),
    );
  await norm([1], 2, (RISE / single ** 2) * EPSILON);
  const risen = rise(logps, await score());
  if (!(Math.abs(risen / RISE - 1) <= SAME_RISE))
    throw inexact(channel, `Σ W · log-prob to rise by ${RISE} in a step along the gradient`, String(risen));
  return `The server's gradient was tried on a model thrown away: exact to ${worst.toExponential(0)}.`;
}

/** Ids spread over the lower half of a vocabulary. */
const tokens = (length: number, seed: number, vocabulary: number): Int32Array =>
  Int32Array.from({ length }, (_, t) => (17 * seed + 31 * t + 5) % Math.max(1, vocabulary >> 1));

export const inexact = ({ loss }: Channel, expected: string, got: string): EngineError =>
  new EngineError({
    where: `the server's gradient through ${loss}`,
    expected,
    got,
    next: "What would be learnt is not what the objective says, so nothing is. Set engine_dialect to this kind of server; if it is, please report it with the server's version.",
  });
