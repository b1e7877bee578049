/**
 * The loop's own part of a run at the paper's size: everything but the model, which is answered for from a file.
 *
 *   npx tsx bench/loop-at-scale.ts MODEL [--problems 1536] [--tokens 3584] [--steps 1] [--verifier dapo-boxed]
 *
 * MODEL lends its tokenizer. The engine of this script takes prepared answers as fast as it can, works an update out
 * to a weight per token and encodes its passes, as the client of a server has to, and learns nothing. Seconds are of the processor: of all
 * threads and, from Node 23.9 on, of the main one. With `node --cpu-prof --import tsx …` a profile is left beside it.
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Completion, Engine, EngineFacts, Prompt, Sequence } from "../src/engine/engine.ts";
import { traceObjective } from "../src/engine/objective-program.ts";
import { uniform } from "../src/engine/random.ts";
import { datumOf } from "../src/engine/remote/pass.ts";
import { encodePass } from "../src/engine/remote/proto-wire.ts";
import { surrogateOf } from "../src/engine/surrogate.ts";
import type { Tokenizer } from "../src/formats/tokenizer/tokenizer.ts";
import { SelfChecks } from "../src/loop/session/self-checks.ts";
import { openTraining, type TrainSession } from "../src/loop/session/train-session.ts";
import { runTraining } from "../src/loop/train.ts";
import { resolveOptions } from "../src/options/resolve-options.ts";
import type { Phase } from "../src/run/events.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    problems: { type: "string", default: "1536" },
    tokens: { type: "string", default: "3584" },
    steps: { type: "string", default: "1" },
    verifier: { type: "string", default: "dapo-boxed" },
  },
});
const [model] = positionals as [string];
const [round, length] = [Number(values.problems), Number(values.tokens)];
/** Problems of DAPO-Math-17k. */
const PROBLEMS = 17_398;
/** Different answers in the file, before each gets the end that its problem asks for. */
const BODIES = 256;
const SEED = 1;

/** Answers as a file has them: token ids and log-probs, one after another. */
interface Bodies {
  readonly tokens: Int32Array;
  readonly logps: Float32Array;
}

const said = [
  "We are given that $x^2 + y^2 = 25$ and $xy = 12$, so $(x+y)^2 = 25 + 24 = 49$ and $x + y = \\pm 7$.",
  "Wait, let me check this again: the number of ways is $\\binom{10}{3} = 120$, not $\\frac{10!}{3!}$.",
  "So the remainder modulo 7 repeats with period 6, and only the cases $n \\equiv 2, 5 \\pmod 6$ are left.\n\n",
  "Let $O$ be the centre of the circle; by symmetry $\\angle AOB = 2\\angle ACB = 80^\\circ$.",
  "Substituting back, we get $\\boxed{17}$ as a candidate, but that violates the condition that $k$ is even.",
  "Therefore the sum telescopes: $\\sum_{i=1}^{n} \\frac{1}{i(i+1)} = 1 - \\frac{1}{n+1}$.\n",
];

function writeBodies(path: string, tokenizer: Tokenizer): void {
  const pieces = said.map((text) => tokenizer.encode(` ${text}`));
  const tokens = new Int32Array(BODIES * length);
  const logps = new Float32Array(BODIES * length);
  for (let body = 0; body < BODIES; body++) {
    let at = 0;
    while (at < length) {
      const piece = pieces[Math.floor(uniform(SEED, 0, body, at, 0) * pieces.length)]!;
      tokens.set(piece.subarray(0, length - at), body * length + at);
      at += piece.length;
    }
    for (let t = 0; t < length; t++)
      logps[body * length + t] = Math.log(1 - 0.9 * uniform(SEED, 1, body, t, 0));
  }
  writeFileSync(path, Buffer.concat([Buffer.from(tokens.buffer), Buffer.from(logps.buffer)]));
}

function readBodies(path: string): Bodies {
  const { buffer, byteOffset } = readFileSync(path);
  const count = BODIES * length;
  return {
    tokens: new Int32Array(buffer, byteOffset, count),
    logps: new Float32Array(buffer, byteOffset + 4 * count, count),
  };
}

function engineFrom({ tokens, logps }: Bodies, tokenizer: Tokenizer, session: TrainSession): Engine {
  const facts: EngineFacts = { ...session.engine.facts, deterministic: true, logpTolerance: 1e-3 };
  const end = facts.eosIds[0]!;
  /** Log-probs by the tokens that they are of. */
  const known = new WeakMap<Int32Array, Float32Array>();
  const tails = new Map<number, Int32Array>();
  const tailOf = (answer: number): Int32Array => {
    const tail = tails.get(answer) ?? tokenizer.encode(` The answer is \\boxed{${answer}}.`);
    tails.set(answer, tail);
    return tail;
  };
  const complete = ({ key }: Prompt, answer: number): Completion => {
    const at = Math.floor(uniform(SEED, 2, key, answer, 0) * BODIES) * length;
    const solved = uniform(SEED, 3, key, 0, 0) ** 2;
    const right = uniform(SEED, 4, key, answer, 0) < solved;
    const reference = referenceOf(session.order.choose(1, key, 1)[0]!.index);
    const tail = tailOf(right ? reference : reference + 1);
    const own = tokens.slice(at, at + length);
    own.set(tail, length - 1 - tail.length);
    own[length - 1] = end;
    const completion = { tokens: own, logps: logps.slice(at, at + length), stop: "eos" as const };
    known.set(own, completion.logps);
    return completion;
  };
  return {
    facts,
    updates: 0,
    async sample(prompts, { answers }, watch) {
      const groups: Completion[][] = [];
      for (const [place, prompt] of prompts.entries()) {
        const group = Array.from({ length: answers }, (_, answer) => complete(prompt, answer));
        groups.push(group);
        watch?.onGroup?.(place, group);
        watch?.onProgress?.(groups.length * answers, prompts.length * answers);
        // a server's answers come one by one
        await new Promise((resolve) => setImmediate(resolve));
      }
      return groups;
    },
    async score(sequences) {
      await watch.during("wire", async () => send(sequences));
      return sequences.map(({ completion }) => ({ logps: known.get(completion)!.slice() }));
    },
    async update(examples, objective, step) {
      const scores = examples.map(({ logpsOld }) => ({ logps: logpsOld }));
      const { report } = await surrogateOf(
        examples,
        scores,
        traceObjective(objective),
        step.lossScale,
        undefined,
      );
      // a forward pass for its log-probs, and one for the gradient
      await watch.during("wire", async () => [send(examples), send(examples)]);
      (this as { updates: number }).updates = step.number;
      const { loss, tokens: learnt, metrics } = report;
      return { loss, gradNorm: 1, tokens: learnt, metrics, microBatches: 1, seconds: {} };
    },
    async save(folder) {
      writeFileSync(join(folder, "handle.json"), "{}");
    },
    async load() {},
    async close() {},
  };
}

/** Sequences in one request to a server. */
const REQUEST = 64;
let sentBytes = 0;

/** What the client of a server encodes for a pass over these. */
function send(sequences: readonly Sequence[]): void {
  for (let at = 0; at < sequences.length; at += REQUEST) {
    const data = sequences
      .slice(at, at + REQUEST)
      .map((one) => datumOf(one, { weights: new Float32Array(one.completion.length) }));
    const pass = {
      modelId: "model",
      seqId: 1,
      loss: "importance_sampling",
      forwardOnly: false,
      data,
    } as const;
    sentBytes += encodePass(pass).length;
  }
}

const referenceOf = (problem: number): number => (problem * 7919) % 997;

/** Seconds of the processor, by part: `all` threads and, where Node tells, the `main` one. */
class Watch {
  readonly parts = new Map<string, { all: number; main: number; clock: number }>();
  #part = "other";
  #all = process.cpuUsage();
  #main = threadUsage();
  #clock = performance.now();

  begin(part: string): string {
    const before = this.#part;
    const [all, main, clock] = [process.cpuUsage(), threadUsage(), performance.now()];
    const sum = this.parts.get(before) ?? { all: 0, main: 0, clock: 0 };
    sum.all += (all.user + all.system - this.#all.user - this.#all.system) / 1e6;
    sum.main += (main - this.#main) / 1e6;
    sum.clock += (clock - this.#clock) / 1000;
    this.parts.set(before, sum);
    [this.#part, this.#all, this.#main, this.#clock] = [part, all, main, clock];
    return before;
  }

  async during<T>(part: string, work: () => Promise<T>): Promise<T> {
    const before = this.begin(part);
    try {
      return await work();
    } finally {
      this.begin(before);
    }
  }
}

/** Microseconds of this thread; NaN before Node 23.9. */
function threadUsage(): number {
  const { threadCpuUsage } = process as { threadCpuUsage?: () => { user: number; system: number } };
  const usage = threadCpuUsage?.call(process);
  return usage === undefined ? Number.NaN : usage.user + usage.system;
}

/** The session with its parts timed. */
function timed(session: TrainSession, watch: Watch): TrainSession {
  const { tell, run } = session;
  const append = run.append.bind(run);
  Object.assign(run, {
    append: (...given: Parameters<typeof append>) =>
      watch.during(`disk: ${given[0]}`, () => append(...given)),
  });
  const phases = (phase: Phase, step: number, work: Parameters<typeof tell.timed>[2]) =>
    watch.during(phase, () => tell.timed(phase, step, work));
  return {
    ...session,
    tell: Object.assign((event: Parameters<typeof tell>[0]) => tell(event), tell, { timed: phases }),
  };
}

const folder = mkdtempSync(join(tmpdir(), "errata-scale-"));
const dataset = join(folder, "problems.jsonl");
const asked =
  "Find the number of ordered pairs of integers that satisfy every one of the conditions above. ".repeat(5);
writeFileSync(
  dataset,
  Array.from({ length: PROBLEMS }, (_, i) =>
    JSON.stringify({ problem: `Problem ${i}. ${asked}`, answer: String(referenceOf(i)) }),
  ).join("\n"),
);
const { options } = resolveOptions("train", {
  argv: [
    ...["--preset", "nft-7b", "--model", model, "--dataset", dataset, "--output-dir", join(folder, "run")],
    ...[`gen_batch_size=${round}`, `prompts_per_step=${round / 3}`, `mini_batch_size=${round / 48}`],
    ...[`max_completion_length=${length}`, `verifier=${values.verifier}`, `max_steps=${values.steps}`],
  ],
});

const watch = new Watch();
const opened = await openTraining(options, {
  onEvent(event) {
    if (event.kind === "step")
      console.log(`step ${event.step}: ${JSON.stringify(event.record.metrics, null, 1)}`);
    if (event.kind === "warning" || event.kind === "check") console.log(event.text);
  },
});
const file = join(folder, "answers.bin");
writeBodies(file, opened.tokenizer);
const engine = engineFrom(readBodies(file), opened.tokenizer, opened);
const openedBytes = process.memoryUsage().rss;
const session = timed({ ...opened, engine, checks: new SelfChecks(engine, opened.tell) }, watch);
watch.begin("between");
try {
  await runTraining(session);
} finally {
  await opened.close();
}
watch.begin("end");

console.log(`\n${round} problems × 16 answers × ${length} tokens, ${values.steps} steps, ${process.version}`);
for (const [part, { all, main, clock }] of watch.parts)
  console.log(
    `${part.padEnd(18)} ${all.toFixed(2).padStart(9)} s of all threads ${main.toFixed(2).padStart(9)} s of the main one ${clock.toFixed(2).padStart(9)} s on the clock`,
  );
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
console.log(
  `memory: ${gigabytes(process.resourceUsage().maxRSS * 1024)} at most, ${gigabytes(openedBytes)} before the first step`,
);
console.log(`sent: ${gigabytes(sentBytes)}`);
console.log(`rollouts.jsonl: ${gigabytes(statSync(join(folder, "run", "rollouts.jsonl")).size)}`);
rmSync(folder, { recursive: true });
