/** What is refused says the option's own name, and the command that reaches what was wanted. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rateNote } from "../../src/commands/doctor/rate-note.ts";
import { fittingProblems } from "../../src/loop/rollouts/filter-prompts.ts";
import { isKept, printOptions } from "../../src/options/print-options.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import { resolveRunOptions } from "../../src/run/run-options.ts";

const least = ["--model", "m", "--dataset", "d.jsonl"];
const train = (...argv: string[]) => resolveOptions("train", { argv: [...least, ...argv] }).options;

test("an answer as long as the model's context is refused by the option's name, with no length below 0", () => {
  const fitted = (completion: number) => () =>
    fittingProblems(
      { name: "pocket", problems: [{ id: "1", prompt: "1 + 1", answer: "2" }] },
      () => ({ text: "1 + 1", tokens: new Int32Array(5) }),
      { prompt: 512, completion, context: 512 },
    );
  for (const completion of [512, 600])
    expect(fitted(completion)).toThrow(
      `max_completion_length: expected less than the model's context of 512 tokens, as the prompt is in it too, got ${completion}.\n  → Lower max_completion_length`,
    );
  expect(fitted(510)).toThrow(/at most 2 tokens .*\n.*Lower max_completion_length/);
  expect(fitted(500)).not.toThrow();
});

test("another learning rate of a resumed run is refused with the command that has it", () => {
  const folder = mkdtempSync(join(tmpdir(), "errata-"));
  mkdirSync(join(folder, "checkpoints"));
  const path = join(folder, "options.yaml");
  writeFileSync(path, `# errata train\n${printOptions("train", train(), isKept)}`);
  const command = [
    "--config",
    path,
    "--model",
    folder,
    "--learning-rate",
    "0.001",
    "--output-dir",
    `${folder}-2`,
  ];
  expect(() => resolveRunOptions("train", { argv: ["--resume", folder, "learning_rate=0.001"] })).toThrow(
    `Leave it out to go on with that run, or begin a new one from what it has learnt: errata train ${command.join(" ")}`,
  );
  expect(resolveRunOptions("train", { argv: command }).options).toEqual({
    ...train("learning_rate=0.001"),
    model: folder,
    outputDir: `${folder}-2`,
  });
});

test("a temperature that cannot be computed is refused with what is taken", () => {
  expect(() => train("temperature=1e-300")).toThrow(/a number from 0.000001 to 100/);
  expect(() => resolveOptions("chat", { argv: ["model=m", "temperature=1e-300"] })).toThrow(
    /0, or a number from 0.000001 to 100/,
  );
  expect(resolveOptions("chat", { argv: ["model=m", "temperature=0"] }).options.temperature).toBe(0);
});

test("a share held out and a data set of its own are not both taken", () => {
  expect(train("test_size=0.2").evalFraction).toBe(0.2);
  expect(() => train("eval_fraction=0.2", "eval_dataset=e.jsonl")).toThrow(/Leave one of the two out/);
});

test("a missing option is told in a few words, with all others that are missing", () => {
  expect(() => resolveOptions("train", { argv: [] })).toThrow(
    "errata train: expected a model: an id of the hub, a folder, a .gguf file or a run, got nothing.\n  → Add --model …\n" +
      "errata train: expected a data set to learn from",
  );
  expect(() => resolveOptions("train", { given: {} })).toThrow(/a data set to learn from.*\n.*Add dataset/);
});

test("the default learning rate of a small model is noted, and no other", () => {
  expect(rateNote(train(), 135_000_000)).toMatch(/^learning_rate is 0.000001, .* 1e-5 to 1e-4 is usual/);
  expect(rateNote(train(), 7_000_000_000)).toBeUndefined();
  expect(rateNote(train("learning_rate=2e-5"), 135_000_000)).toBeUndefined();
});

test("screening_generations needs the filter", () => {
  expect(() => train("--screening-generations", "4", "filter_groups.enable=false")).toThrow(
    "nothing, as filter_groups.enable is off",
  );
  expect(train("--screening-generations", "4").screeningGenerations).toBe(4);
});

test("selection_exploration is of a selection: it brings one, and is refused beside a shuffled order", () => {
  expect(train("--selection-exploration", "0.3").problemSelection).toBe("solve_rate");
  expect(train().problemSelection).toBe("shuffled");
  expect(() => train("--selection-exploration", "0.3", "problem_selection=shuffled")).toThrow(
    /nothing, as problem_selection/,
  );
});
