/**
 * `errata presets`: the settings of published runs, as YAML that `--config` reads.
 */
import type { Command } from "commander";
import { presetOf, presets, presetYaml } from "../../index.ts";
import { wrap } from "./help.ts";
import { bold } from "./terminal.ts";

/** Adds the verb to the command. */
export function presetsCommand(program: Command): void {
  program
    .command("presets")
    .summary("print the settings of published runs: nft-7b, dapo-32b, …")
    .description(
      "Without a name, says what each preset is; with one, prints it as YAML. Train or evaluate with it by --preset NAME, " +
        "where whatever else is set goes before it, or keep it as a file: errata presets nft-7b > nft-7b.yaml.",
    )
    .argument("[name]")
    .action((name?: string) => {
      process.stdout.write(name === undefined ? list() : presetYaml(presetOf(name)));
    });
}

function list(): string {
  const width = process.stdout.columns ?? 100;
  const entries = presets.map(
    ({ name, command, about }) => `${bold(name)} (errata ${command})\n${wrap(about, width, 2)}`,
  );
  return `${entries.join("\n")}\n\nerrata presets NAME prints one; errata train --preset NAME trains with it, errata eval --preset NAME measures.\n`;
}
