/**
 * Options as YAML that `readConfig` reads: those of a run, and those of a preset.
 */
import { stringify } from "yaml";
import { type AnyOptions, type Command, defaultOf, type OptionRow, rowsOf, valueIn } from "./options.ts";
import type { Preset } from "./presets.ts";

/** A preset as the YAML that `readConfig` reads, in flow order, with what it is on top. */
export function presetYaml({ name, about, command, options }: Preset): string {
  const lines = rowsOf(command).flatMap((row) => {
    const value = valueIn(row, options);
    return value === undefined ? [] : [stringify({ [row.key]: value }, { lineWidth: 0 })];
  });
  return `# ${name}: ${about}\n${lines.join("")}`;
}

/** True of what is kept with a run: the others are not a run's but of one command. */
export const isKept = ({ key }: OptionRow): boolean =>
  key !== "output_dir" && key !== "resume_from_checkpoint";

/** True of what is not as it is where nobody sets it. */
export const isSet =
  (command: Command, options: AnyOptions) =>
  (row: OptionRow): boolean =>
    valueIn(row, options) !== defaultOf(row, command);

/**
 * `options.yaml`: the options of a command in flow order, as `readConfig` reads them; those that are absent are null.
 *
 * @param prints  which of them
 */
export function printOptions(
  command: Command,
  options: AnyOptions,
  prints: (row: OptionRow) => boolean = () => true,
): string {
  const blocks: string[] = [];
  let section = "";
  for (const row of rowsOf(command)) {
    if (!prints(row)) continue;
    if (row.section !== section) {
      section = row.section;
      blocks.push(`${blocks.length === 0 ? "" : "\n"}# ${section}\n`);
    }
    blocks.push(stringify({ [row.key]: valueIn(row, options) ?? null }, { lineWidth: 0 }));
  }
  return blocks.join("");
}
