/**
 * What the server answers and the page reads: types alone, of both.
 */
import type { RolloutRecord } from "../../run/records.ts";

export interface RunInfo {
  readonly name: string;
  readonly folder: string;
  readonly command: "train" | "sft";
  readonly options: Readonly<Record<string, unknown>>;
  readonly checkpoints: readonly number[];
}

export interface StepGroups {
  /** Left out where nothing was sampled yet. */
  readonly step?: number;
  readonly last?: number;
  readonly groups: readonly GroupRow[];
}

export interface GroupRow {
  readonly draw: number;
  readonly problem: string;
  /** Its beginning. */
  readonly prompt: string;
  readonly answer: string;
  readonly right: number;
  readonly wrong: number;
  readonly errors: number;
  readonly cutOff: number;
  /** Whether it was learnt from. */
  readonly kept: boolean;
}

export interface StepGroup {
  readonly rollouts: readonly RolloutRecord[];
}
