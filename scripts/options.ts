/**
 * Writes docs/options.md from the one table of options; a test fails where the two differ.
 *
 *   npx tsx scripts/options.ts
 */
import { writeFileSync } from "node:fs";
import { argv } from "node:process";
import { pathToFileURL } from "node:url";
import { aliasesOf, defaultText, type OptionRow, optionTable, sections, takes } from "../src/index.ts";
import { sentences } from "../src/options/foreign-names.ts";

/** The text of docs/options.md. */
export function optionsPage(): string {
  const rows: readonly OptionRow[] = optionTable;
  const parts = sections.map((section) => {
    const lines = rows.filter((row) => row.section === section).map(line);
    return `## ${section}\n\n| option | takes | left out | what it is | in | read by |\n|---|---|---|---|---|---|\n${lines.join("\n")}\n`;
  });
  return `# Options

In the order of the flow. The same name is a flag (\`--num-generations 16\`), a word (\`num_generations=16\`), a line of a
YAML file (\`num_generations: 16\`) and, in camelCase, a property in TypeScript (\`numGenerations: 16\`). What is typed goes
before the file given as \`--config\`, that before the options of a run being resumed, and those before the defaults.
\`key=\` for a text, \`key=auto\` for anything else, and \`key:\` with nothing after it in YAML leave an option out again.
Most runs set ${rows
    .filter((row) => row.common)
    .map((row) => code(row.key))
    .join(", ")} and no more.
An option that only some algorithms read is refused with another one; \`objective\` stands for an objective of your own.
This page is printed by \`npx tsx scripts/options.ts\`.

${parts.join("\n")}
## Names of other trainers without a counterpart

${sentences.map(([sentence, names]) => `- ${names.split(" ").map(code).join(", ")}: ${sentence}`).join("\n")}
`;
}

function line(row: OptionRow): string {
  const shorts = Object.entries(row.shortIn ?? {}).map(
    ([command, names]) => ` In ${command} also ${names.map(code).join(", ")}.`,
  );
  const others = aliasesOf(row).length > 0 ? ` Elsewhere: ${aliasesOf(row).map(code).join(", ")}.` : "";
  const cells = [
    code(row.key),
    takes(row),
    defaults(row),
    `${row.help}.${shorts.join("")}${others}`,
    row.commands.join(", "),
    row.readBy?.join(", ") ?? "",
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** What holds where it is left out: in the first command, and where it is another in others. */
function defaults(row: OptionRow): string {
  const [first, ...others] = row.commands.map((command) => ({ command, text: defaultText(row, command) }));
  const different = others.filter(({ text }) => text !== first!.text);
  return [first!.text, ...different.map(({ command, text }) => `in ${command} ${text}`)].join("; ");
}

function code(text: string): string {
  return `\`${text}\``;
}

if (import.meta.url === pathToFileURL(argv[1] ?? "").href) {
  writeFileSync(new URL("../docs/options.md", import.meta.url), optionsPage());
}
