/**
 * What a caller of the library gives as a value where the command takes a file: rows, a verifier, an objective.
 *
 *   options with values  →  options as options.yaml can hold them, and the values
 *
 * In place of a value options.yaml says what it was, as `<function isRight>`: a resume needs the value again.
 */
import { OptionError } from "../../errors.ts";
import type { AnyOptions, GivenOptions } from "../../options/options.ts";
import type { GivenObjective } from "../objectives/load-objective.ts";
import type { Rows } from "../problems/load.ts";
import type { UserVerifier } from "../verdicts/as-verifier.ts";

export interface Values {
  /** Objects as lines of a .jsonl file would be: `{ problem, answer }`. */
  readonly dataset?: Rows;
  readonly evalDataset?: Rows;
  /**
   * Runs in this process: nothing isolates it. What it throws, and a promise that takes longer than
   * `verifierTimeoutMs`, is an error of that answer; a loop without end cannot be ended.
   */
  readonly verifier?: UserVerifier;
  readonly objective?: GivenObjective;
}

type Valued = keyof Values;

/** Options that may be given as values. */
type WithValues = Omit<GivenOptions, Valued> & { readonly [K in Valued]?: string | Values[K] | undefined };

/** What `train` takes: a model and a data set at least, or a run to go on with. */
export type TrainOptions = WithValues &
  ({ readonly model: string; readonly dataset: string | Rows } | { readonly resumeFromCheckpoint: string });

/** What `sft` takes; `model` may be `new`. */
export type SftOptions = TrainOptions;

/** What `evaluate` takes: a model and held-out problems at least, which `dataset` means here too. */
export type EvaluateOptions = WithValues & { readonly model: string } & (
    | { readonly evalDataset: string | Rows }
    | { readonly dataset: string | Rows }
  );

const kinds: Readonly<Record<Valued, string>> = {
  dataset: "text, or a list of rows { problem, answer }",
  evalDataset: "text, or a list of rows { problem, answer }",
  verifier: "text, a function (problem, answer) => verdict, or an object { judge }",
  objective: "text, a function (inputs, ops) => ({ loss }), or an object { columns, loss }",
};

/** Takes the values out of what was given. @throws OptionError where one is of no use */
export function takeValues(given: WithValues): { readonly options: GivenOptions; readonly values: Values } {
  const options: Record<string, unknown> = { ...given };
  const values: Partial<Record<Valued, unknown>> = {};
  for (const key of Object.keys(kinds) as Valued[]) {
    const value: unknown = given[key];
    if (value === undefined || value === null || typeof value === "string") continue;
    const named = nameOf(key, value);
    if (named === undefined) {
      throw new OptionError({
        where: `${key} (options)`,
        expected: kinds[key],
        got: Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`,
        next: "Give the value itself, or the path of a file that holds it.",
      });
    }
    values[key] = value;
    options[key] = named;
  }
  return { options: options as GivenOptions, values: values as Values };
}

/** What options.yaml says in place of a value; undefined where it is none that the option takes. */
function nameOf(key: Valued, value: unknown): string | undefined {
  if (key === "dataset" || key === "evalDataset")
    return Array.isArray(value) ? `<${value.length} rows>` : undefined;
  if (typeof value === "function") return `<function ${value.name || "without a name"}>`;
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const { name } = value as { readonly name?: unknown };
  return `<object ${typeof name === "string" ? name : "without a name"}>`;
}

/** @throws OptionError where an option stands for a value that is not there */
export function checkValues(options: AnyOptions, values: Values): void {
  for (const key of Object.keys(kinds) as Valued[]) {
    const named = options[key];
    if (values[key] !== undefined || named === undefined || !/^<.* .*>$/.test(named)) continue;
    throw new OptionError({
      where: key,
      expected: "the value that this was begun with",
      got: `only what it was called, ${named}`,
      next: `No file holds it: go on from the program that has it, by train({ resumeFromCheckpoint: ${JSON.stringify(options.outputDir)}, ${key}: … }).`,
    });
  }
}
