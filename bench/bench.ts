/**
 * What errata costs on this machine, at the shapes of `shapes.json`, and beside its peers:
 *
 *   npx tsx bench/bench.ts [--shape 135M] [--steps 4] [--peers PYTHON]
 *
 * Every figure is the median of the steps after the first (`measure.ts`). PYTHON is an interpreter with torch,
 * transformers and trl (bench/peers/README.md). Compare figures that were taken quietly: a busy machine takes more
 * from a peer's spinning threads than from ours.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { digits, errata, peer, percent } from "./figures.ts";
import type { Figures, Work } from "./measure.ts";
import shapes from "./shapes.json" with { type: "json" };

const { values } = parseArgs({
  options: { shape: { type: "string" }, steps: { type: "string", default: "4" }, peers: { type: "string" } },
});
const chosen = values.shape === undefined ? ["135M", "2.5M"] : [values.shape];

const row = (...cells: string[]) =>
  console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(26) : cell.padStart(14))).join(""));

function measure(
  work: Work,
  shape: string,
  label: string,
  script: string,
  args: readonly unknown[],
): Figures {
  const ours = errata(work, shape, values.steps);
  const cells = [ours.tokensPerSecond, ours.secondsPerStep, ours.peakGb].map(digits);
  if (values.peers !== undefined) {
    const given = ["--shape", shape, "--steps", values.steps, ...args.map(String)];
    const theirs = peer(values.peers, script, given);
    const ratio = ours.tokensPerSecond / theirs.tokensPerSecond;
    cells.push(...[theirs.tokensPerSecond, theirs.peakGb, ratio].map(digits));
  }
  row(label, ...cells);
  return ours;
}

console.log(`${cpus().length} cores, ${cpus()[0].model.trim()}`);
for (const name of chosen) {
  const { parameters, train, sample, step } = shapes[name as keyof typeof shapes];
  console.log(`\n${name}: ${parameters.toLocaleString("en")} parameters`);
  row("", "tokens/s", "s/step", "peak GB", ...(values.peers ? ["peer's tok/s", "peer's GB", "ratio"] : []));
  const lengths = ["--prompt-tokens", sample.promptTokens, "--new-tokens", sample.newTokens];
  const all = [
    measure("train", name, `train ${train.batch} × ${train.length}`, "train_step.py", [
      ...["--batch", train.batch, "--length", train.length],
    ]),
    measure("sample", name, `sample ${sample.answers} × ${sample.newTokens}`, "generate.py", [
      ...["--answers", sample.answers, ...lengths],
    ]),
    measure("step", name, `NFT step ${step.prompts} × ${step.answers} × ${step.newTokens}`, "grpo_step.py", [
      ...["--prompts", step.prompts, "--answers", step.answers, ...lengths],
    ]),
  ];
  for (const { work, parts, gflops, own, share, load } of all) {
    const [before, after] = own.map(digits);
    const took = Object.entries(parts).map(([part, seconds]) => `, ${part} ${digits(seconds)} s`);
    console.log(
      `${work}: ${digits(gflops)} GFLOP/s of products that it needs, ${percent(share.clock)} of this machine's own ` +
        `(before ${before}, after ${after}), ${percent(share.processor)} by seconds of the processor; ` +
        `load ${load.toFixed(1)}${took.join("")}`,
    );
  }
}
