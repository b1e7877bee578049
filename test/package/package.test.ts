/**
 * The package as its users have it: packed, installed into an empty project, and used there.
 *
 * Asks npm's registry (or its cache) for the packages that errata depends on; skipped aloud where it is out of reach.
 */
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, type TestContext, test, vi } from "vitest";
import { temporaryFolder } from "../models/files.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const root = fileURLToPath(new URL("../..", import.meta.url));
const project = realpathSync(temporaryFolder());
let tarball = "";
let outOfReach = "";

/** What a person's shell has: nothing of the npm that runs these tests. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|TSX_|VITEST|NODE_OPTIONS)/i.test(name)),
);

function run(program: string, words: readonly string[], cwd = project) {
  const shell = process.platform === "win32";
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, env, shell, encoding: "utf8" });
  return { status, stdout, stderr, all: `${stdout}${stderr}` };
}

const npx = (...words: string[]) => run("npx", ["--no-install", "errata", ...words]);
/** The same without npm, which takes half a second to start. */
const errata = (...words: string[]) => run(join(project, "node_modules", ".bin", "errata"), words);

beforeAll(() => {
  const packed = run(
    "npm",
    ["pack", "--ignore-scripts=false", "--json", "--pack-destination", project],
    root,
  );
  expect(packed.status, packed.all).toBe(0);
  tarball = join(project, readdirSync(project).find((name) => name.endsWith(".tgz"))!);
  writeFileSync(join(project, "package.json"), `{ "private": true }\n`);
  const flags = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
  const installed = run("npm", ["install", ...flags, tarball]);
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(installed.all)) {
    outOfReach = "npm's registry is out of reach";
    console.log(`skipped: the package in an empty project (${outOfReach})`);
  } else expect(installed.status, installed.all).toBe(0);
});

function installedTest(name: string, body: () => void): void {
  test(name, (context: TestContext) => {
    context.skip(outOfReach !== "", outOfReach);
    body();
  });
}

test("holds the build, the pocket model and the examples, and nothing of the repository's", () => {
  const files = run("tar", ["-tzf", tarball])
    .stdout.split("\n")
    .map((name) => name.replace(/^package\//, ""));
  for (const file of [
    "dist/index.js",
    "dist/index.d.ts",
    "models/pocket/model.safetensors",
    "examples/1-sums.yaml",
  ])
    expect(files).toContain(file);
  expect(files.filter((file) => /^(src|test|scripts|node_modules|docs)\//.test(file))).toEqual([]);
});

installedTest("is a command", () => {
  expect(npx("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("train") });
  expect(errata("verify", "1/2", "0.5").status).toBe(0);
});

installedTest(
  "answers, is measured and trained by its own pocket model, and says how to go on as it is typed there",
  () => {
    expect(errata("chat", "--model", "pocket", "3+4=?").stdout).toContain("\\boxed{");
    const measured = errata(
      "eval",
      "--model",
      "pocket",
      "--dataset",
      "pocket",
      "--dataset-size",
      "4",
      "--samples",
      "1",
    );
    expect(measured.status, measured.all).toBe(0);
    const few = ["--max-steps", "1", "--prompts-per-step", "8", "--eval-dataset-size", "8"];
    const config = join("node_modules", "errata", "examples", "1-sums.yaml");
    const trained = npx("train", "--config", config, ...few, "--output-dir", "run");
    expect(trained.status, trained.all).toBe(0);
    expect(trained.stdout).toContain("npx errata chat --model run");
    expect(npx("chat").stderr).toContain("Add --model");
    expect(npx("nonsense").stderr).toContain("npx errata --help");
  },
);

installedTest("is imported and required", () => {
  const said = `console.log(version, typeof train)`;
  const imported = run(process.execPath, [
    "--input-type=module",
    "-e",
    `import { train, version } from "errata"; ${said}`,
  ]);
  expect(imported.stdout, imported.stderr).toBe("0.1.0 function\n");
  const required = run(process.execPath, ["-e", `const { train, version } = require("errata"); ${said}`]);
  expect(required.stdout, required.stderr).toBe("0.1.0 function\n");
});

/** The code blocks of a kind in README, in its order. */
function blocks(kind: string): string[] {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  return [...readme.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\``, "gms"))].map(([, code]) => code!);
}

/** What TypeScript, strict and with the declarations of the package checked too, says of the project's files. */
function typeErrors(files: readonly string[], ...settings: string[]): string {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const strict = ["--strict", "--noEmit", "--exactOptionalPropertyTypes", "--target", "es2023"];
  const types = ["--typeRoots", join(root, "node_modules", "@types"), "--types", "node"];
  return run(process.execPath, [tsc, ...strict, ...types, ...settings, ...files]).all;
}

installedTest(
  "has types for each of TypeScript's ways to find them, and README's blocks and the examples fit them",
  () => {
    const modules = blocks("ts").map((code, i) => {
      writeFileSync(join(project, `readme-${i}.mts`), code);
      return `readme-${i}.mts`;
    });
    expect(modules.length).toBeGreaterThan(0);
    cpSync(join(project, "node_modules", "errata", "examples"), join(project, "examples"), {
      recursive: true,
    });
    writeFileSync(join(project, "examples", "package.json"), `{ "type": "module" }\n`);
    const examples = readdirSync(join(project, "examples")).filter((name) => name.endsWith(".ts"));
    const files = [...modules, ...examples.map((name) => join("examples", name))];
    writeFileSync(
      join(project, "common.cts"),
      `import { Chat, OptionError, type Options, train } from "errata";
     export const chat: Promise<Chat> = Chat.open({ model: "pocket" });
     export const isOption = (e: unknown, o: Options): o is Options => e instanceof OptionError && train !== undefined;\n`,
    );
    for (const kind of ["node16", "nodenext"])
      expect(typeErrors([...files, "common.cts"], "--module", kind), kind).toBe("");
    expect(typeErrors(files, "--module", "esnext", "--moduleResolution", "bundler"), "bundler").toBe("");
  },
);

installedTest("trains by README's library example", () => {
  const [example] = blocks("ts");
  expect(example).toContain("maxSteps: 20,");
  const short = example!.replace(
    "maxSteps: 20,",
    `maxSteps: 1, promptsPerStep: 8, evalDatasetSize: 8, outputDir: "library",`,
  );
  writeFileSync(join(project, "library.mts"), short);
  const tsx = join("node_modules", "tsx", "dist", "cli.mjs");
  const { status, all } = run(process.execPath, [tsx, "library.mts"]);
  expect(status, all).toBe(0);
});

installedTest("judges by an example's verifier, copied into the project", () => {
  const words = ["--model", "pocket", "--dataset", "pocket", "--dataset-size", "4", "--samples", "1"];
  cpSync(join(project, "node_modules", "errata", "examples", "own-verifier.ts"), join(project, "mine.ts"));
  const { status, all } = errata("eval", ...words, "--verifier", "./mine.ts");
  expect(status, all).toBe(0);
});

installedTest("has nothing that publint and arethetypeswrong find", () => {
  const lint = run("npm", ["exec", "--yes", "--", "publint@0.3.25", "--strict", tarball]);
  expect(lint.status, lint.all).toBe(0);
  // moduleResolution node10 knows no `exports`: it is not supported
  const types = run("npm", [
    "exec",
    "--yes",
    "--",
    "@arethetypeswrong/cli@0.18.3",
    tarball,
    "--profile",
    "node16",
  ]);
  expect(types.status, types.all).toBe(0);
});
