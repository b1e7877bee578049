import { randomInt } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { text as allOf } from "node:stream/consumers";
import type { Chat } from "../../../commands/chat/chat.ts";
import { OptionError, printable } from "../../../errors.ts";
import { isSetting } from "../../../options/option-sources.ts";
import { givenOf, resolveOptions } from "../../../options/resolve-options.ts";
import type { Call, CliCommand } from "../command.ts";
import { showDownloads } from "../downloads.ts";
import { exitCodes } from "../exit-codes.ts";
import { explain } from "../failure.ts";
import { onInterrupt } from "../interrupt.ts";
import { bold, faint, type Terminal } from "../terminal.ts";

export const command: CliCommand = {
  usage: "[options] [TEXT]",
  about:
    "Answers the text after the options, or what is piped in, and ends; with neither, asks for one line after another. A model with a chat template sees the turns before, until /new.",
  examples: [
    "errata chat --model runs/nft-pocket '37+58=?'",
    "errata chat --model SmolLM2-135M-Instruct.gguf --temperature 0",
    "echo '12*7=?' | errata chat --model pocket",
  ],
  flags: [],
  options: "chat",
  run,
};

async function run({ words, terminal }: Call): Promise<number> {
  const { settings, question } = split(words);
  const resolved = resolveOptions("chat", { argv: settings });
  // asked again, a model may answer otherwise; with a seed it never does
  const options = { seed: randomInt(2 ** 31), ...givenOf(resolved) };
  for (const note of resolved.notes) terminal.aside(faint(note));
  const asked = question ?? (process.stdin.isTTY ? undefined : (await allOf(process.stdin)).trim());
  if (asked !== undefined) refuseEmpty(asked);
  terminal.status("opening the model …");
  const { Chat } = await import("../../../commands/chat/chat.ts");
  const chat = await Chat.open(options, { onEvent: showDownloads(terminal) });
  terminal.status(undefined);
  try {
    if (asked === undefined) await converse(chat, terminal);
    else return await askOnce(chat, asked, terminal);
  } finally {
    await chat.close();
  }
  return exitCodes.done;
}

/** A model goes on from nothing too, with noise. */
function refuseEmpty(asked: string): void {
  if (asked.trim() !== "") return;
  throw new OptionError({
    where: "errata chat",
    expected: "a text to ask",
    got: "an empty one",
    next: "Write it after the options or pipe it in: echo '12*7=?' | errata chat --model MODEL.",
  });
}

async function askOnce(chat: Chat, question: string, terminal: Terminal): Promise<number> {
  const interrupt = onInterrupt(terminal, "Stopping. Ctrl-C again ends at once.");
  try {
    await answer(chat, question, terminal, interrupt.stop);
    return interrupt.exitCode;
  } finally {
    interrupt.release();
  }
}

/**
 * What was typed, taken apart: the question is the last word that is neither a setting nor the value of the flag
 * before it.
 */
export function split(argv: readonly string[]): { settings: readonly string[]; question?: string } {
  const at = argv.findLastIndex((word, place) => isQuestion(word, argv[place - 1]));
  if (at < 0) return { settings: argv };
  return { settings: argv.toSpliced(at, 1), question: argv[at]! };
}

function isQuestion(word: string, before: string | undefined): boolean {
  if (word.startsWith("--") || (isSetting(word) && setsOption(word))) return false;
  return before?.startsWith("--") !== true || before.includes("=");
}

/** `x=3, what is x+4?` is a question and `system_prompt=Be brief` a setting; `temprature=0` is one mistyped, to be told. */
function setsOption(word: string): boolean {
  try {
    resolveOptions("chat", { argv: [word], incomplete: true });
    return true;
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const isUnknown = error.next.startsWith("`errata chat --help` lists them all");
    return !/\s/.test(word) && !isUnknown;
  }
}

const HELP = `/new     begins a new conversation
/help    this text
/exit    ends, as Ctrl-D does
Ctrl-C   ends the answer; at the prompt it clears the line, and twice it ends the chat`;

/** Line after line until Ctrl-D, or Ctrl-C twice at the prompt; while an answer comes, Ctrl-C ends the answer alone. */
async function converse(chat: Chat, terminal: Terminal): Promise<void> {
  const { parameters, contextLength } = chat.facts;
  terminal.line(
    `${bold(chat.name)}   ${millions(parameters)} parameters   ${contextLength} tokens of context`,
  );
  terminal.line(
    faint(
      `${chat.remembers ? "/new begins again. " : "Each line is asked alone. "}/help says what else there is, Ctrl-D ends.`,
    ),
  );
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: "\n> " });
  let answering: AbortController | undefined;
  let again = false;
  lines.on("line", () => {
    again = false;
  });
  lines.on("SIGINT", () => {
    if (answering !== undefined) return answering.abort();
    if (again) return lines.close();
    again = true;
    // a line of readline's own is cleared by its own key
    lines.write(null, { ctrl: true, name: "e" });
    lines.write(null, { ctrl: true, name: "u" });
    terminal.aside(faint("\n(Ctrl-C again ends)"));
    lines.prompt();
  });
  lines.prompt();
  for await (const line of lines) {
    const word = line.trim();
    if (word === "/exit") break;
    if (word === "/help") terminal.line(HELP);
    else if (word === "/new") chat.forget();
    else if (word !== "") {
      answering = new AbortController();
      await answerLine(chat, line, terminal, answering.signal);
      answering = undefined;
    }
    lines.prompt();
  }
  terminal.line("");
}

/** One turn; what goes wrong in it ends the turn and not the conversation. */
async function answerLine(chat: Chat, line: string, terminal: Terminal, signal: AbortSignal): Promise<void> {
  try {
    await answer(chat, line, terminal, signal);
  } catch (error) {
    terminal.status(undefined);
    terminal.aside(explain(error).text);
  }
}

/** Prints an answer as it grows. */
async function answer(chat: Chat, question: string, terminal: Terminal, signal: AbortSignal): Promise<void> {
  terminal.status("…");
  const said = await chat.ask(question, {
    signal,
    onText: (text) => {
      terminal.status(undefined);
      terminal.write(printable(text));
    },
  });
  const { stop, tokens } = said;
  terminal.status(undefined);
  terminal.line("");
  if (terminal.json) terminal.result(said);
  if (stop === "length") terminal.aside(faint(`(cut off after ${tokens} tokens)`));
  if (stop === "stopped") terminal.aside(faint(`(stopped after ${tokens} tokens)`));
}

function millions(count: number): string {
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} million` : `${(count / 1e9).toFixed(2)} billion`;
}
