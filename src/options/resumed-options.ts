/**
 * A resumed run's own options, under what is set now.
 */
import { resolve } from "node:path";
import { OptionError } from "../errors.ts";
import { readConfig } from "./option-sources.ts";
import { checkValue, findRow } from "./option-values.ts";
import { type Command, defaultOf, type OptionValue, rowsOf } from "./options.ts";
import { notKept } from "./print-options.ts";

/** The run that `resume_from_checkpoint` means: its folder and its options.yaml; undefined where `auto` finds none. */
export type FindRun = (
  command: Command,
  wanted: string,
  outputDir: string,
) => { readonly folder: string; readonly path: string } | undefined;

/** Lays a resumed run's own options under what was set, and refuses what would make it another run. */
export function layResumedRun(
  command: Command,
  findRun: FindRun,
  values: Map<string, OptionValue>,
  places: Map<string, string>,
  notes: string[],
): string | undefined {
  const wanted = (values.get("resume_from_checkpoint") ?? "") as string;
  if (wanted === "") return undefined;
  const found = findRun(command, wanted, (values.get("output_dir") ?? "") as string);
  if (found === undefined) return undefined;
  const { folder, path } = found;
  const own = new Map<string, OptionValue>();
  for (const { key, value, place } of readConfig(path)) {
    const { row } = findRow(command, key, place);
    own.set(row.key, checkValue(row, value, place));
  }
  const schedule = rowsOf(command).find(({ key }) => key === "lr_scheduler_type")!;
  const falls = (own.get(schedule.key) ?? defaultOf(schedule, command)) !== "constant";
  for (const row of rowsOf(command)) {
    const before = own.get(row.key) ?? defaultOf(row, command);
    const after = values.get(row.key);
    if (after === undefined) {
      values.set(row.key, before);
      if (before !== defaultOf(row, command)) places.set(row.key, path);
      continue;
    }
    const length = row.key === "max_steps" || row.key === "num_train_epochs";
    if (after === before || notKept.includes(row.key)) continue;
    if (row.free === true && !(length && falls)) {
      // a caller of the library knows what it set
      if (places.get(row.key) !== "options")
        notes.push(`${row.key} is ${after} from here on; the run began with ${before}`);
      continue;
    }
    throw new OptionError({
      where: `${row.key} (${places.get(row.key)})`,
      expected: `${JSON.stringify(before)}, as the run in ${folder} began`,
      got: JSON.stringify(after),
      next: length
        ? "The learning rate falls to 0 at the run's last step, so the end cannot move. Leave it out, or begin a new run."
        : "Leave it out to go on with that run, or begin a new one with another output_dir.",
    });
  }
  const asked = (values.get("output_dir") ?? "") as string;
  if (asked !== "" && resolve(asked) !== resolve(folder)) {
    throw new OptionError({
      where: `output_dir (${places.get("output_dir")})`,
      expected: `${folder}, the run being resumed`,
      got: asked,
      next: "A run goes on in its own folder. Leave output_dir out.",
    });
  }
  values.set("output_dir", folder);
  return folder;
}
