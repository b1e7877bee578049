/**
 * `errata presets`: the settings of published runs, as YAML that `--config` reads.
 */
import { presetOf, presets } from "../../../options/presets.ts";
import { presetYaml } from "../../../options/print-options.ts";
import { texts } from "../arguments.ts";
import { wrap } from "../columns.ts";
import type { CliCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { bold } from "../terminal.ts";

export const command: CliCommand = {
  usage: "[NAME]",
  about:
    "Without a name, says what each preset is; with one, prints it as YAML. Train or evaluate with it by --preset NAME, where whatever else is set wins over it, or keep it as a file.",
  examples: ["errata presets", "errata presets nft-7b > nft-7b.yaml"],
  flags: [],
  async run({ words, terminal }) {
    const [name] = texts("presets", words, ["NAME"], 0);
    if (terminal.json) terminal.result(name === undefined ? presets : presetOf(name));
    else
      terminal.write(name === undefined ? list(Math.min(terminal.width, 100)) : presetYaml(presetOf(name)));
    return exitCodes.done;
  },
};

function list(width: number): string {
  const entries = presets.map(
    ({ name, command, about }) => `${bold(name)} (errata ${command})\n${wrap(about, width, 2)}`,
  );
  const how =
    "errata presets NAME prints one; errata train --preset NAME trains with it, errata eval --preset NAME measures.";
  return `${entries.join("\n")}\n\n${wrap(how, width, 0)}\n`;
}
