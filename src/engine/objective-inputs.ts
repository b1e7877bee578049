/**
 * What an objective reads of examples, as the inputs of its program: checked, then laid side by side.
 */
import { EngineError } from "../errors.ts";
import type { Example } from "./engine.ts";
import type { Objective } from "./objective.ts";
import { array, type Data, type Values } from "./onnx/run.ts";

/** Whether an example's token t is learnt from. */
export const isLearnt = ({ mask }: Example, t: number): boolean => mask === undefined || mask[t] === 1;

/** Tokens that are learnt from. */
export function learntTokens(examples: readonly Example[]): number {
  return examples.reduce(
    (sum, { completion, mask }) => sum + (mask?.filter(Boolean) ?? completion).length,
    0,
  );
}

/** `logpOld`, `mask` and the columns in float64: [B, T], 0 where nothing is learnt, and [B, 1]. */
export function objectiveInputs(examples: readonly Example[], T: number): Record<string, Values<Data>> {
  const B = examples.length;
  const perToken = (read: (example: Example, t: number) => number) => {
    const values = new Float64Array(B * T);
    examples.forEach((example, b) => {
      for (let t = 0; t < example.completion.length; t++)
        if (isLearnt(example, t)) values[b * T + t] = read(example, t);
    });
    return array(values, B, T);
  };
  const { columns, tokenColumns = {} } = examples[0];
  return {
    logpOld: perToken(({ logpsOld }, t) => logpsOld[t]),
    mask: perToken(() => 1),
    ...Object.fromEntries(
      Object.keys(columns).map((name) => [
        `column/${name}`,
        array(
          Float64Array.from(examples, (example) => example.columns[name]),
          B,
          1,
        ),
      ]),
    ),
    ...Object.fromEntries(
      Object.keys(tokenColumns).map((name) => [
        `column/${name}`,
        perToken((example, t) => example.tokenColumns![name][t]),
      ]),
    ),
  };
}

/**
 * Holds a mini-batch to what its objective reads. A bound on the ratio would hide a number that is none, and its
 * token would teach nothing.
 *
 * @throws EngineError naming the example, what it should hold and what it holds
 */
export function checkExamples(examples: readonly Example[], objective: Objective): void {
  if (examples.length === 0) throw refused("the update", "at least one example to learn from", "none");
  examples.forEach((example, i) => {
    const { completion, logpsOld, mask, columns, tokenColumns } = example;
    const refuse = (expected: string, got: string | number, next?: string): never => {
      throw refused(`example ${i} of the update`, expected, String(got), next);
    };
    const perToken = (what: string, values: Float32Array | undefined, next?: string) => {
      if (values?.length !== completion.length)
        return refuse(`${what}: ${completion.length} of them, one per token`, values?.length ?? "none");
      const t = values.findIndex((value, t) => !Number.isFinite(value) && isLearnt(example, t));
      if (t >= 0) refuse(`${what}, finite`, values[t], next);
    };
    if (mask !== undefined && (mask.length !== completion.length || mask.some((value) => value > 1)))
      refuse(
        `a mask of ${completion.length} values, each 0 or 1`,
        `${mask.length}: ${[...mask.slice(0, 20)]}`,
      );
    if (learntTokens([example]) === 0)
      refuse("a token to learn from", "none", "Leave the example out: it would only be divided by.");
    perToken("log π_old of each token", logpsOld, NAN_NEXT);
    for (const name of objective.columns)
      if (!Number.isFinite(columns[name])) refuse(`a finite number in column ${name}`, columns[name]);
    for (const name of objective.tokenColumns ?? [])
      perToken(`numbers in token column ${name}`, tokenColumns?.[name]);
  });
}

const NAN_NEXT =
  "Score the answers with the model that is trained; where that gives no number, its weights are damaged.";

const refused = (where: string, expected: string, got: string, next?: string) =>
  new EngineError({
    where,
    expected,
    got,
    next: next ?? "The update was not made. Give each example what the objective reads, and try again.",
  });
