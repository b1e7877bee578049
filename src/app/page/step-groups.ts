/**
 * A step's rollouts as groups: a row for each, or one of them whole; and one held-out problem's answers. A step may be
 * larger than memory, what is answered here is not.
 */
import { pushUnder } from "../../commands/watch/pushes.ts";
import type { ReadRun } from "../../run/read-run.ts";
import type { AnswerRecord, RolloutRecord, TokenRecord } from "../../run/records.ts";
import { ApiError } from "../server/api-error.ts";
import type { GroupRow, StepGroup, StepGroups } from "./records.ts";

/** Letters of a prompt that a row has, for searching. */
const PROMPT_LENGTH = 400;
/** What a group is shown under, beside the objective that learnt from it. */
const otherObjectives = ["nft", "rft", "grpo", "dapo"];

/** @param step  the last one unless given */
export async function stepGroups(run: ReadRun, step?: number): Promise<StepGroups> {
  const last = await run.lastRollouts();
  if (last === undefined) return { groups: [] };
  const groups = new Map<number, { -readonly [K in keyof GroupRow]: GroupRow[K] }>();
  for await (const { draw, problem, prompt, answer, verdict, stop, kept } of run.rollouts(step ?? last)) {
    const row = groups.get(draw) ?? {
      ...{ draw, problem, prompt: prompt.slice(0, PROMPT_LENGTH), answer },
      ...{ right: 0, wrong: 0, errors: 0, cutOff: 0, kept: false, recorded: false },
    };
    groups.set(draw, row);
    row[verdict === "error" ? "errors" : verdict]++;
    if (stop === "length") row.cutOff++;
    row.kept ||= kept;
  }
  for await (const { draw } of run.tokens(step ?? last)) {
    const row = groups.get(draw);
    if (row !== undefined) row.recorded = true;
  }
  return { step: step ?? last, last, groups: [...groups.values()] };
}

export async function stepGroup(run: ReadRun, step: number, draw: number): Promise<StepGroup> {
  const rollouts: RolloutRecord[] = [];
  for await (const rollout of run.rollouts(step)) {
    if (rollout.draw === draw) rollouts.push(rollout);
    else if (rollouts.length > 0) break;
  }
  if (rollouts.length === 0)
    throw new ApiError(404, `There is no group ${draw} in step ${step}.`, "draw", "not_found");
  const tokens = await first<TokenRecord>(run.tokens(step), (record) => record.draw === draw);
  return tokens === undefined
    ? { rollouts }
    : { rollouts, tokens, pushes: await pushUnder(tokens, otherObjectives) };
}

/** @throws ApiError where the run kept no answers of that evaluation */
export async function heldOutAnswers(run: ReadRun, step: number, place: number): Promise<AnswerRecord> {
  const found = await first<AnswerRecord>(run.answers(step), (record) => record.place === place);
  if (found !== undefined) return found;
  throw new ApiError(404, "The answers of this evaluation were not kept.", "place", "not_found");
}

async function first<T>(records: AsyncIterable<T>, isMeant: (record: T) => boolean): Promise<T | undefined> {
  for await (const record of records) if (isMeant(record)) return record;
  return undefined;
}
