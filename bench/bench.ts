/**
 * What errata costs on this machine, at the shapes of `shapes.json`, and beside its peers:
 *
 *   npx tsx bench/bench.ts [--shape 135M] [--steps 4] [--peers PYTHON] [--llama-cpp FOLDER --gguf F32.gguf,Q8_0.gguf]
 *
 * Every figure is the median of the steps after the first (`measure.ts`). PYTHON is an interpreter with torch,
 * transformers and trl; FOLDER has node-llama-cpp, and the two files are a model of the shape (bench/peers/README.md).
 * Compare figures that were taken quietly: a busy machine takes more from a peer's spinning threads than from ours.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { digits, errata, llamaCpp, type PeerFigures, peer, percent } from "./figures.ts";
import type { Figures, Work } from "./measure.ts";
import shapes from "./shapes.json" with { type: "json" };

const { values } = parseArgs({
  options: {
    shape: { type: "string" },
    steps: { type: "string", default: "4" },
    peers: { type: "string" },
    "llama-cpp": { type: "string" },
    gguf: { type: "string" },
  },
});
const chosen = values.shape === undefined ? ["135M", "2.5M"] : [values.shape];
const [asFloats, asBytes] = values.gguf?.split(",") ?? [];

const row = (...cells: string[]) =>
  console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(26) : cell.padStart(12))).join(""));

/** What a shape's rows are about, and who they are beside: a peer is asked once, and then answers as before. */
type Row = readonly [label: string, work: Work, beside: Beside | undefined];
type Beside = readonly [name: string, figures: () => PeerFigures];

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function rowsOf(name: keyof typeof shapes): readonly Row[] {
  const { train, sample, step } = shapes[name];
  const python =
    (script: string, ...args: readonly unknown[]) =>
    () =>
      peer(values.peers!, script, ["--shape", name, "--steps", values.steps, ...args.map(String)]);
  const lengths = ["--prompt-tokens", sample.promptTokens, "--new-tokens", sample.newTokens];
  const trained = ["--batch", train.batch, "--length", train.length];
  const generate = once(python("generate.py", "--answers", sample.answers, ...lengths));
  const grpo = once(python("grpo_step.py", "--prompts", step.prompts, "--answers", step.answers, ...lengths));
  const trains = `train ${train.batch} × ${train.length}`;
  const samples = `sample ${sample.answers} × ${sample.newTokens}`;
  const steps = `NFT step ${step.prompts} × ${step.answers} × ${step.newTokens}`;
  const sampled = ["--answers", sample.answers, ...lengths, "--steps", values.steps];
  const llama = (file: string | undefined): Beside | undefined =>
    file === undefined ? undefined : ["llama.cpp", () => llamaCpp(values["llama-cpp"]!, file, sampled)];
  const beside = (of: string, figures: () => PeerFigures): Beside | undefined =>
    values.peers === undefined ? undefined : [of, figures];
  return [
    [trains, "train", beside("torch", python("train_step.py", ...trained))],
    [trains, "train", beside("torch bf16", python("train_step.py", ...trained, "--bf16", 1))],
    [samples, "sample", beside("generate", generate)],
    [samples, "sample", llama(asFloats)],
    [`${samples}, int8`, "sample-int8", beside("generate", generate)],
    [`${samples}, int8`, "sample-int8", llama(asBytes)],
    [steps, "step", beside("TRL GRPO", grpo)],
    [`${steps}, int8`, "step-int8", beside("TRL GRPO", grpo)],
  ];
}

console.log(`${cpus().length} cores, ${cpus()[0].model.trim()}`);
for (const name of chosen as (keyof typeof shapes)[]) {
  console.log(`\n${name}: ${shapes[name].parameters.toLocaleString("en")} parameters`);
  row(
    "",
    "tokens/s",
    "s/step",
    "peak GB",
    ...(values.peers || values.gguf ? ["beside", "tokens/s", "peak GB", "ratio"] : []),
  );
  const ours = new Map<Work, Figures>();
  for (const [label, work, beside] of rowsOf(name)) {
    if (ours.has(work) && beside === undefined) continue;
    const own = ours.get(work) ?? errata(work, name, values.steps);
    ours.set(work, own);
    const cells = [own.tokensPerSecond, own.secondsPerStep, own.peakGb].map(digits);
    if (beside !== undefined) {
      const theirs = beside[1]();
      const ratio = own.tokensPerSecond / theirs.tokensPerSecond;
      cells.push(beside[0], ...[theirs.tokensPerSecond, theirs.peakGb, ratio].map(digits));
    }
    row(label, ...cells);
  }
  for (const { work, parts, gflops, own, share, load } of ours.values()) {
    const [before, after] = own.map(digits);
    const took = Object.entries(parts).map(([part, seconds]) => `, ${part} ${digits(seconds)} s`);
    console.log(
      `${work}: ${digits(gflops)} GFLOP/s of products that it needs, ${percent(share.clock)} of this machine's own ` +
        `(before ${before}, after ${after}), ${percent(share.processor)} by seconds of the processor; ` +
        `load ${load.toFixed(1)}${took.join("")}`,
    );
  }
}
