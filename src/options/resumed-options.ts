/**
 * A resumed run's own options, under what is set now.
 */
import { resolve } from "node:path";
import { OptionError } from "../errors.ts";
import { findRow } from "./option-names.ts";
import { readConfig } from "./option-sources.ts";
import { checkValue } from "./option-values.ts";
import { type Command, defaultOf, flagOf, type OptionRow, type OptionValue, rowsOf } from "./options.ts";
import { isKept } from "./print-options.ts";

/** The run that `resume_from_checkpoint` means: its folder and its options.yaml; undefined where `auto` finds none. */
export type FindRun = (
  command: Command,
  wanted: string,
  outputDir: string | undefined,
) => { readonly folder: string; readonly path: string } | undefined;

/** Lays a resumed run's own options under what was set, and refuses what would make it another run. */
export function layResumedRun(
  command: Command,
  findRun: FindRun,
  values: Map<string, OptionValue | undefined>,
  places: Map<string, string>,
  notes: string[],
): string | undefined {
  const wanted = values.get("resume_from_checkpoint") as string | undefined;
  if (wanted === undefined) return undefined;
  const asked = values.get("output_dir") as string | undefined;
  const found = findRun(command, wanted, asked);
  if (found === undefined) return undefined;
  const { folder, path } = found;
  const own = new Map<string, OptionValue | undefined>();
  for (const { key, value, place } of readConfig(path)) {
    const { row } = findRow(command, key, place);
    own.set(row.key, checkValue(command, row, value, place));
  }
  const schedule = rowsOf(command).find(({ key }) => key === "lr_scheduler_type")!;
  const falls = (own.get(schedule.key) ?? defaultOf(schedule, command)) !== "constant";
  for (const row of rowsOf(command)) {
    const before = own.get(row.key) ?? defaultOf(row, command);
    const after = values.get(row.key);
    if (!values.has(row.key)) {
      values.set(row.key, before);
      if (before !== defaultOf(row, command)) places.set(row.key, path);
      continue;
    }
    const length = row.key === "max_steps" || row.key === "num_train_epochs";
    if (after === before || !isKept(row)) continue;
    if (row.free === true && !(length && falls)) {
      // a caller of the library knows what it set
      if (places.get(row.key) !== "options")
        notes.push(`${row.key} is ${shown(after)} from here on; the run began with ${shown(before)}`);
      continue;
    }
    throw new OptionError({
      where: `${row.key} (${places.get(row.key)})`,
      expected: `${shown(before)}, as the run in ${folder} began`,
      got: shown(after),
      next: length
        ? "The learning rate falls to 0 at the run's last step, so the end cannot move. Leave it out, or begin a new run."
        : `Leave it out to go on with that run, or begin a new one from what it has learnt: ${
            places.get(row.key) === "options"
              ? `model ${JSON.stringify(folder)}, with another output_dir.`
              : beginning(command, row, after, found)
          }`,
    });
  }
  if (asked !== undefined && resolve(asked) !== resolve(folder)) {
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

function shown(value: OptionValue | undefined): string {
  return value === undefined ? "none" : JSON.stringify(value);
}

/** The command that begins a new run from the last checkpoint of another, as that was but for one option. */
function beginning(
  command: Command,
  row: OptionRow,
  value: OptionValue | undefined,
  { folder, path }: { readonly folder: string; readonly path: string },
): string {
  const model = row.key === "model" ? [] : [`--model ${folder}`];
  const flag = `--${flagOf(row, command)} ${value ?? "auto"}`;
  return ["errata", command, `--config ${path}`, ...model, flag, `--output-dir ${folder}-2`].join(" ");
}
