/**
 * A dry run: the plan, and for `train` what a step and the run take on this machine, on one opening of model and data.
 */
import type { Locating } from "../../loop/session/locate-model.ts";
import type { Options } from "../../options/options.ts";
import type { ResolvedOptions } from "../../options/resolve-options.ts";
import { examineDisk } from "./disk.ts";
import type { Finding } from "./finding.ts";
import { openPlan, type Plan } from "./plan.ts";
import { examineStep } from "./step.ts";

export interface DryRun {
  readonly plan: Plan;
  /** What doctor finds of a step, a run and its checkpoints; nothing of sft, and of a model that has no files yet. */
  readonly measured: readonly Finding[];
}

export interface DryRunContext extends Locating {
  /** Hears when the plan is made and the measuring begins, which takes some seconds. */
  readonly onMeasure?: () => void;
}

const timed = ["in all", "whole run", "checkpoints"];

/** @throws OptionError, DataError, ModelError, HubError as the run itself would */
export async function dryRun(
  command: "train" | "sft",
  { options, resumes }: ResolvedOptions<Options<"train" | "sft">>,
  context: DryRunContext = {},
): Promise<DryRun> {
  const { plan, model, data } = await openPlan(command, options, context);
  const measured: Finding[] = [];
  if (command === "train" && model !== undefined) {
    context.onMeasure?.();
    const hear = (finding: Finding) => void (timed.includes(finding.name) && measured.push(finding));
    const disk = await examineDisk(options, resumes, hear);
    await examineStep(options as Options<"train">, model, data, disk, hear);
  }
  return { plan, measured };
}
