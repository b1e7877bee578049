import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { OptionError } from "../../../errors.ts";
import type { Call, CliCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { onInterrupt } from "../interrupt.ts";
import { bold, faint } from "../terminal.ts";
import { command as report } from "./report.ts";

export const command: CliCommand = {
  usage: "RUN [RUN…] [--port N] [--demo]",
  about:
    "Opens a page over runs, alive or ended, for the browser of this machine: whether it learns, which problems changed, what each mistake taught token by token, whether the verdicts can be trusted, where the time goes. It reads their files alone and changes none of them; ending it touches no run. On another machine forward the port by ssh -L. Ctrl-C ends it.",
  examples: [
    "errata watch --demo",
    "errata watch runs/nft-pocket",
    "errata watch runs/nft runs/rft --port 4000",
  ],
  flags: [
    { name: "port", value: "N", help: "listen here; any port that is free unless given" },
    { name: "demo", help: "opens a recorded run of the pocket model that ships with errata" },
    { name: "export", value: "FILE", help: "write the page into one file and end, as errata report does" },
  ],
  run,
};

/** Of the repository, and of the package. */
const demo = fileURLToPath(new URL("../../../../data/demo-run", import.meta.url));

async function run({ words, flags, terminal }: Call): Promise<number> {
  const folders = flags.demo === undefined ? words : [...words, demo];
  if (folders.length === 0)
    throw new OptionError({
      where: "errata watch",
      expected: "the folder of a run, or of several",
      got: "nothing",
      next: "Name the folder that the run printed when it began, or --demo for a recorded one.",
    });
  if (flags.export !== undefined)
    return report.run({ words: folders, flags: { output: flags.export }, terminal });
  const { openRuns } = await import("../../page/page-data.ts");
  const { pageFiles } = await import("../../page/page-files.ts");
  const { startPage } = await import("../../page/page-server.ts");
  const data = openRuns(folders);
  const port = portOf(flags.port);
  const interrupt = onInterrupt(terminal, "Closing the page.");
  const stopped = new Promise<void>((resolve) => interrupt.stop.addEventListener("abort", () => resolve()));
  try {
    const token = randomBytes(18).toString("base64url");
    const server = await startPage(data, await pageFiles(), { port, token });
    if (terminal.json) terminal.result({ link: server.link });
    terminal.line(`${bold("watching")} ${folders.join(", ")} at ${server.link}`);
    terminal.line(faint("Ctrl-C ends it; the run goes on"));
    await stopped;
    await server.close();
    return exitCodes.done;
  } finally {
    interrupt.release();
  }
}

function portOf(word = "0"): number {
  const port = Number(word);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new OptionError({
    where: "--port",
    expected: "a whole number from 0 to 65535",
    got: word,
    next: "Without it any port that is free is taken.",
  });
}
