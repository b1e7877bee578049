/** `npm run errata`: paths begin where the person stands, and a signal reaches the training. */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { checkpointsOf } from "../../src/run/run-folder.ts";
import { temporaryFolder } from "../models/files.ts";

vi.setConfig({ testTimeout: 120_000 });

const root = fileURLToPath(new URL("../..", import.meta.url));
const settings =
  "--model pocket --dataset pocket --prompts-per-step 8 --max-completion-length 48 --threads 1";

/** npm, running the script; `said` resolves once its output has the text, `closed` once nobody can write to it. */
function npmRun(folder: string, ...words: string[]) {
  const { npm_execpath: npm, ...env } = process.env;
  const args = ["--prefix", root, "run", "errata", "--", ...words];
  const program = npm?.endsWith(".js") ? [process.execPath, npm] : ["npm"];
  const child = spawn(program[0]!, [...program.slice(1), ...args], {
    cwd: folder,
    env: { ...env, INIT_CWD: undefined, npm_lifecycle_event: undefined },
    shell: process.platform === "win32" && program.length === 1,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data));
  const closed = new Promise<string>((resolve) => child.on("close", () => resolve(output)));
  const said = (text: string) =>
    vi.waitFor(() => expect(output).toContain(text), { timeout: 60_000, interval: 50 });
  return { child, closed, said };
}

test("relative paths are looked for where it was typed", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "here"));
  const output = await npmRun(join(folder, "here"), "train", "--model", "./mine", "--dataset", "pocket")
    .closed;
  expect(output).toContain(join("here", "mine"));
});

test.skipIf(process.platform === "win32")(
  "a signal to npm alone ends the training, which saves",
  async () => {
    const folder = temporaryFolder();
    const { child, closed, said } = npmRun(folder, "train", ...settings.split(" "), "--output-dir", "run");
    await said("\nstep ");
    child.kill("SIGTERM");
    const output = await closed;
    expect(output).toMatch(/go on +npm --prefix \S+ run errata -- train --resume/);
    const steps = output.match(/^step /gm)!.length;
    expect(checkpointsOf(join(folder, "run")).at(-1)!.step).toBe(steps);
    expect(steps).toBeLessThan(100);
  },
);
