/**
 * What errata costs on this machine, at the two shapes of `shapes.json`, and beside its peers:
 *
 *   npx tsx bench/bench.ts [--shape 135M] [--steps 4] [--peers PYTHON]
 *
 * Every figure is the median of the steps after the first. The machine's own speed, a 1024 × 1024 matrix
 * product, is measured before and after each training step, because machines are shared and drift.
 * PYTHON is an interpreter with torch, transformers and trl (bench/peers/README.md).
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import shapes from "./shapes.json" with { type: "json" };

interface Figures {
  readonly tokensPerSecond: number;
  readonly secondsPerStep: number;
  readonly peakGb: number;
  readonly gflops?: number;
  readonly phases?: Record<string, number>;
}

const { values } = parseArgs({
  options: { shape: { type: "string" }, steps: { type: "string", default: "4" }, peers: { type: "string" } },
});
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const run = (command: string, args: string[]): Figures => {
  const printed = execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(printed.trim().split("\n").at(-1)!);
};
const errata = (work: string, shape: string) =>
  run(process.execPath, ["--import", "tsx", here("measure.ts"), work, shape, values.steps]);
const peer = (script: string, shape: string, args: string[]) =>
  run(values.peers!, [
    here(`peers/${script}`),
    ...["--config", here("shapes.json"), "--shape", shape, "--steps", values.steps, ...args],
  ]);

const row = (...cells: (string | number)[]) =>
  console.log(
    cells.map((cell, i) => (i === 0 ? String(cell).padEnd(26) : String(cell).padStart(14))).join(""),
  );
const digits = (value: number) => String(Number(value.toPrecision(3)));

function line(label: string, ours: Figures, theirs: Figures | undefined) {
  row(
    label,
    digits(ours.tokensPerSecond),
    digits(ours.secondsPerStep),
    digits(ours.peakGb),
    ...(theirs
      ? [
          digits(theirs.tokensPerSecond),
          digits(theirs.peakGb),
          digits(ours.tokensPerSecond / theirs.tokensPerSecond),
        ]
      : []),
  );
}

for (const [name, shape] of Object.entries(shapes)) {
  if (values.shape !== undefined && values.shape !== name) continue;
  const { train, sample, step } = shape;
  console.log(`\n${name}: ${shape.parameters.toLocaleString("en")} parameters`);
  row("", "tokens/s", "s/step", "peak GB", ...(values.peers ? ["peer's tok/s", "peer's GB", "ratio"] : []));

  const before = errata("gemm", name).gflops!;
  const training = errata("train", name);
  const after = errata("gemm", name).gflops!;
  const trainPeer = values.peers
    ? peer("train_step.py", name, ["--batch", String(train.batch), "--length", String(train.length)])
    : undefined;
  line(`train ${train.batch} × ${train.length}`, training, trainPeer);

  const samplePeer = values.peers
    ? peer("generate.py", name, [
        ...["--answers", String(sample.answers), "--prompt-tokens", String(sample.promptTokens)],
        ...["--new-tokens", String(sample.newTokens)],
      ])
    : undefined;
  line(`sample ${sample.answers} × ${sample.newTokens}`, errata("sample", name), samplePeer);

  const stepPeer = values.peers
    ? peer("grpo_step.py", name, [
        ...["--prompts", String(step.prompts), "--answers", String(step.answers)],
        ...["--prompt-tokens", String(step.promptTokens), "--new-tokens", String(step.newTokens)],
      ])
    : undefined;
  line(`NFT step ${step.prompts} × ${step.answers} × ${step.newTokens}`, errata("step", name), stepPeer);

  const phases = Object.entries(training.phases!).map(([phase, seconds]) => `${phase} ${digits(seconds)} s`);
  console.log(`training: ${phases.join(", ")}`);
  const own = (before + after) / 2;
  console.log(
    `training arithmetic: ${digits(training.gflops!)} GFLOP/s, ${Math.round((100 * training.gflops!) / own)} % of this machine's own ` +
      `${digits(own)} (before ${digits(before)}, after ${digits(after)})`,
  );
}
