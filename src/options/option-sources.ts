/**
 * What was set, and where: the words after a command, and the lines of a YAML file.
 */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { OptionError } from "../errors.ts";
import { readFault } from "../files/disk-errors.ts";
import { typedPath } from "../files/typed-path.ts";
import { collect } from "./option-faults.ts";
import { findRow } from "./option-names.ts";
import { isTruthWord, type Setting } from "./option-values.ts";
import { type Command, type OptionRow, optionTable } from "./options.ts";

/** Options that are an object themselves. */
const objects: ReadonlySet<string> = new Set(
  optionTable.filter(({ type }) => type === "json").map(({ key }) => key),
);

/** Settings from a YAML file; nested keys are joined by dots. */
export function readConfig(path: string): Setting[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new OptionError({
      where: path,
      expected: "a YAML file of options",
      got: readFault(cause),
      next: "Check the path given to --config.",
      cause,
    });
  }
  let tree: unknown;
  try {
    tree = parse(text) ?? {};
  } catch (cause) {
    throw new OptionError({
      where: path,
      expected: "YAML",
      got: (cause as Error).message.split("\n")[0]!,
      next: "Write one `key: value` a line.",
      cause,
    });
  }
  if (typeof tree !== "object" || tree === null || Array.isArray(tree)) {
    throw new OptionError({
      where: path,
      expected: "`key: value` lines",
      got: Array.isArray(tree) ? "a list" : typeof tree,
      next: "Write one `key: value` a line.",
    });
  }
  const settings: Setting[] = [];
  const walk = (node: object, prefix: string) => {
    for (const [key, value] of Object.entries(node)) {
      const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
      if (isMapping && Object.keys(value).length > 0 && !objects.has(prefix + key))
        walk(value, `${prefix}${key}.`);
      else settings.push({ key: prefix + key, value, place: path });
    }
  };
  refuseCircles(tree, path);
  walk(tree, "");
  return settings;
}

/** An alias of YAML may name what it stands in: that has no end. */
function refuseCircles(tree: object, path: string): void {
  const around = new Set<object>();
  const enter = (node: unknown, name: string) => {
    if (typeof node !== "object" || node === null) return;
    if (around.has(node))
      throw new OptionError({
        where: path,
        expected: "options, each with its value",
        got: `${name}, an alias of what it is part of`,
        next: "Write the value itself in place of the alias.",
      });
    around.add(node);
    for (const [key, value] of Object.entries(node)) enter(value, name === "" ? key : `${name}.${key}`);
    around.delete(node);
  };
  enter(tree, "");
}

/**
 * Settings from what was typed after the command: `key=value`, `--key value`, `--key=value`, `--key`, `--no-key`;
 * and the file that `--config` names.
 */
export function readArguments(
  command: Command,
  argv: readonly string[],
  faults: OptionError[],
): { settings: Setting[]; config?: string } {
  const settings: Setting[] = [];
  /** What was typed so far of each option that takes several. */
  const lists = new Map<string, string>();
  let config: string | undefined;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    const match = /^(--)?([A-Za-z][\w.-]*)(?:=([\s\S]*))?$/.exec(word);
    if (match === null || (match[1] === undefined && match[3] === undefined)) {
      throw new OptionError({
        where: `errata ${command}`,
        expected: "key=value or --key value",
        got: JSON.stringify(word),
        next: `Name the option it belongs to; \`errata ${command} --help\` lists them.`,
      });
    }
    const [, , name, inline] = match as unknown as [string, string | undefined, string, string | undefined];
    const isConfig = name === "config";
    const negated = !isConfig && inline === undefined && name.startsWith("no-");
    let row: OptionRow | undefined;
    if (!isConfig) collect(faults, () => (row = findRow(command, negated ? name.slice(3) : name, word).row));
    if (row === undefined && !isConfig) {
      const value = argv[i + 1];
      if (inline === undefined && value !== undefined && !/^--[A-Za-z]/.test(value) && !isSetting(value)) i++;
      continue;
    }
    if (negated && row!.type === "boolean") {
      settings.push({ key: row!.key, value: false, place: word });
      continue;
    }
    let value: string | undefined = inline;
    const following = argv[i + 1];
    if (value === undefined && following !== undefined && takesNext(row, following)) {
      value = following;
      i++;
    }
    if (value === undefined && row?.type === "boolean") value = "true";
    if (value === undefined && row?.key === "resume_from_checkpoint") value = "auto";
    if (value === undefined) {
      throw new OptionError({
        where: word,
        expected: "a value after it",
        got: following === undefined ? "nothing" : JSON.stringify(following),
        next: `Write ${word}=VALUE.`,
      });
    }
    if (row?.list === true) {
      while (argv[i + 1] !== undefined && isListed(argv[i + 1]!)) value += `,${argv[++i]}`;
      const before = lists.get(row.key);
      if (before !== undefined) value = `${before},${value}`;
      lists.set(row.key, value);
    }
    if (isConfig) {
      if (config !== undefined) throw twoConfigs(config, value);
      config = typedPath(value);
    } else settings.push({ key: name, value, place: `--${name}` });
  }
  return config === undefined ? { settings } : { settings, config };
}

function twoConfigs(first: string, second: string): OptionError {
  return new OptionError({
    where: "--config",
    expected: "one file",
    got: `${first} and ${second}`,
    next: "Put what both say into one file, or type the options of one of them.",
  });
}

/** Whether one more word belongs to a flag that takes several: neither a flag nor `key=value`. */
function isListed(word: string): boolean {
  return !/^--[A-Za-z]/.test(word) && !isSetting(word);
}

/** Whether the word after a flag is its value and not the next option. */
function takesNext(row: OptionRow | undefined, word: string): boolean {
  if (/^--[A-Za-z]/.test(word)) return false;
  if (row?.type === "boolean") return isTruthWord(word);
  // `--resume` may stand alone, and a path has no `=` before its first slash
  if (row?.key === "resume_from_checkpoint") return !isSetting(word);
  return true;
}

/** Whether a word sets an option: `name=…` at its beginning; a path with `=` behind a slash does not. */
export function isSetting(word: string): boolean {
  return /^[A-Za-z][\w.-]*=/.test(word);
}
