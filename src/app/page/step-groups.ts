/**
 * A step's rollouts as groups: a row for each, or one of them whole. A step may be larger than memory; rows are not.
 */
import type { ReadRun } from "../../run/read-run.ts";
import type { RolloutRecord } from "../../run/records.ts";
import { ApiError } from "../server/api-error.ts";
import type { GroupRow, StepGroup, StepGroups } from "./records.ts";

const PROMPT_LENGTH = 400;

export async function stepGroups(run: ReadRun, step: number, last: number): Promise<StepGroups> {
  const groups = new Map<number, { -readonly [K in keyof GroupRow]: GroupRow[K] }>();
  for await (const { draw, problem, prompt, answer, verdict, stop, kept } of run.rollouts(step)) {
    const row = groups.get(draw) ?? {
      ...{ draw, problem, prompt: prompt.slice(0, PROMPT_LENGTH), answer },
      ...{ right: 0, wrong: 0, errors: 0, cutOff: 0, kept: false },
    };
    groups.set(draw, row);
    row[verdict === "error" ? "errors" : verdict]++;
    if (stop === "length") row.cutOff++;
    row.kept ||= kept;
  }
  return { step, last, groups: [...groups.values()] };
}

export async function stepGroup(run: ReadRun, step: number, draw: number): Promise<StepGroup> {
  const rollouts: RolloutRecord[] = [];
  for await (const rollout of run.rollouts(step)) {
    if (rollout.draw === draw) rollouts.push(rollout);
    else if (rollouts.length > 0) break;
  }
  if (rollouts.length === 0)
    throw new ApiError(404, `There is no group ${draw} in step ${step}.`, "draw", "not_found");
  return { rollouts };
}
