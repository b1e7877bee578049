/**
 * What other tools read of a run beside steps.jsonl:
 *
 *   the run's events  →  steps.csv, TensorBoard's events.out.tfevents.…
 *
 * Both lie in the run's folder and say no more than steps.jsonl and evals.jsonl do.
 */
import type { OnEvent } from "./events.ts";
import type { EvalRecord } from "./records.ts";

/** What hears a run for those who are reported to; each is loaded when asked for. */
const listeners = {
  csv: async () => (await import("./steps-csv.ts")).csvListener(),
  tensorboard: async () => (await import("./tensorboard.ts")).tensorboardListener(),
};

export async function reportTo(whom: "none" | keyof typeof listeners | "all"): Promise<readonly OnEvent[]> {
  if (whom === "none") return [];
  const asked = whom === "all" ? Object.values(listeners) : [listeners[whom]];
  return Promise.all(asked.map((load) => load()));
}

/** An evaluation as metrics by name, for tools that know numbers alone: rates in [0, 1], nats, tokens. */
export function evalMetrics(record: EvalRecord): Readonly<Record<string, number>> {
  if (record.kind === "loss") return { "val/loss": record.loss };
  const { avgAtK, passAtK, majAtK, entropy, meanTokens } = record;
  return {
    "val/avg@k": avgAtK.mean,
    "val/avg@k/low": avgAtK.low,
    "val/avg@k/high": avgAtK.high,
    ...(passAtK && { "val/pass@k": passAtK.mean }),
    ...(majAtK && { "val/maj@k": majAtK.mean }),
    ...(entropy !== undefined && { "val/entropy": entropy }),
    "val/response_length/mean": meanTokens,
  };
}
