/**
 * The doctor: what a run with these options would find on this machine, measured before it begins.
 *
 *   options  →  machine, model, data, memory, speed, a step's time
 *
 * Nothing of it lasts: the weights that are trained for a moment are thrown away, and so is the file that
 * measures the disk. Without a data set the model alone is looked at, without a model the machine.
 */

import type { Incomplete } from "../../options/options.ts";
import { checkContext } from "../../run/check-context.ts";
import type { RunContext } from "../../run/events.ts";
import { examineData } from "./data.ts";
import { examineDisk } from "./disk.ts";
import type { Finding, OnFinding } from "./finding.ts";
import { examineMachine } from "./machine.ts";
import { examineModel } from "./model.ts";
import { examineStep } from "./step.ts";

export interface DoctorReport {
  /** In the order they were made. */
  readonly findings: readonly Finding[];
  readonly notes: number;
  readonly problems: number;
}

export interface DoctorContext extends RunContext {
  /** Hears of each finding as it is made. */
  readonly onFinding?: OnFinding;
}

/**
 * @param options   of `train`; `model` and `dataset` may be absent
 * @param resumes   the folder of the run that would be resumed
 */
export async function doctor(
  options: Incomplete<"train">,
  resumes?: string,
  context: DoctorContext = {},
): Promise<DoctorReport> {
  checkContext("doctor", context, ["onEvent", "onFinding", "signal"]);
  const findings: Finding[] = [];
  const tell = (finding: Finding) => {
    findings.push(finding);
    context.onFinding?.(finding);
  };
  await examineMachine(options.threads, tell);
  const disk = await examineDisk(options, resumes, tell);
  const model =
    options.model === undefined
      ? undefined
      : await examineModel({ ...options, model: options.model }, context, tell);
  const data = await examineData(options, model, tell);
  if (model !== undefined) await examineStep(options, model, data, disk, tell);
  const count = (status: Finding["status"]) => findings.filter((finding) => finding.status === status).length;
  return { findings, notes: count("note"), problems: count("problem") };
}
