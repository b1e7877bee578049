import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => `${folder}/${file.split(sep).join("/")}`)
    .filter((file) => /\.(ts|tsx|mjs|py)$/.test(file));
}

const sources = filesUnder("src");
const code = ["src", "test", "scripts", "bench", "examples"].flatMap(filesUnder);

/** The files of this project that a file names in its imports, from the root. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(([, path]) =>
    relative(root, join(root, dirname(file), path))
      .split(sep)
      .join("/"),
  );
}

/** The part of the program a file is in: `app`, `index`, `loop`, a stage such as `loop/groups`, `engine`, or a shared leaf. */
function partOf(file: string): string {
  const [, top, second, third] = file.split("/");
  if (top === "loop" && third !== undefined) return `loop/${second}`;
  return top.replace(/\.ts$/, "");
}

/** Folders of the loop that stand over it: they start runs or look into them, and no run knows of them. */
const over = ["compare", "evaluation", "doctor", "export", "chat"].map((name) => `loop/${name}`);

/** Folders of the loop that know of no stage: what a run is told, what it keeps, how rates are measured. */
const under = ["options", "run", "measures"].map((name) => `loop/${name}`);

/** What they share with the loop: its records, its events and where a run lies. */
const shared = ["types", "records", "events", "run-folder"].map((name) => `src/loop/${name}.ts`);

/** What each part may import beside itself; a stage may read the records, which are types alone. */
function allowed(from: string, to: string, file: string): boolean {
  if (to === "errors" || from === to) return true;
  if (from === "app") return to === "index";
  if (from === "index") return to === "loop" || to.startsWith("loop/") || to === "engine";
  if (from === "loop") return (to.startsWith("loop/") && !over.includes(to)) || to === "engine";
  if (over.includes(from)) return (to.startsWith("loop") && !over.includes(to)) || to === "engine";
  if (from === "loop/session") return (to.startsWith("loop") && !over.includes(to)) || to === "engine";
  if (under.includes(from)) return under.includes(to) || to === "engine" || shared.includes(file);
  if (from.startsWith("loop/")) return to === "engine" || file === "src/loop/types.ts";
  return false;
}

describe("imports", () => {
  test("run one way: app → index → loop → stages → engine", () => {
    const crossed = sources.flatMap((file) =>
      importsOf(file)
        .filter((target) => !allowed(partOf(file), partOf(target), target))
        .map((target) => `${file} imports ${target}`),
    );
    expect(crossed).toEqual([]);
  });

  test("name files that are there", () => {
    const missing = code.flatMap((file) =>
      importsOf(file)
        .filter((target) => !existsSync(join(root, target)))
        .map((target) => `${file} imports ${target}`),
    );
    expect(missing).toEqual([]);
  });
});

describe("files", () => {
  test("have at most 400 lines", () => {
    const long = code.filter((file) => readFileSync(join(root, file), "utf8").split("\n").length > 401);
    expect(long).toEqual([]);
  });

  test("are named for the one thing they hold, in kebab-case", () => {
    const names = code.flatMap((file) => file.split("/").slice(1));
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?(\.(ts|tsx|mjs))?$/;
    const snake = /^[a-z0-9]+(_[a-z0-9]+)*\.py$/;
    expect(names.filter((name) => !kebab.test(name) && !snake.test(name))).toEqual([]);
    expect(names.filter((name) => /^(utils?|helpers?|common|misc|managers?)\b/.test(name))).toEqual([]);
    expect(sources.filter((file) => file.endsWith("/index.ts"))).toEqual(["src/index.ts"]);
  });
});

describe("the README's tree", () => {
  const block = readFileSync(join(root, "README.md"), "utf8").match(/```\n(src\/\n[^`]*)```/)![1];
  const stack: string[] = [];
  const shown = block
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [, indent, name] = line.match(/^( *)(\S+)/)!;
      stack.length = indent.length / 2;
      stack.push(name.replace(/\/$/, ""));
      return stack.join("/");
    });

  test("shows only what is there", () => {
    expect(shown.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test("shows every folder of src and the files at its top", () => {
    const entries = ["src", "src/engine", "src/loop", "src/app"].flatMap((folder) =>
      readdirSync(join(root, folder))
        .map((name) => `${folder}/${name}`)
        .filter((path) => folder === "src" || statSync(join(root, path)).isDirectory()),
    );
    expect(entries.filter((path) => !shown.includes(path))).toEqual([]);
  });
});
