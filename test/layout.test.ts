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

/** The room a file is in: `app`, `index`, a stage such as `loop/groups`, `loop`, `engine`, or a file at the top. */
function roomOf(file: string): string {
  const [, top, second, third] = file.split("/");
  if (top === "loop" && third !== undefined) return `loop/${second}`;
  return top.replace(/\.ts$/, "");
}

/** Rooms from the ground up, those of one line side by side: each may import what stands on a line below its own. */
const floors = [
  ["errors", "version"],
  ["files", "maths", "autodiff"],
  ["hub", "models"],
  ["formats"],
  ["engine"],
  ["options"],
  ["run"],
  ["statistics"],
  ["loop/problems", "loop/rollouts", "loop/verdicts", "loop/groups", "loop/objectives"],
  ["loop/session"],
  ["loop"],
  ["commands"],
  ["index"],
  ["app"],
];
const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room));

/** A stage reads the loop's records, which are types alone, and what lies under the engine; no options and no run. */
const stages = floors.find((rooms) => rooms.includes("loop/groups"))!;
const closedToStages = ["options", "run", "statistics"];

function allowed(from: string, to: string, file: string): boolean {
  if (from === to) return true;
  if (file === "src/loop/types.ts") return floorOf(from) >= floorOf(stages[0]);
  if (stages.includes(from) && closedToStages.includes(to)) return false;
  return floorOf(to) < floorOf(from);
}

describe("imports", () => {
  test("every file is in a room that stands on a floor", () => {
    expect(sources.filter((file) => floorOf(roomOf(file)) < 0)).toEqual([]);
  });

  test("pass between at most twenty rooms, each of which docs/architecture.md tells of", () => {
    const rooms = floors.flat().filter((room) => existsSync(join(root, "src", room)));
    expect(rooms.length).toBeLessThanOrEqual(20);
    const told = readFileSync(join(root, "docs/architecture.md"), "utf8");
    expect(rooms.filter((room) => !told.includes(`\`${room}\``))).toEqual([]);
  });

  test("run one way: from each floor to those below", () => {
    const crossed = sources.flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith("src/") && !allowed(roomOf(file), roomOf(target), target))
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

/** What each module gives to the public API. */
const offered = new Map(
  [
    ...readFileSync(join(root, "src/index.ts"), "utf8").matchAll(
      /export (?:type )?\{([^}]*)\} from "\.\/([^"]+)"/g,
    ),
  ].map(([, names, path]) => [`src/${path}`, namesIn(names)]),
);

/** The names before any `as`, of a list of imports or exports. */
function namesIn(list: string): string[] {
  return list
    .split(",")
    .map((name) =>
      name
        .trim()
        .replace(/^type /, "")
        .replace(/ as .*/, ""),
    )
    .filter((name) => name !== "");
}

/** Not from index.ts, which loads all of it: a command loads what it uses, when it is named. */
test("app uses the public API alone, each thing of it from the module that has it", () => {
  const foreign = sources
    .filter((file) => roomOf(file) === "app")
    .flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8");
      const statics = [...text.matchAll(/import (?:type )?\{([^}]*)\} from "(\.[^"]+)"/g)];
      const lazy = [...text.matchAll(/const \{([^}]*)\} = await import\("(\.[^"]+)"\)/g)];
      return [...statics, ...lazy].flatMap(([, names, path]) => {
        const target = relative(root, join(root, dirname(file), path))
          .split(sep)
          .join("/");
        if (["app", "errors", "version"].includes(roomOf(target))) return [];
        const known = offered.get(target) ?? [];
        return namesIn(names)
          .filter((name) => !known.includes(name))
          .map((name) => `${file} takes ${name} of ${target}`);
      });
    });
  expect(offered.size).toBeGreaterThan(20);
  expect(foreign).toEqual([]);
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
    const entries = ["src", "src/app", "src/commands", "src/loop", "src/engine", "src/formats"].flatMap(
      (folder) =>
        readdirSync(join(root, folder))
          .map((name) => `${folder}/${name}`)
          .filter((path) => folder === "src" || statSync(join(root, path)).isDirectory()),
    );
    expect(entries.filter((path) => !shown.includes(path))).toEqual([]);
  });
});
