/**
 * Arguments: the words after a command's name, parted into its own flags and the rest.
 *
 * Options of a run are among the rest: the one table behind `resolveOptions` reads those.
 */
import { OptionError } from "../../errors.ts";
import type { CliCommand, Flag, FlagValues } from "./command.ts";

/** Flags of every command. */
export const everywhere: readonly Flag[] = [
  { name: "json", help: "print results as JSON on stdout, and all else on stderr" },
  { name: "help", help: "this text" },
];

/**
 * Takes a command's flags out of its words. Behind `--` nothing is a flag.
 *
 * @throws OptionError where a flag has no value, or the command has no such flag
 */
export function readFlags(
  name: string,
  command: CliCommand,
  argv: readonly string[],
): { readonly words: readonly string[]; readonly flags: FlagValues } {
  const known = new Map([...command.flags, ...everywhere].map((flag) => [flag.name, flag]));
  const words: string[] = [];
  const flags: Record<string, string> = {};
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === "--") {
      words.push(...argv.slice(i + 1));
      break;
    }
    const typed = split(word);
    const flag = typed && known.get(typed.key);
    if (typed === undefined || flag === undefined || !isMeant(flag, typed, command)) {
      if (word.startsWith("--") && command.options === undefined) throw unknown(name, word, known);
      words.push(word);
    } else if (flag.value === undefined) {
      if (typed.value !== "false") flags[flag.name] = "true";
    } else {
      const value = typed.value ?? argv[++i];
      if (value === undefined || (typed.value === undefined && /^--[a-z]/i.test(value)))
        throw withoutValue(word, flag.value, value);
      flags[flag.name] = value;
    }
  }
  return { words, flags };
}

interface Typed {
  readonly key: string;
  readonly value?: string;
  readonly dashed: boolean;
}

/** `--dry-run`, `--seeds=3` and `seeds=3`. */
function split(word: string): Typed | undefined {
  if (word === "-h") return { key: "help", dashed: true };
  const match = /^(--)?([a-z][\w-]*)(?:=([\s\S]*))?$/i.exec(word);
  if (match === null) return undefined;
  const [, dashes, key, value] = match;
  return {
    key: key!.replaceAll("_", "-"),
    dashed: dashes !== undefined,
    ...(value === undefined ? {} : { value }),
  };
}

/** Without dashes it is a flag where options are typed so too; `json=7` is a text to chat and no flag. */
function isMeant(flag: Flag, { value, dashed }: Typed, { options }: CliCommand): boolean {
  if (dashed) return true;
  if (options === undefined || value === undefined) return false;
  return flag.value !== undefined || value === "true" || value === "false";
}

function unknown(name: string, word: string, known: ReadonlyMap<string, Flag>): OptionError {
  return new OptionError({
    where: `errata ${name}`,
    expected: `${[...known.keys()].map((key) => `--${key}`).join(", ")}`,
    got: word,
    next: `A text that begins with -- goes behind a -- of its own. \`errata ${name} --help\` says more.`,
  });
}

function withoutValue(word: string, value: string, got: string | undefined): OptionError {
  return new OptionError({
    where: word,
    expected: "a value after it",
    got: got ?? "nothing",
    next: `Write ${word}=${value}.`,
  });
}

/**
 * The words of a command that takes texts.
 *
 * @param names  what each is, as in its usage
 * @param least  how many it needs
 * @throws OptionError where there are fewer or more
 */
export function texts(
  command: string,
  words: readonly string[],
  names: readonly string[],
  least = names.length,
): readonly string[] {
  if (words.length >= least && words.length <= names.length) return words;
  throw new OptionError({
    where: `errata ${command}`,
    expected: names.join(" and "),
    got: words.length === 0 ? "nothing" : words.map((word) => JSON.stringify(word)).join(" "),
    next: `Quote what holds spaces. \`errata ${command} --help\` shows examples.`,
  });
}
