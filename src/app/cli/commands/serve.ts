import { givenOf, resolveOptions } from "../../../options/resolve-options.ts";
import type { Answered } from "../../server/completions.ts";
import { serverSettings } from "../../server/server-settings.ts";
import type { Call, CliCommand } from "../command.ts";
import { showDownloads } from "../downloads.ts";
import { exitCodes } from "../exit-codes.ts";
import { onInterrupt } from "../interrupt.ts";
import { withModel } from "../model-word.ts";
import { bold, faint } from "../terminal.ts";

export const command: CliCommand = {
  usage: "MODEL [options]",
  about:
    "Serves a run, a checkpoint or any model as /v1/chat/completions, /v1/completions, /v1/models and /health, on 127.0.0.1 unless --host says otherwise. What a request does not say is as the options here. Requests that wait are answered together, streaming where asked; what it cannot do it refuses. Ctrl-C ends it. The first word is the model. docs/serve.md says how clients call it.",
  examples: [
    "errata serve runs/nft-pocket",
    "errata serve SmolLM2-135M-Instruct.gguf --port 0 --temperature 0.7",
    "ERRATA_API_KEY=… errata serve runs/nft-pocket --host 0.0.0.0",
  ],
  flags: [],
  options: "serve",
  run,
};

/** Serves until it is asked to end, which is how it is done. */
async function run({ words, terminal }: Call): Promise<number> {
  const { Responder } = await import("../../../commands/chat/responder.ts");
  const { startServer } = await import("../../server/server.ts");
  const resolved = resolveOptions("serve", { argv: withModel(words) });
  for (const note of resolved.notes) terminal.aside(faint(note));
  const settings = serverSettings(resolved.options);
  const interrupt = onInterrupt(terminal, "Stopping. Ctrl-C again ends at once.");
  const stopped = new Promise<void>((resolve) => interrupt.stop.addEventListener("abort", () => resolve()));
  terminal.status("opening the model …");
  const model = await Responder.open("serve", givenOf(resolved), {
    onEvent: showDownloads(terminal),
    signal: interrupt.stop,
  });
  terminal.status(undefined);
  try {
    const server = await startServer(model, settings, (answered) =>
      terminal.json ? terminal.result(answered) : terminal.line(faint(line(answered))),
    );
    if (terminal.json) terminal.result({ model: model.name, url: server.url });
    terminal.line(`${bold("serving")} ${model.name} at ${server.url}   Ctrl-C ends it`);
    await stopped;
    await server.close();
    return exitCodes.done;
  } finally {
    interrupt.release();
    await model.close();
  }
}

function line({ kind, promptTokens, completionTokens, seconds, aborted }: Answered): string {
  const end = aborted ? "the client went away" : `${completionTokens} tokens`;
  return `${kind.padEnd(4)}  ${promptTokens} tokens asked, ${end}   ${seconds.toFixed(1)} s`;
}
