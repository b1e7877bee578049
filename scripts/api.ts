/**
 * Writes docs/api.md: every export of src/index.ts with its signature and docstring, in the order of the flow.
 *
 *   npx tsx scripts/api.ts
 *
 * Signatures are read from the declarations that the compiler writes, which have no bodies.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { argv, execPath } from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The text of docs/api.md. */
export function apiPage(): string {
  const folder = mkdtempSync(join(tmpdir(), "errata-api-"));
  try {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const build = ["-p", "tsconfig.build.json", "--emitDeclarationOnly", "--outDir", folder];
    execFileSync(execPath, [tsc, ...build], { cwd: root });
    return page((file) => readFileSync(join(folder, file.replace(/\.ts$/, ".d.ts")), "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Read = (file: string) => string;

function page(read: Read): string {
  const parts: string[] = [];
  // a section's comment, or the names of one export statement and the file they are in
  const statement = /^\/\/ (.+)$|^export (?:type )?\{([^}]+)\} from "\.\/(.+)";$/gm;
  const index = readFileSync(join(root, "src/index.ts"), "utf8");
  for (const [, section, names, file] of index.matchAll(statement)) {
    if (section !== undefined && !section.startsWith("biome-")) parts.push(`## ${section}\n`);
    const words = (names ?? "").split(",").map((word) => word.trim().replace(/^type /, ""));
    parts.push(...words.filter((word) => word !== "").map((word) => entry(word, file!, read)));
  }
  return `# The library

\`import { … } from "errata"\`: everything that is public, in the order of the flow. This page is printed from the
docstrings by \`npx tsx scripts/api.ts\`. Log-probs and entropies are nats, lengths are tokens.

${parts.join("\n")}`;
}

/** One export: its docstring as text, its declaration as code. */
function entry(exported: string, file: string, read: Read): string {
  const [name, as = name] = exported.split(" as ");
  const source = read(file);
  const head = `^(?:/\\*\\*((?:(?!\\*/)[^])*)\\*/\\n)?(export (?:declare )?(?:abstract )?`;
  const body = `(?:(?:function|const|type) ${name}\\b[^]*?;\\n(?![ }])|(?:class|interface) ${name}\\b[^]*?^\\}\\n))`;
  const [, comment, code] = new RegExp(head + body, "m").exec(source) ?? [];
  if (code === undefined) {
    const from = new RegExp(`\\b${name}\\b[^}]*\\} from "(\\.[^"]+)"`).exec(source)?.[1];
    if (from === undefined) throw new Error(`${file} declares no ${name}`);
    return entry(exported, join(dirname(file), from), read);
  }
  const text = comment === undefined ? "" : `${prose(comment)}\n\n`;
  const shown = code.replace(/^export (?:declare )?/, "").trimEnd();
  return `### ${as}\n\n${text}\`\`\`ts\n${shown}\n\`\`\`\n`;
}

/** A docstring without its stars; parameters and errors become a list. */
function prose(comment: string): string {
  return comment
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
    .join("\n")
    .trim()
    .replace(/^@param\s+(\S+)\s+/gm, "- `$1`: ")
    .replace(/^@returns?\s+/gm, "- returns ")
    .replace(/^@throws\s+/gm, "- throws ");
}

if (import.meta.url === pathToFileURL(argv[1] ?? "").href)
  writeFileSync(join(root, "docs/api.md"), apiPage());
