/**
 * Writes docs/options.md from the one table of options; a test fails where the two differ.
 *
 *   npx tsx scripts/options.ts
 */
import { writeFileSync } from "node:fs";
import { argv } from "node:process";
import { pathToFileURL } from "node:url";
import { type OptionRow, type OptionValue, optionTable, sections, takes } from "../src/index.ts";

/** The text of docs/options.md. */
export function optionsPage(): string {
  const rows: readonly OptionRow[] = optionTable;
  const parts = sections.map((section) => {
    const lines = rows.filter((row) => row.section === section).map(line);
    return `## ${section}\n\n| option | takes | default | what it is | in |\n|---|---|---|---|---|\n${lines.join("\n")}\n`;
  });
  return `# Options

In the order of the flow. The same name is a flag (\`--num-generations 16\`), a word (\`num_generations=16\`), a line of a
YAML file (\`num_generations: 16\`) and, in camelCase, a property in TypeScript (\`numGenerations: 16\`). What is typed goes
before the file given as \`--config\`, that before the options of a run being resumed, and those before the defaults.
This page is printed by \`npx tsx scripts/options.ts\`.

${parts.join("\n")}`;
}

function line(row: OptionRow): string {
  const others = row.aliases?.length ? ` Elsewhere: ${row.aliases.map(code).join(", ")}.` : "";
  const shorts = Object.entries(row.shortIn ?? {}).map(
    ([command, names]) => ` In ${command} also ${names.map(code).join(", ")}.`,
  );
  const cells = [
    code(row.key),
    takes(row),
    defaults(row),
    `${row.help}.${shorts.join("")}${others}`,
    row.commands.join(", "),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function defaults(row: OptionRow): string {
  const own = Object.entries(row.defaultIn ?? {}).map(([command, value]) => `${shown(value)} in ${command}`);
  return [
    row.required?.length ? `none: required in ${row.required.join(", ")}` : shown(row.default),
    ...own,
  ].join("; ");
}

function shown(value: OptionValue): string {
  return value === "" ? "unset" : code(String(value));
}

function code(text: string): string {
  return `\`${text}\``;
}

if (import.meta.url === pathToFileURL(argv[1] ?? "").href) {
  writeFileSync(new URL("../docs/options.md", import.meta.url), optionsPage());
}
