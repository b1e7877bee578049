import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluate } from "../../src/commands/evaluation/evaluate.ts";
import { createModel } from "../../src/formats/create-model.ts";
import { openModel } from "../../src/formats/open-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import type { GivenOptions } from "../../src/options/options.ts";
import { tinyRun, verifier } from "../loop/tiny.ts";

let folder: string;
/** An evaluation of one model, and another model of the same shape. */
let given: GivenOptions & { readonly model: string; readonly evalDataset: string };
let other: string;

const at = (name: string) => join(folder, name);
const summary = (place: string) => JSON.parse(readFileSync(join(place, "summary.json"), "utf8"));

beforeAll(async () => {
  const tiny = await tinyRun(4);
  ({ folder } = tiny);
  given = {
    model: tiny.options.model!,
    evalDataset: tiny.options.dataset!,
    evalNumGenerations: 2,
    maxCompletionLength: 40,
    verifier: verifier("even"),
    threads: 1,
  };
  other = at("other");
  const { config } = await openModel(given.model!);
  await createModel(other, config, characterTokenizer([]), 2);
  await evaluate({ ...given, outputDir: at("whole") });
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe("what compare_with names", () => {
  test("is refused before anything is asked where it is neither a model nor an evaluation", async () => {
    mkdirSync(at("nothing"));
    const wrong: readonly (readonly [string, RegExp])[] = [
      ["nowhere", /compare_with .*nowhere: expected an evaluation's folder, or a model/],
      ["nothing", /nothing.config\.json/],
    ];
    for (const [name, why] of wrong) {
      const early = evaluate({ ...given, outputDir: at("early"), compareWith: at(name) });
      await expect(early, name).rejects.toThrow(why);
      expect(existsSync(at("early"))).toBe(false);
    }
  });

  test("is refused before a server is asked where it is a model that would have to be asked too", async () => {
    const asked = evaluate({ ...given, engine: "http://127.0.0.1:9", compareWith: other });
    await expect(asked).rejects.toThrow(/compare_with: expected an evaluation that is kept/);
  });

  test("is refused before anything is asked where it is an evaluation of other problems", async () => {
    writeFileSync(at("two.jsonl"), '{"problem":"2+2=?","answer":"4"}\n');
    const options = { ...given, evalDataset: at("two.jsonl"), outputDir: at("two") };
    await expect(evaluate({ ...options, compareWith: at("whole") })).rejects.toThrow(
      /4 problems, none of them among these/,
    );
    expect(existsSync(at("two"))).toBe(false);
  });

  test("costs the model's own results nothing where it is not measured to its end", async () => {
    const options = { ...given, outputDir: at("beside"), compareWith: other };
    const stop = new AbortController();
    const stopped = await evaluate(options, {
      signal: stop.signal,
      onEvent: (event) => event.kind === "note" && event.text.startsWith("beside it") && stop.abort(),
    });
    expect(stopped).toMatchObject({ finished: false, sets: [{ problems: 4 }] });
    expect(summary(at("beside"))).toEqual(summary(at("whole")));
    const { comparison } = await evaluate(options);
    expect(comparison!.sets[0]!.problems).toBe(4);
    expect(summary(at("beside")).comparison).toEqual(comparison);
  });

  test("stays in the summary where the command is given again without it, and is told", async () => {
    const options = { ...given, outputDir: at("again") };
    await evaluate({ ...options, compareWith: at("whole") });
    const files = ["summary.json", "summary.md"].map((name) => join(options.outputDir, name));
    const before = files.map((path) => readFileSync(path, "utf8"));
    const notes: string[] = [];
    const { comparison } = await evaluate(options, {
      onEvent: (event) => event.kind === "note" && notes.push(event.text),
    });
    expect(comparison).toMatchObject({ with: at("whole"), sets: [{ problems: 4 }] });
    expect(files.map((path) => readFileSync(path, "utf8"))).toEqual(before);
    expect(notes).toContain(`the comparison with ${at("whole")} is from before`);

    writeFileSync(files[0]!, "{");
    expect(await evaluate(options)).not.toHaveProperty("comparison");
  });

  test("is not the folder that the command is given in, where nothing is named", async () => {
    const here = process.cwd();
    try {
      process.chdir(at("whole"));
      writeFileSync(at("one.jsonl"), '{"problem":"3+3=?","answer":"6"}\n');
      const elsewhere = await evaluate({
        ...given,
        evalDataset: at("one.jsonl"),
        outputDir: at("elsewhere"),
      });
      expect(elsewhere).toMatchObject({ finished: true, sets: [{ problems: 1 }] });
      expect(elsewhere).not.toHaveProperty("comparison");
    } finally {
      process.chdir(here);
    }
  });
});
