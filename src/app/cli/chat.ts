import { createInterface } from "node:readline/promises";
import { text as allOf } from "node:stream/consumers";
import { type Answer, Chat, resolveOptions } from "../../index.ts";
import { showDownloads } from "./downloads.ts";
import { explain } from "./failure.ts";
import type { Verb } from "./help.ts";
import { bold, faint, openTerminal, printable, type Terminal } from "./terminal.ts";

export const chatVerb: Verb = {
  name: "chat",
  summary: "ask a model",
  about:
    "Answers the text after the options, or what is piped in, and ends; with neither, asks for one line after another. A model with a chat template sees the turns before, until /new.",
  examples: [
    "errata chat --model runs/nft-pocket '37+58=?'",
    "errata chat --model SmolLM2-135M-Instruct.gguf --temperature 0",
    "echo '12*7=?' | errata chat --model models/pocket",
  ],
  flags: [
    ["--config FILE", "options from a YAML file"],
    ["--help", "this text"],
  ],
};

export async function chatCommand(argv: readonly string[]): Promise<number> {
  const terminal = openTerminal();
  const { settings, question } = split(argv);
  const { options, notes } = resolveOptions("chat", { argv: settings });
  for (const note of notes) terminal.aside(faint(note));
  const asked = question ?? (process.stdin.isTTY ? undefined : (await allOf(process.stdin)).trim());
  terminal.status("opening the model …");
  const chat = await Chat.open(options, { onEvent: showDownloads(terminal) });
  terminal.status(undefined);
  try {
    if (asked === undefined) await converse(chat, terminal);
    else print(await ask(chat, asked, terminal), terminal);
  } finally {
    await chat.close();
  }
  return 0;
}

/** The last word is the question where it is no option and no option's value: it holds a space, or follows a whole setting. */
function split(argv: readonly string[]): { settings: readonly string[]; question?: string } {
  const last = argv.at(-1);
  if (last === undefined || last.startsWith("--") || /^[A-Za-z][\w.-]*=/.test(last))
    return { settings: argv };
  const before = argv.at(-2);
  const isValue = before?.startsWith("--") === true && !before.includes("=");
  return isValue ? { settings: argv } : { settings: argv.slice(0, -1), question: last };
}

/** Line after line until Ctrl-D, or Ctrl-C at the prompt. */
async function converse(chat: Chat, terminal: Terminal): Promise<void> {
  const { name, parameters, contextLength } = chat.facts;
  terminal.line(`${bold(name)}   ${millions(parameters)} parameters   ${contextLength} tokens of context`);
  terminal.line(
    faint(`${chat.remembers ? "/new begins again. " : "Each line is asked alone. "}Ctrl-D ends.`),
  );
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: "\n> " });
  lines.on("SIGINT", () => lines.close());
  lines.prompt();
  for await (const line of lines) {
    if (line.trim() === "/new") chat.forget();
    else if (line.trim() !== "") await answerLine(chat, line, terminal);
    lines.prompt();
  }
  terminal.line("");
}

/** One turn; what goes wrong in it ends the turn and not the conversation. */
async function answerLine(chat: Chat, line: string, terminal: Terminal): Promise<void> {
  try {
    print(await ask(chat, line, terminal), terminal);
  } catch (error) {
    terminal.status(undefined);
    terminal.aside(explain(error).text);
  }
}

async function ask(chat: Chat, question: string, terminal: Terminal): Promise<Answer> {
  const answer = await chat.ask(question, (done, total) =>
    terminal.status(`${done} of at most ${total} tokens`),
  );
  terminal.status(undefined);
  return answer;
}

function print(answer: Answer, terminal: Terminal): void {
  terminal.line(printable(answer.text));
  if (answer.stop === "length") terminal.aside(faint(`(cut off after ${answer.tokens} tokens)`));
}

function millions(count: number): string {
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} million` : `${(count / 1e9).toFixed(2)} billion`;
}
