/**
 * What the second edition is run on, made once in a folder:
 *
 *   a task  →  problems/<task>-{train,held-out,validation}.jsonl, bases/<task>
 *
 * A base that is seldom right is taught for a short time by worked solutions; the validation problems, on which
 * learning rates are chosen, are in no table.
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../../src/files/atomic-write.ts";
import { generators, type Problem, sft, type TrainOptions } from "../../src/index.ts";
import { ladder } from "./ladder.ts";
import { puzzles } from "./puzzle.ts";
import type { Task } from "./second-arms.ts";

/** Options of a task that its problems and its base give. */
export interface Prepared {
  readonly train: readonly string[];
  /** In place of the held-out problems. */
  readonly validation: readonly string[];
}

interface Source {
  readonly problems: (count: number, seed: number, split: "train" | "test") => Problem[];
  readonly base: Partial<TrainOptions> & { readonly model: string };
  /** By worked solutions, where the model as it is is seldom right. */
  readonly teach?: { readonly count: number; readonly steps: number };
  /** Of its runs, beside the regime. */
  readonly settings: readonly string[];
}

export const HELD_OUT = 128;
const TRAIN = 4096;
const SYSTEM_PROMPT = "Work it out, then put the answer in \\boxed{}.";

export const sources: Readonly<Record<Task, Source>> = {
  ladder: {
    problems: ladder,
    base: { model: "pocket" },
    settings: [],
  },
  puzzle: {
    problems: puzzles,
    base: { model: "pocket", learningRate: 1e-3, miniBatchSize: 32, warmupSteps: 10, threads: 1 },
    teach: { count: 8192, steps: 250 },
    settings: ["verifier=countdown"],
  },
  words: {
    problems: (count, seed, split) => generators.words!({ count, seed, split }),
    base: {
      ...{
        model: "HuggingFaceTB/SmolLM2-135M-Instruct",
        learningRate: 1e-4,
        miniBatchSize: 16,
        warmupSteps: 4,
      },
      ...{ lrSchedulerType: "constant", systemPrompt: SYSTEM_PROMPT },
    },
    teach: { count: 96, steps: 6 },
    settings: [
      ...["num_generations=16", "screening_generations=4", "mini_batch_size=4", "max_completion_length=40"],
      ...["lora_rank=16", "learning_rate=3e-4", "max_steps=40", "eval_steps=20", "eval_num_generations=8"],
      `system_prompt=${SYSTEM_PROMPT}`,
    ],
  },
};

/**
 * @param model  the model to teach, in place of the task's own
 * @param quick  teach it a tenth as long, to see that all of it works
 */
export async function prepare(
  task: Task,
  into: string,
  { model, quick }: { readonly model?: string | undefined; readonly quick: boolean },
): Promise<Prepared> {
  const { problems, base, teach, settings } = sources[task];
  mkdirSync(join(into, "problems"), { recursive: true });
  const path = (name: string) => join(into, "problems", `${task}-${name}.jsonl`);
  const held = problems(2 * HELD_OUT, 43, "test");
  const sets = {
    train: problems(TRAIN, 42, "train"),
    "held-out": held.slice(0, HELD_OUT),
    validation: held.slice(HELD_OUT),
    ...(teach === undefined ? {} : { teach: problems(teach.count, 7, "train") }),
  };
  for (const [name, set] of Object.entries(sets))
    if (!existsSync(path(name)))
      await writeWhole(path(name), (handle) => handle.writeFile(set.map(line).join("")));
  const own = { ...base, ...(model === undefined ? {} : { model }) };
  const folder = join(into, "bases", task);
  if (teach !== undefined)
    await sft({
      ...own,
      ...{
        dataset: path("teach"),
        maxSteps: quick ? Math.ceil(teach.steps / 10) : teach.steps,
        saveSteps: 1000,
      },
      ...{ outputDir: folder, resumeFromCheckpoint: "auto" },
    });
  const shared = [
    `model=${teach === undefined ? own.model : folder}`,
    `dataset=${path("train")}`,
    ...settings,
  ];
  return {
    train: [...shared, `eval_dataset=${path("held-out")}`],
    validation: [...shared, `eval_dataset=${path("validation")}`],
  };
}

function line({ id, prompt, answer, solution, extra }: Problem): string {
  return `${JSON.stringify({ id, problem: prompt, answer, solution, ...extra })}\n`;
}
