/**
 * Runs that are killed with SIGKILL at random moments and resumed, until they leave what an undisturbed one left.
 *
 *   npx tsx scripts/kill-trials.ts [kills of each kind]
 *
 * Four kinds: train, train of adapters, sft and eval, of a tiny model. Every third kill waits for a checkpoint to
 * be written, the others for any event; each then waits some milliseconds more, so that it falls anywhere in what
 * the event began. Every file of the folder is compared; see `test/loop/left-by.ts`.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { GivenOptions } from "../src/options/options.ts";
import { leftBy } from "../test/loop/left-by.ts";
import { type Line, runTrain } from "../test/loop/spawn.ts";
import { type TinyOptions, tinyRun } from "../test/loop/tiny.ts";

type Command = "train" | "sft" | "eval";

interface Kind {
  readonly name: string;
  readonly command: Command;
  readonly options: (options: TinyOptions) => GivenOptions;
}

const held = ({ dataset }: TinyOptions) => ({ evalDataset: dataset, evalNumGenerations: 2 });
const kinds: readonly Kind[] = [
  { name: "train", command: "train", options: (options) => ({ ...options, ...held(options) }) },
  {
    name: "train, adapters",
    command: "train",
    options: (options) => ({ ...options, ...held(options), loraRank: 4, learningRate: 1e-2 }),
  },
  {
    name: "sft",
    command: "sft",
    options: ({ model, dataset, threads }) => ({
      ...{ model, dataset, evalDataset: dataset, threads: threads! },
      ...{ miniBatchSize: 4, saveSteps: 2, evalSteps: 3, maxSteps: 9 },
    }),
  },
  {
    name: "eval",
    command: "eval",
    options: ({ model, dataset, verifier, threads }) => ({
      ...{ model, evalDataset: dataset, verifier: verifier!, threads: threads! },
      ...{ evalNumGenerations: 64, maxCompletionLength: 48 },
    }),
  },
];

/** Random numbers from 0 to n - 1. */
const below = (n: number): number => Math.floor(n * Math.random());

/** Starts a run and kills it at a random moment. @returns whether it was killed before its end */
async function startAndKill(command: Command, options: GivenOptions, events: number): Promise<boolean> {
  const isSave = below(3) === 0;
  let left = isSave ? below(3) : below(events);
  let timer: NodeJS.Timeout | undefined;
  const { signal, lines } = await runTrain(command, options, (line: Line, child) => {
    if (isSave && !(line.kind === "phase" && line.phase === "save")) return;
    if (left-- === 0) timer = setTimeout(() => child.kill("SIGKILL"), below(isSave ? 60 : 30));
  });
  clearTimeout(timer);
  const last = lines.at(-1);
  if (last?.kind === "error") throw new Error(last.message);
  return signal === "SIGKILL";
}

async function trials({ name, command, options: optionsOf }: Kind, wanted: number): Promise<boolean> {
  const { folder, options } = await tinyRun(24);
  const given = optionsOf(options);
  const whole = join(folder, "whole");
  const { lines } = await runTrain(command, { ...given, outputDir: whole });
  const expected = leftBy(whole);
  let [kills, runs, equal] = [0, 0, 0];
  while (kills < wanted) {
    const outputDir = join(folder, `killed-${runs++}`);
    const resumed = command === "eval" ? {} : { resumeFromCheckpoint: "auto" };
    while (await startAndKill(command, { ...given, outputDir, ...resumed }, lines.length)) kills++;
    const left = leftBy(outputDir);
    if (isDeepStrictEqual(left, expected)) equal++;
    else {
      const paths = new Set([...Object.keys(left), ...Object.keys(expected)]);
      const differ = [...paths].filter((path) => !isDeepStrictEqual(left[path], expected[path]));
      console.log(`${name}: ${outputDir} differs in ${differ.join(", ")}`);
    }
  }
  console.log(`${name}: ${kills} kills of ${runs} runs, ${equal} equal to the undisturbed one`);
  if (equal === runs) rmSync(folder, { recursive: true });
  return equal === runs;
}

const wanted = Number(process.argv[2] ?? 25);
for (const kind of kinds) if (!(await trials(kind, wanted))) process.exitCode = 1;
