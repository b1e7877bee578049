/**
 * What the server answers and the page reads: types alone, of both.
 */
import type { Reason } from "../../commands/watch/doubts.ts";
import type { RolloutRecord, TokenRecord } from "../../run/records.ts";

export interface RunInfo {
  readonly name: string;
  readonly folder: string;
  readonly command: "train" | "sft";
  readonly options: Readonly<Record<string, unknown>>;
  readonly checkpoints: readonly number[];
}

/** What may change without a line in a file. */
export interface RunState {
  /** Whether a process is at work on it. */
  readonly isAlive: boolean;
  readonly canAsk: boolean;
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
  /** Whether tokens.jsonl has it. */
  readonly recorded: boolean;
}

export interface StepGroup {
  readonly rollouts: readonly RolloutRecord[];
  readonly tokens?: TokenRecord;
  /** By algorithm, of each answer of `tokens`, d loss / d log-prob of each token. */
  readonly pushes?: Readonly<Record<string, readonly (readonly number[])[]>>;
}

/** Answers whose verdict looks doubtful, of the last steps. */
export interface Doubts {
  /** Left out where nothing was judged yet. */
  readonly from?: number;
  readonly to?: number;
  readonly answers: number;
  readonly endInReference: readonly RolloutRecord[];
  readonly shortestRight: readonly RolloutRecord[];
  readonly errors: readonly Reason[];
}

/** A step's answers judged again: by the run's own verifier, and by another one where there is one. */
export interface JudgedStep {
  readonly again: OtherVerdicts;
  readonly other: OtherVerdicts | undefined;
  /** Shares of right answers; undefined where none was judged. */
  readonly all: {
    readonly was: number | undefined;
    readonly again: number | undefined;
    readonly other: number | undefined;
  };
  readonly attacks: readonly { readonly attack: string; readonly taken: number }[];
}

interface OtherVerdicts {
  readonly verifier: string;
  readonly others: number;
  readonly rightHereAlone: number;
  readonly rightThereAlone: number;
  readonly errors: number;
  readonly changed: readonly {
    readonly problem: string;
    readonly reference: string;
    readonly text: string;
    readonly was: string;
    readonly is: string;
    readonly because: string | undefined;
  }[];
}

/** What a report holds in place of a server; the page reads it. */
export interface Recorded {
  /** By address. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** Messages as the stream has them. */
  readonly stream: readonly string[];
  /** Where lines were left out: every so many are there. */
  readonly every: number;
}
