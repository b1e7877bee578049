/**
 * One run of a comparison, in a process of its own: its memory is measured by itself, and what kills it kills no other.
 *
 * Told its options once; tells its events, and last how it ended.
 */
import { ErrataError } from "../../errors.ts";
import { train } from "../../loop/train.ts";
import type { CompareMessage, CompareOrder } from "./runner.ts";

const tell = (message: CompareMessage): Promise<void> =>
  new Promise((resolve) => process.send!(message, () => resolve()));

const stop = new AbortController();
// Ctrl-C reaches the whole group; the comparison decides what it means
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
process.on("SIGHUP", () => undefined);
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

process.on("message", async (order: CompareOrder) => {
  if (order.kind === "stop") return stop.abort();
  try {
    const result = await train(order.options, {
      signal: stop.signal,
      onEvent: (event) => void tell({ kind: "event", event }),
    });
    await tell({ kind: "ended", reason: result.reason, steps: result.steps });
  } catch (cause) {
    const fault =
      cause instanceof ErrataError
        ? { where: cause.where, expected: cause.expected, got: cause.got, next: cause.next }
        : undefined;
    const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    await tell({ kind: "failed", text, ...(fault === undefined ? {} : { fault }) });
  }
  process.removeAllListeners("disconnect");
  process.disconnect();
});
