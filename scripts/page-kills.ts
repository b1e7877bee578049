/**
 * Kills the page's server beside a run that trains, and compares the run with one that nobody watched.
 *
 *   npm run build && npx tsx scripts/page-kills.ts [KILLS [STEPS]]
 *
 * Each server is asked for the page, the run and the stream of new lines, and is killed with SIGKILL up to half a second
 * later. Every file of the two runs is compared; see `test/loop/left-by.ts`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { leftBy } from "../test/loop/left-by.ts";

const [kills = 50, steps = 60] = process.argv.slice(2).map(Number);
const root = fileURLToPath(new URL("..", import.meta.url));
const errata = join(root, "dist/app/cli/main.js");
const folder = mkdtempSync(join(tmpdir(), "errata-kills-"));

function train(name: string): ChildProcess {
  const words = [
    ...["train", "--config", join(root, "examples/1-sums.yaml"), "--max-steps", String(steps)],
    ...["--prompts-per-step", "8", "--eval-dataset-size", "32", "--output-dir", join(folder, name), "--json"],
  ];
  return spawn(process.execPath, [errata, ...words], { stdio: ["ignore", "ignore", "inherit"] });
}

/** Starts a server, reads from it as a page does, and kills it. */
async function watchAndKill(run: string): Promise<void> {
  const server = spawn(process.execPath, [errata, "watch", run, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { link } = JSON.parse(String((await once(server.stdout, "data"))[0])) as { link: string };
  const page = await fetch(link, { redirect: "manual" });
  const cookie = page.headers.get("set-cookie")?.split(";")[0] ?? "";
  const asked = ["/api/runs", "/api/stream"].map((path) =>
    fetch(new URL(path, link), { headers: { cookie } }).then((answer) => answer.text()),
  );
  await after(Math.floor(500 * Math.random()));
  server.kill("SIGKILL");
  await Promise.allSettled([once(server, "exit"), ...asked]);
}

try {
  const began = performance.now();
  const [failed] = await once(train("alone"), "exit");
  if (failed !== 0) throw new Error(`the run alone ended with code ${failed}`);
  const alone = performance.now() - began;
  const watched = train("watched");
  const ended = once(watched, "exit");
  let killed = 0;
  const run = join(folder, "watched");
  while (!existsSync(join(run, "steps.jsonl"))) await after(100);
  while (killed < kills && watched.exitCode === null) {
    await watchAndKill(run);
    killed++;
  }
  await ended;
  const equal = isDeepStrictEqual(leftBy(run), leftBy(join(folder, "alone")));
  console.log(
    `${killed} servers killed; ${equal ? "every file is that of a run nobody watched" : "FILES DIFFER"}`,
  );
  console.log(`a run of ${steps} steps alone: ${(alone / 1000).toFixed(1)} s`);
  process.exitCode = equal && killed === kills ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
