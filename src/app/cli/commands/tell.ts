import { setTimeout } from "node:timers/promises";
import { OptionError } from "../../../errors.ts";
import { type LoggedEvent, type RequestName, requestNames } from "../../../run/events.ts";
import { endOf, follow } from "../../../run/follow.ts";
import { ask } from "../../../run/requests.ts";
import { texts } from "../arguments.ts";
import { wrap } from "../columns.ts";
import type { Call, CliCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";

/** What a run does of each, once it has heard. */
const meanings: Readonly<Record<RequestName, string>> = {
  pause:
    "it waits after the step it is in, until it is told to continue, also where it is resumed in between",
  continue: "it goes on",
  evaluate: "it evaluates after the step it is in; the line of evals.jsonl says that it was asked for",
  save: "it saves a checkpoint after the step it is in",
  stop: "it saves and ends after the step it is in; --resume goes on",
};

export const command: CliCommand = {
  usage: `RUN ${requestNames.join("|")}`,
  about:
    "Asks something of a run that is at work, by a file in its folder, from this machine and any terminal. Weights, steps and answers are those of a run that was never asked.",
  examples: [
    "errata tell runs/nft-pocket pause",
    "errata tell runs/nft-pocket continue",
    "errata tell runs/nft-pocket evaluate",
    "errata tell runs/nft-pocket stop",
  ],
  flags: [],
  run,
};

/** A run that is busy looks twice a second; one that writes a large checkpoint, when it has. */
const [LOOK_MS, WAIT_MS] = [100, 5000];

async function run({ words, terminal }: Call): Promise<number> {
  const [folder, word] = texts("tell", words, ["RUN", requestNames.join("|")]) as [string, string];
  const request = requestNames.find((name) => name === word);
  if (request === undefined)
    throw new OptionError({
      where: "errata tell",
      expected: `one of ${requestNames.join(", ")}`,
      got: word,
      next: "`errata tell --help` says what each does.",
    });
  const events = `${folder}/events.jsonl`;
  let cursor = await endOf(events);
  const id = await ask(folder, request);
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await setTimeout(LOOK_MS)) {
    const read = await follow(events, cursor);
    cursor = read.cursor;
    const heard = read.lines
      .map((line) => JSON.parse(line) as LoggedEvent)
      .find((event) => event.kind === "asked" && event.id === id);
    if (heard === undefined) continue;
    if (terminal.json) terminal.result(heard);
    else terminal.line(wrap(`heard: ${meanings[request]}`, terminal.width));
    return exitCodes.done;
  }
  const later = "the run has not looked yet, and will when it is done with what it is in";
  if (terminal.json) terminal.result({ kind: "asking", id, request });
  else terminal.line(wrap(`asked: ${later}`, terminal.width));
  return exitCodes.done;
}
