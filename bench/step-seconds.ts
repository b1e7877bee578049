/**
 * A run's steps with processor seconds (user and system, all threads) in place of seconds on the clock, which another
 * program running beside it would lengthen: what test/fixtures/steps was recorded by.
 *
 *   npx tsx bench/step-seconds.ts FOLDER key=value …      options of train
 *
 * FOLDER gets options.yaml, steps.jsonl and evals.jsonl; the run itself is made beside them and removed.
 */
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { train } from "../src/index.ts";
import { resolveOptions } from "../src/options/resolve-options.ts";

const [folder, ...argv] = process.argv.slice(2) as [string, ...string[]];
const run = join(folder, "run");
mkdirSync(folder, { recursive: true });
const { options } = resolveOptions("train", { argv: [...argv, `output_dir=${run}`] });

const seconds = new Map<string, number>();
let phase = "open";
let since = process.cpuUsage();
function begin(next: string): void {
  const { user, system } = process.cpuUsage(since);
  seconds.set(phase, (seconds.get(phase) ?? 0) + (user + system) / 1e6);
  since = process.cpuUsage();
  phase = next;
}

const append = (file: string, record: object) =>
  appendFileSync(join(folder, file), `${JSON.stringify(record)}\n`);
const phases = ["gen", "verify", "old_log_prob", "update_actor"];

await train(options, {
  onEvent(event) {
    if (event.kind === "phase") begin(event.phase);
    if (event.kind === "eval") {
      begin("");
      append("evals.jsonl", { ...event.record, seconds: seconds.get("eval") });
      seconds.clear();
    }
    if (event.kind === "step") {
      begin("");
      const timings = phases.map((name) => [`timing_s/${name}`, seconds.get(name) ?? 0] as const);
      const step = timings.reduce((sum, [, value]) => sum + value, 0);
      const metrics = { ...event.record.metrics, ...Object.fromEntries(timings), "timing_s/step": step };
      append("steps.jsonl", { ...event.record, metrics });
      seconds.clear();
    }
  },
});
const kept = readFileSync(join(run, "options.yaml"), "utf8").split("\n");
writeFileSync(
  join(folder, "options.yaml"),
  kept.filter((line) => !/^(output_dir|model|eval_dataset_dir):.*\//.test(line)).join("\n"),
);
rmSync(run, { recursive: true });
