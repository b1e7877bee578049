import { InternalError } from "../errors.ts";
import type { EndReason, RunContext } from "./events.ts";
import type { GivenOptions } from "./options.ts";
import type { EvalRecord } from "./records.ts";

/** How a run ended. */
export interface RunResult {
  readonly reason: EndReason;
  readonly folder: string;
  /** Steps taken in all, those before a resume included. */
  readonly steps: number;
  readonly checkpoint: string | undefined;
  /** The run's evaluations, first to last. */
  readonly evals: readonly EvalRecord[];
}

export async function train(_given: GivenOptions, _context: RunContext = {}): Promise<RunResult> {
  throw new InternalError("train is being written");
}
