/** docs/extending.md, followed to the letter in a copy of the sources: its blocks are written where it says, its commands run. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { Engine, EngineOptions } from "../src/engine/engine.ts";
import { clauses } from "./engine/conformance.ts";
import { temporaryFolder } from "./models/files.ts";
import { golden } from "./shared.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const copy = temporaryFolder();
/** Where one's own files are written. */
const own = join(copy, "mine");

const page = readFileSync(join(root, "docs/extending.md"), "utf8");
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf("\n")), text] as const),
);

interface Block {
  /** The list that its rows belong into; left out, it is a whole file. */
  readonly list: string | undefined;
  readonly path: string;
  readonly text: string;
}

/** A choice of an option, by name. */
const [, choice, option, table] = /`("\w+")`, among the choices of `(\w+)` in `([\w./]+)`/.exec(page)!;

const blocks = [
  ...page.matchAll(/(?:row of `(\w+)` in )?`(?!test)([\w./-]+)`:\n\n *```\w+\n([\s\S]*?)^ *```$/gm),
].map(([, list, path, text]): Block => ({ list, path: path!, text: text! }));

function write({ list, path, text }: Block): void {
  const file = join(path.includes("/") ? copy : own, path);
  if (list === undefined) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return;
  }
  const before = readFileSync(file, "utf8");
  const rows = text.replace(/^import .*\n\n?/gm, "");
  const imports = text.slice(0, text.length - rows.length).trim();
  const begins = new RegExp(`^const ${list}\\b.*= \\{\n`, "m");
  expect(before).toMatch(begins);
  const after = before.replace(begins, (line) => `${line}${rows}`);
  writeFileSync(file, imports === "" ? after : after.replace(/^import /m, () => `${imports}\nimport `));
}

/** Runs the commands of a section one after another; what they print on stdout. */
function run(section: string): string {
  const [...scripts] = sections.get(section)!.matchAll(/^```sh\n([\s\S]*?)^```$/gm);
  const main = join(copy, "dist/app/cli/main.js");
  const script = `set -e; errata() { "${process.execPath}" "${main}" "$@"; }\n${scripts.map(([, lines]) => lines).join("")}`;
  return execFileSync("bash", ["-c", script], { cwd: own, encoding: "utf8" });
}

beforeAll(() => {
  for (const name of ["src", "package.json", "tsconfig.json", "tsconfig.build.json"])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  for (const name of ["node_modules", "data", "models"]) symlinkSync(join(root, name), join(copy, name));
  mkdirSync(own);
  for (const block of blocks) write(block);
  const options = readFileSync(join(copy, table!), "utf8");
  const chosen = options.replace(new RegExp(`(key: "${option}", .*choices: \\[)`), `$1${choice}, `);
  writeFileSync(join(copy, table!), chosen);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: copy, stdio: "inherit" });
}, 120_000);

const built = (file: string) => import(pathToFileURL(join(copy, "dist", file)).href);

test("the page's blocks are all written somewhere", () => {
  const written = blocks.map(({ text }) => text);
  const all = [...page.matchAll(/^ *```(?:ts|json)\n([\s\S]*?)^ *```$/gm)].map(([, text]) => text);
  // the line of the conformance suite goes into a test
  expect(all.filter((text) => !written.includes(text!))).toEqual([
    expect.stringMatching(/^holdsToItsContract\(.*\n$/),
  ]);
});

test("the tests it names are there", () => {
  const named = [...page.matchAll(/(?<=[ `])test\/[\w./-]+(?=[ `)\n])/g)].map(([path]) => path);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(named.length).toBeGreaterThan(10);
});

describe("a reader who follows the page", () => {
  test("has an objective, by its path and by its name", { timeout: 120_000 }, () => {
    const said = run("Add an objective");
    expect(said).toMatch(/^objective: .*reinforce\.ts/m);
    expect(said).toMatch(/^algorithm: reinforce$/m);
  });

  test("has a verifier, by its path and by its name", { timeout: 120_000 }, () => {
    const said = run("Add a verifier");
    expect(said.match(/^right/gm)).toHaveLength(2);
    expect(said).toMatch(/2 of 2/);
  });

  test("has a family of models, which scores as PyTorch does", async () => {
    const like = golden("models/qwen2-tiny");
    const model = join(own, "plain-tiny");
    cpSync(like, model, { recursive: true });
    const config = JSON.parse(readFileSync(join(like, "config.json"), "utf8"));
    const renamed = { ...config, model_type: "plain", architectures: ["PlainForCausalLM"] };
    writeFileSync(join(model, "config.json"), JSON.stringify(renamed));
    const { sequences } = JSON.parse(readFileSync(join(like, "expected.json"), "utf8"));
    const { openEngine } = await built("engine/open-engine.js");
    const engine: Engine = await openEngine({ model, threads: 1 });
    const [{ tokens, logprobs }] = sequences;
    const asked = { prompt: Int32Array.of(tokens[0]), completion: Int32Array.from(tokens.slice(1)) };
    const [{ logps }] = await engine.score([asked], 1);
    await engine.close();
    for (const [t, logp] of logps.entries()) expect(logp).toBeCloseTo(logprobs[t], 4);
  });

  test("has an engine, held to the first clause of its contract", { timeout: 120_000 }, async () => {
    const { openSpokenEngine } = await built("engine/spoken/open-spoken.js");
    const open = (cut: Partial<EngineOptions> = {}): Promise<Engine> =>
      openSpokenEngine({ model: golden("models/llama-tiny"), threads: 1, ...cut });
    await clauses[0].holds(open);
  });
});
