import { basename, resolve } from "node:path";
import { OptionError } from "../../../errors.ts";
import type { Call, CliCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { bold } from "../terminal.ts";

export const command: CliCommand = {
  usage: "RUN [RUN…] [--output FILE]",
  about:
    "Writes the page of errata watch into one HTML file to send: it opens from a disk, with no server and no network, and holds the run's curves, its newest groups token by token, the answers where problems flipped and the doubtful verdicts. Of a long run it holds one step of so many, and says so.",
  examples: ["errata report runs/nft-pocket", "errata report runs/nft runs/rft --output both.html"],
  flags: [{ name: "output", value: "FILE", help: "written here; RUN.html in this folder unless given" }],
  run,
};

async function run({ words, flags, terminal }: Call): Promise<number> {
  if (words.length === 0)
    throw new OptionError({
      where: "errata report",
      expected: "the folder of a run, or of several",
      got: "nothing",
      next: "Name the folder that the run printed when it began.",
    });
  const { writeReport } = await import("../../page/report.ts");
  const file = flags.output ?? `${basename(resolve(words[0]!))}.html`;
  const bytes = await writeReport(words, file);
  if (terminal.json) terminal.result({ file, bytes });
  terminal.line(`${bold("written")} ${file}   ${(bytes / 1e6).toFixed(1)} MB, opens from a disk`);
  return exitCodes.done;
}
