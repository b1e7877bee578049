/**
 * Options as YAML that `readConfig` reads: those of a run, and those of a preset.
 */
import { stringify } from "yaml";
import { type Command, camelCase, type Options, type OptionValue, rowsOf } from "./options.ts";
import type { Preset } from "./presets.ts";

/** A preset as the YAML that `readConfig` reads, in flow order, with what it is on top. */
export function presetYaml({ name, about, command, options }: Preset): string {
  const given = options as Readonly<Record<string, OptionValue>>;
  const lines = rowsOf(command).flatMap(({ key }) => {
    const value = given[camelCase(key)];
    return value === undefined ? [] : [stringify({ [key]: value }, { lineWidth: 0 })];
  });
  return `# ${name}: ${about}\n${lines.join("")}`;
}

/** Options that are not a run's but of one command: they are not kept with it. */
export const notKept: readonly string[] = ["output_dir", "resume_from_checkpoint"];

/** `options.yaml`: the options of a command in flow order, as `readConfig` reads them. */
export function printOptions(command: Command, options: Options, without: readonly string[] = []): string {
  const blocks: string[] = [];
  let section = "";
  for (const row of rowsOf(command)) {
    if (without.includes(row.key)) continue;
    if (row.section !== section) {
      section = row.section;
      blocks.push(`${blocks.length === 0 ? "" : "\n"}# ${section}\n`);
    }
    const value = (options as unknown as Record<string, OptionValue>)[camelCase(row.key)]!;
    blocks.push(stringify({ [row.key]: value }, { lineWidth: 0 }));
  }
  return blocks.join("");
}
