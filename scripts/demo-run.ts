/**
 * Makes data/demo-run, the recorded run that `errata watch --demo` opens:
 *
 *   npx tsx scripts/demo-run.ts          some minutes on 2 cores
 *
 * The first example with fewer problems a step, measured and paused once when somebody asked, and stopped after step 30.
 * Its verifier is mistaken on purpose, so that there are verdicts to doubt: one right answer in fifty is called wrong.
 * It is trimmed to what the page reads: no checkpoints and no progress, of rollouts the text alone (token records have
 * their tokens), no reasons of right verdicts, four digits of entropies.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ask, train } from "../src/index.ts";

const demo = fileURLToPath(new URL("../data/demo-run", import.meta.url));
const files = ["options.yaml"].concat(
  ["steps", "rollouts", "tokens", "evals", "answers", "events"].map((name) => `${name}.jsonl`),
);

const made = mkdtempSync(join(tmpdir(), "errata-demo-"));
const run = "runs/demo";
const model = fileURLToPath(new URL("../models/pocket", import.meta.url));
mkdirSync(join(made, "models"));
cpSync(model, join(made, "models/pocket"), { recursive: true });
process.chdir(made);
await train(
  {
    ...{ model: "models/pocket", dataset: "pocket", evalDataset: "pocket", evalDatasetSize: 128 },
    ...{ promptsPerStep: 8, numGenerations: 8, miniBatchSize: 4, maxCompletionLength: 64 },
    ...{ learningRate: 1.5e-4, lrSchedulerType: "linear", warmupSteps: 2 },
    ...{ maxSteps: 40, evalSteps: 5, saveSteps: 20, outputDir: run, verifierNoiseFalseReject: 0.02 },
  },
  {
    onEvent: (event) => {
      if (event.kind === "step") console.log(event.step, event.record.metrics["train/acc_all"]);
      if (event.kind === "phase" && event.phase === "old_log_prob" && event.step === 12) ask(run, "evaluate");
      if (event.kind === "phase" && event.phase === "old_log_prob" && event.step === 23) ask(run, "pause");
      if (event.kind === "paused") ask(run, "continue");
      if (event.kind === "phase" && event.phase === "old_log_prob" && event.step === 30) ask(run, "stop");
    },
  },
);

rmSync(demo, { recursive: true, force: true });
mkdirSync(demo, { recursive: true });
const bytes = files.map((file) => {
  const text = readFileSync(join(run, file), "utf8");
  writeFileSync(join(demo, file), file.endsWith(".jsonl") ? trimmed(text) : text);
  return statSync(join(demo, file)).size;
});
rmSync(made, { recursive: true });
console.log(`data/demo-run: ${(bytes.reduce((sum, size) => sum + size, 0) / 1e6).toFixed(2)} MB`);

/** A line's record less what the page does not read; token records are kept whole. */
function trimmed(text: string): string {
  const lines = text.trim().split("\n");
  const records = lines.map((line) => JSON.parse(line) as Line).filter(({ kind }) => kind !== "progress");
  return records
    .map((record) => `${JSON.stringify(isRollout(record) ? answer(record) : held(record))}\n`)
    .join("");
}

type Line = Readonly<Record<string, unknown>>;

function isRollout({ kept }: Line): boolean {
  return kept !== undefined;
}

/** Of evaluations: the same of each of its answers. */
function held(record: Line): Line {
  return record.place === undefined ? record : { ...record, answers: (record.answers as Line[]).map(answer) };
}

function answer({ logps: _, tokens, because, entropy, ...rest }: Line): Line {
  return {
    ...rest,
    ...(typeof tokens === "number" && { tokens }),
    ...(rest.verdict !== "right" && { because }),
    ...(typeof entropy === "number" && { entropy: Number(entropy.toFixed(4)) }),
  };
}
