/** Limits for a server on loopback: what fails is tried again at once, and given up soon. */
import type { Limits } from "../../../src/engine/remote/connection.ts";

export const brisk: Limits = {
  ...{ answer: 20_000, poll: 10_000, firstPause: 1, longestPause: 20 },
  ...{ silence: 10_000, work: 60_000, size: 2 ** 24 },
};
