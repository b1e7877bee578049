/**
 * What is wrong with options, in the words of who gave them: a caller of the library writes camelCase, and has no
 * flags and no `--help`.
 *
 *   max_steps, --max-steps   →   maxSteps
 */
import { OptionError } from "../errors.ts";
import { type Command, camelCase, type OptionRow, optionTable } from "./options.ts";

const functions: Readonly<Record<Command, string>> = {
  ...{ train: "train()", sft: "sft()", eval: "evaluate()", chat: "Chat.open()" },
  ...{ export: "exportModel()", serve: "Responder.open()" },
};

/** Keys that camelCase changes; the longest first, as one may begin another. */
const keys = (optionTable as readonly OptionRow[])
  .map(({ key }) => key)
  .filter((key) => camelCase(key) !== key)
  .sort((a, b) => b.length - a.length);
const anyKey = new RegExp(`(?<![\\w./-])(?:${keys.join("|").replaceAll(".", "\\.")})(?![\\w/-])`, "g");

export function libraryWords(text: string): string {
  return text
    .replace(/`errata \w+ --help`/g, "docs/options.md")
    .replace(/\berrata (train|sft|eval|chat|export|serve)\b/g, (_, name: Command) => functions[name])
    .replace(/(?<![\w-])--([a-z][a-z_.-]*)/g, (_, flag: string) => camelCase(flag.replaceAll("-", "_")))
    .replace(anyKey, camelCase);
}

/** The same fault, as a caller of the library reads it. */
export function inLibraryWords({ where, expected, got, next, cause, message }: OptionError): OptionError {
  const said = (text: string) => libraryWords(text);
  const fault = new OptionError({
    where: said(where),
    expected: said(expected),
    got: said(got),
    next: said(next),
    cause,
  });
  // several faults are told as one
  fault.message = said(message);
  return fault;
}
