/**
 * Trying the gradient of a server that tells no norm of it, but clips it: by steps so small that they are along it.
 *
 * Such a step raises Σ W · log-prob by G · Ĝ, G being the gradient that was sent and Ĝ the server's; clipped to a norm
 * c, by c G · Ĝ / |Ĝ|. With Ĝ = G that is c √(G · Ĝ); a server that divides some of it otherwise is off.
 */
import { type Channel, forwardDatum, gradientDatum } from "./channel.ts";
import { inexact, trialOf } from "./channel-trial.ts";
import type { RemoteModel } from "./remote-model.ts";

/** Weights so small that AdamW's step, at the largest ε that servers take, 1, is along the gradient. */
const SMALL = 1e-4;
const EPSILON = 1;
/** Weights as large as a run's, of which all but a small part is taken back. */
const LARGE = 3e4;
/** Nats that Σ W · log-prob should rise by: far above float32's rounding, and still nearly straight. */
const RISE = 0.01;
const [FIRST_RATE, HIGHEST_RATE] = [1e-3, 10];
/** Of a rise that should be another. */
const SAME_RISE = 0.05;

/** As `tryChannel`, of which it takes parameters, result and errors. */
export async function tryByClipping(
  model: RemoteModel,
  channel: Channel,
  vocabulary: number,
): Promise<string> {
  const { sequences, weights, rise } = trialOf(vocabulary);
  const score = () => model.pass(sequences.map(forwardDatum), { loss: "cross_entropy", forwardOnly: true });
  let learningRate = FIRST_RATE;
  let before = await score();
  /** Sends the gradient of the first `count` sequences, times a factor each, and steps. @returns the rise in nats */
  const step = async (factors: readonly number[], count: number, maxGradNorm?: number): Promise<number> => {
    const datums = count * factors.length;
    for (const factor of factors) {
      const data = sequences.slice(0, count).map((sequence, i) => {
        const own = weights[i]!.map((weight) => SMALL * factor * weight);
        return gradientDatum(sequence, own, before[i]!, channel, datums);
      });
      await model.pass(data, { loss: channel.loss, forwardOnly: false });
    }
    await model.step({
      ...{ learningRate, beta1: 0, beta2: 0, epsilon: EPSILON, weightDecay: 0 },
      ...(maxGradNorm !== undefined && { maxGradNorm }),
    });
    const after = await score();
    const risen = rise(before, after);
    before = after;
    return risen;
  };
  for (let risen = await step([1], 2); ; risen = await step([1], 2)) {
    if (risen > RISE / 4) {
      learningRate *= RISE / risen;
      break;
    }
    if (learningRate >= HIGHEST_RATE) throw inexact(channel, "a gradient", `a rise of ${risen}`);
    learningRate = Math.min(HIGHEST_RATE, 10 * learningRate);
  }
  const single = await step([1], 2);
  // the norm of the gradient, if the server's is the one that was sent
  const norm = Math.sqrt((single * SMALL) / learningRate);
  const found = {
    doubled: (await step([2], 2)) / single / 2 - 1,
    // of one sequence, whose weights do not cancel in their sum
    large: (await step([LARGE + 1, -LARGE], 1)) / (await step([1], 1)) - 1,
    cancelled: (await step([1, -1], 2)) / single,
    padded: (await step([1], 3)) / single - 1,
    clipped: (2 * (await step([1], 2, norm / 2))) / single - 1,
  };
  const worst = Math.max(...Object.values(found).map(Math.abs));
  if (!(worst <= SAME_RISE))
    throw inexact(
      channel,
      "steps along it that rise twice as far for twice the weights, the same where large ones are taken back in another request, not at all beside their opposites, the same beside a datum of no weight, and half as far clipped to half its norm",
      Object.entries(found)
        .map(([what, off]) => `${what} off by ${off.toPrecision(3)}`)
        .join(", "),
    );
  return `The server's gradient was tried on a model thrown away: exact to ${worst.toExponential(0)}.`;
}
