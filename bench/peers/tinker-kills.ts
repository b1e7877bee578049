/**
 * A run on a real Tinker server that learns at every step, killed at random moments, and its server too:
 *
 *   npx tsx bench/peers/tinker-kills.ts --url URL --model FOLDER --steps 20 --kills 20
 *   npx tsx bench/peers/tinker-kills.ts --url URL --model FOLDER --steps 20 --server-kills 5 --server-group FILE --server-start COMMAND
 *
 *   npx tsx bench/peers/tinker-kills.ts --url URL --model FOLDER --steps 8 --sleeps 2 --asleep 60
 *
 * An undisturbed run is made first, with `--again` twice. What a killed one leaves, its last adapters and its rollouts but
 * for the last digit of sampled log-probs, must be that to the byte. The sources must stay as they are meanwhile: its processes run what is built of them. FILE holds the id of the server's process group, and COMMAND starts it again on its database and writes FILE.
 * A run that sleeps is stopped for so many seconds, longer than the server's `--session-timeout-sec`, and goes on.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fetchAdapters } from "../../src/engine/remote/adapter-archive.ts";
import { readRemoteHandle } from "../../src/engine/remote/handle.ts";
import { serverAt } from "../../src/loop/session/open-policy.ts";
import type { GivenOptions } from "../../src/options/options.ts";
import { compile, compiled } from "../../test/compile.ts";
import { type Line, runTrain } from "../../test/loop/spawn.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:8000" },
    model: { type: "string", default: "" },
    steps: { type: "string", default: "20" },
    kills: { type: "string", default: "0" },
    again: { type: "boolean", default: false },
    sleeps: { type: "string", default: "0" },
    asleep: { type: "string", default: "60" },
    "server-kills": { type: "string", default: "0" },
    "server-group": { type: "string", default: "" },
    "server-start": { type: "string", default: "" },
  },
});
const { url, model } = values;
const steps = Number(values.steps);
const scratch = mkdtempSync(join(tmpdir(), "errata-kills-"));

/** Half of what a random model writes is right: every step has groups solved in part. */
const verifier = join(scratch, "parity.mjs");
writeFileSync(
  verifier,
  `export default (_, text) => {
    const sum = [...text].reduce((sum, letter) => sum + letter.codePointAt(0), 0);
    return sum % 2 === 0 ? { kind: "right", extracted: "even" } : { kind: "wrong", because: "odd", extracted: "odd" };
  };`,
);
const dataset = join(scratch, "problems.jsonl");
const rows = Array.from({ length: 24 }, (_, i) => JSON.stringify({ problem: `${i}+1=?`, answer: "even" }));
writeFileSync(dataset, rows.join("\n"));
const options: GivenOptions = {
  ...{ model, dataset, verifier, engine: url, engineModel: model, loraRank: 4, learningRate: 1e-4 },
  ...{ promptsPerStep: 2, miniBatchSize: 1, numGenerations: 8, maxCompletionLength: 8, threads: 1 },
  ...{ maxSteps: steps, saveSteps: 1 },
};

/** The adapters' bytes, and the rollouts. */
async function left(run: string): Promise<readonly [string, string]> {
  const last = readdirSync(join(run, "checkpoints")).sort().at(-1)!;
  const into = mkdtempSync(join(scratch, "adapters-"));
  const handle = await readRemoteHandle(join(run, "checkpoints", last));
  await fetchAdapters(handle, serverAt(url), 2 ** 30, into);
  const files = [join(into, "adapter_model.safetensors"), join(run, "rollouts.jsonl")] as const;
  return [readFileSync(files[0], "base64"), readFileSync(files[1], "utf8")];
}

compile();
const builtAt = () => statSync(compiled("tsconfig.tsbuildinfo")).mtimeMs;
const built = builtAt();

let failed = 0;
async function hold(run: string): Promise<void> {
  if (builtAt() !== built) throw new Error("the sources were built anew: these are runs of different ones");
  const [[adapters, rollouts], [theirAdapters, theirRollouts]] = [await left(whole), await left(run)];
  const say = (isHeld: boolean, what: string) => {
    if (!isHeld) failed++;
    console.log(`${isHeld ? "ok  " : "FAIL"} ${what}`);
  };
  say(adapters === theirAdapters, "adapters to the byte");
  if (rollouts === theirRollouts) return say(true, "rollouts to the byte");
  const [ours, theirs] = [linesOf(rollouts), linesOf(theirRollouts)];
  const at = ours.findIndex((line, i) => line.rest !== theirs[i]?.rest);
  say(at < 0 && ours.length === theirs.length, "rollouts to the byte, but for sampled log-probs");
  if (at >= 0) console.log(`     line ${at + 1}:\n${ours[at]!.rest}\n${theirs[at]?.rest}`);
  const pairs = ours.flatMap(({ logps }, i) => logps.map((logp, t) => [logp, theirs[i]!.logps[t]!] as const));
  const different = pairs.filter(([one, other]) => one !== other);
  const worst = Math.max(
    ...different.map(([one, other]) => Math.abs(one - other) / Math.max(1, Math.abs(one))),
  );
  say(
    worst <= LAST_DIGIT,
    `${different.length} of ${pairs.length} sampled log-probs differ, by ${worst.toExponential(1)} of themselves (at most ${LAST_DIGIT})`,
  );
}

/**
 * SkyRL's last bits depend on what it puts into one batch: two undisturbed runs differ so too. What is learnt from is
 * scored apart. Rollouts are written with six digits.
 */
const LAST_DIGIT = 1.1e-5;

const linesOf = (rollouts: string) =>
  rollouts
    .trim()
    .split("\n")
    .map((line) => {
      const { logps, ...rest } = JSON.parse(line) as { readonly logps: readonly number[] };
      return { logps, rest: JSON.stringify(rest) };
    });

const stepsIn = (lines: readonly Line[]) => lines.filter(({ kind }) => kind === "step").length;

const whole = join(scratch, "whole");
const { lines, stderr } = await runTrain("train", { ...options, outputDir: whole });
const end = lines.at(-1);
if (end?.kind !== "result") throw new Error(`the undisturbed run failed: ${JSON.stringify(end)} ${stderr}`);
const updates = readFileSync(join(whole, "steps.jsonl"), "utf8").trim().split("\n");
const learnt = updates.filter((line) => (JSON.parse(line).metrics["actor/updates"] ?? 0) > 0).length;
console.log(`undisturbed: ${stepsIn(lines)} steps, of which ${learnt} learnt; ${JSON.stringify(end)}`);

if (values.again) {
  const run = join(scratch, "again");
  await runTrain("train", { ...options, outputDir: run });
  console.log("undisturbed again");
  await hold(run);
}

const wanted = Number(values.kills);
if (wanted > 0) {
  const run = join(scratch, "killed");
  const when: string[] = [];
  for (let isOver = false; !isOver; ) {
    // at times before a step ends, at times after one or two
    let until = Math.floor(((2 * lines.length) / steps) * Math.random());
    let last = "the start";
    let step = 0;
    const given = { ...options, outputDir: run, resumeFromCheckpoint: "auto" };
    const { signal, stderr } = await runTrain("train", given, (line, child) => {
      last = line.kind;
      if (line.kind === "step") step = line.step;
      if (when.length < wanted && until-- === 0)
        setTimeout(() => child.kill("SIGKILL"), 1500 * Math.random());
    });
    if (signal === "SIGKILL") when.push(`${last} of step ${step}`);
    else isOver = true;
    if (isOver && stderr !== "") console.log(stderr);
  }
  console.log(`${when.length} kills of the run, after ${when.join(", ")}`);
  await hold(run);
}

/** Lines of the run, each in a stretch of its own, so that a checkpoint lies between two. */
function spread(times: number): number[] {
  return Array.from({ length: times }, (_, i) =>
    Math.floor(((i + 0.2 + 0.6 * Math.random()) * lines.length) / times),
  );
}

const serverKills = Number(values["server-kills"]);
if (serverKills > 0) {
  const run = join(scratch, "server-killed");
  const moments = spread(serverKills);
  let [seen, killed] = [0, 0];
  const ended = await runTrain("train", { ...options, outputDir: run }, (line) => {
    if (line.kind === "warning") console.log(`     ${line.text}`);
    if (!moments.includes(seen++)) return;
    setTimeout(() => {
      killed++;
      process.kill(-Number(readFileSync(values["server-group"], "utf8")), "SIGKILL");
      execFileSync("bash", ["-c", values["server-start"]], { stdio: "ignore" });
    }, 1500 * Math.random());
  });
  console.log(`${killed} kills of the server; ${JSON.stringify(ended.lines.at(-1))}`);
  await hold(run);
}
const sleeps = Number(values.sleeps);
if (sleeps > 0) {
  const run = join(scratch, "asleep");
  const moments = spread(sleeps);
  let seen = 0;
  const ended = await runTrain("train", { ...options, outputDir: run }, (line, child) => {
    if (line.kind === "warning") console.log(`     ${line.text}`);
    if (!moments.includes(seen++)) return;
    child.kill("SIGSTOP");
    setTimeout(() => child.kill("SIGCONT"), 1000 * Number(values.asleep));
  });
  console.log(`${sleeps} sleeps of ${values.asleep} s; ${JSON.stringify(ended.lines.at(-1))}`);
  await hold(run);
}
rmSync(scratch, { recursive: true });
process.exitCode = failed === 0 ? 0 : 1;
