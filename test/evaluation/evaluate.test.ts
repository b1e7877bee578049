import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluate } from "../../src/commands/evaluation/evaluate.ts";
import type { EvalReport } from "../../src/commands/evaluation/report.ts";
import { createModel } from "../../src/formats/create-model.ts";
import { openModel } from "../../src/formats/open-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import { train } from "../../src/loop/train.ts";
import type { GivenOptions } from "../../src/options/options.ts";
import type { ResultRecord, SolveEval } from "../../src/run/records.ts";
import { runTrain } from "../loop/spawn.ts";
import { temporaryFolder, tinyRun, verifier } from "../loop/tiny.ts";

/** 40 problems with 8 answers each are three chunks. */
const problems = 40;
const k = 8;
let folder: string;
let model: string;
let given: GivenOptions & { readonly model: string; readonly evalDataset: string };
/** What an evaluation that nothing stopped left. */
let whole: EvalReport;

const at = (name: string) => join(folder, name);
const bytes = (place: string, file: string) => readFileSync(join(place, file), "utf8");
const resultsOf = (place: string) =>
  bytes(place, "results.jsonl")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as ResultRecord);

beforeAll(async () => {
  const tiny = await tinyRun(problems);
  ({ folder } = tiny);
  model = tiny.options.model!;
  const rows = Array.from({ length: problems }, (_, i) =>
    JSON.stringify({ problem: `${i}-1=?`, answer: `${i - 1}` }),
  );
  writeFileSync(at("other.jsonl"), `${rows.join("\n")}\n`);
  given = {
    model,
    evalDataset: `${tiny.options.dataset},${at("other.jsonl")}@2`,
    evalNumGenerations: k,
    verifier: verifier("even"),
    maxCompletionLength: 40,
    threads: 1,
  };
  whole = await evaluate({ ...given, outputDir: at("whole") });
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true }));

/** Another model of the same shape. */
async function otherModel(): Promise<string> {
  const path = at("other-model");
  if (!existsSync(path)) {
    const { config } = await openModel(model);
    await createModel(path, config, characterTokenizer([]), 2);
  }
  return path;
}

describe("an evaluation", () => {
  test("keeps every answer to every problem of every data set", () => {
    const results = resultsOf(whole.folder);
    expect(results.map(({ dataset }) => dataset)).toEqual([
      ...Array(problems).fill("problems"),
      ...Array(problems).fill("other"),
    ]);
    expect(results.map(({ answers }) => answers.length)).toEqual([
      ...Array(problems).fill(k),
      ...Array(problems).fill(2),
    ]);
    expect(results[1]).toMatchObject({ problem: "row-2", reference: "3" });
    expect(new Set(results.map(({ key }) => key)).size).toBe(2 * problems);
  });

  test("reports what follows from these answers, by plain counting", () => {
    const results = resultsOf(whole.folder);
    for (const [i, record] of whole.sets.entries()) {
      const own = results.filter(({ dataset }) => dataset === record.dataset);
      const shares = own.map(
        ({ answers }) => answers.filter(({ verdict }) => verdict === "right").length / answers.length,
      );
      const average = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      expect(average).toBeGreaterThan(0);
      expect(average).toBeLessThan(1);
      expect(record.avgAtK.mean).toBeCloseTo(average, 12);
      expect(record.passAtK!.mean).toBeCloseTo(
        shares.filter((share) => share > 0).length / shares.length,
        12,
      );
      const cut = own.flatMap(({ answers }) => answers).filter(({ stop }) => stop === "length").length;
      expect(record).toMatchObject({ k: i === 0 ? k : 2, problems, truncated: cut, verifierErrors: 0 });
      expect(cut).toBeGreaterThan(0);
    }
    const [first, second] = whole.sets.map(({ avgAtK }) => avgAtK.mean);
    expect(whole.mean!.avgAtK.mean).toBeCloseTo((first! + second!) / 2, 12);
    // means over data sets of 8 and of 2 answers would be of neither
    expect(whole.mean).not.toHaveProperty("passAtK");
  });

  test("writes one table, as text and as numbers", () => {
    const text = bytes(whole.folder, "summary.md");
    expect(text).toMatch(
      /\| data set +\| problems \| k \| +avg@k \| +pass@k \| +maj@k \| cut off \| errors \|/,
    );
    expect(text).toMatch(/\| unweighted mean \|/);
    expect(text).toMatch(/pass@1 \| +pass@2 \| +pass@4 \| +pass@8/);
    const widths = text.split("\n").slice(2, 7);
    expect(new Set(widths.map((line) => line.length)).size).toBe(1);
    const numbers = JSON.parse(bytes(whole.folder, "summary.json"));
    expect(numbers.sets[0].avgAtK).toEqual(whole.sets[0]!.avgAtK);
    expect(numbers.sets[0]).not.toHaveProperty("seconds");
  });

  test("of one data set says what training's own evaluation says", async () => {
    const evalDataset = given.evalDataset!.split(",")[0]!;
    const { evals } = await train({
      ...{ model, dataset: evalDataset, evalDataset, outputDir: at("trained"), verifier: given.verifier! },
      ...{ maxCompletionLength: 40, evalNumGenerations: k, maxSteps: 1, learningRate: 1e-6, threads: 1 },
      ...{ promptsPerStep: 4, miniBatchSize: 4, filterGroupsEnable: false },
    });
    const before = evals[0] as SolveEval;
    const { seconds: _, entropy, ...own } = whole.sets[0]!;
    expect(before).toMatchObject(own);
    // a batch of another size may round the last bits otherwise
    expect(before.entropy).toBeCloseTo(entropy!, 6);
  });

  test("killed in the middle goes on with what is missing, to the same bytes", async () => {
    const outputDir = at("killed");
    let chunks = 0;
    const { signal } = await runTrain("eval", { ...given, outputDir }, (line, child) => {
      if (line.kind === "phase" && line.phase === "eval" && ++chunks === 3) child.kill("SIGKILL");
    });
    expect(signal).toBe("SIGKILL");
    const left = resultsOf(outputDir).length;
    expect(left).toBeGreaterThanOrEqual(32);
    expect(left).toBeLessThan(2 * problems);
    // a chunk that was half written: one whole line, and a part of the next
    const lines = bytes(whole.folder, "results.jsonl").split("\n");
    appendFileSync(join(outputDir, "results.jsonl"), `${lines[left]}\n${lines[left + 1]!.slice(0, 40)}`);

    const notes: string[] = [];
    const again = await evaluate(
      { ...given, outputDir },
      { onEvent: (event) => event.kind === "note" && notes.push(event.text) },
    );
    expect(notes.join()).toContain(`${left} of ${2 * problems} problems are there`);
    for (const file of ["results.jsonl", "summary.json", "summary.md", "evaluation.json"])
      expect(bytes(outputDir, file), file).toBe(bytes(whole.folder, file));
    expect(again.sets.map(({ avgAtK }) => avgAtK)).toEqual(whole.sets.map(({ avgAtK }) => avgAtK));
  }, 300_000);

  test("stopped ends after the answers on their way, without a summary; started again it ends the same", async () => {
    const outputDir = at("stopped");
    const stop = new AbortController();
    const stopped = await evaluate(
      { ...given, outputDir },
      {
        signal: stop.signal,
        onEvent: (event) => event.kind === "phase" && event.phase === "eval" && stop.abort(),
      },
    );
    expect(stopped).toMatchObject({ finished: false, sets: [] });
    expect(resultsOf(outputDir)).toHaveLength(16);
    expect(readdirSync(outputDir)).not.toContain("summary.json");
    expect(readdirSync(outputDir)).not.toContain("lock");
    expect((await evaluate({ ...given, outputDir })).finished).toBe(true);
    expect(bytes(outputDir, "results.jsonl")).toBe(bytes(whole.folder, "results.jsonl"));
  });

  test("that is whole already is not asked again", async () => {
    let asked = 0;
    const again = await evaluate(
      { ...given, outputDir: whole.folder },
      { onEvent: (event) => event.kind === "phase" && event.phase === "eval" && asked++ },
    );
    expect(asked).toBe(0);
    const timeless = (sets: readonly SolveEval[]) => sets.map((set) => ({ ...set, seconds: 0 }));
    expect(timeless(again.sets)).toEqual(timeless(whole.sets));
  });

  test("has one folder of its own where none is named, the same each time", async () => {
    const here = process.cwd();
    const place = temporaryFolder();
    const small = { ...given, evalDatasetSize: 2, evalNumGenerations: 1 };
    try {
      process.chdir(place);
      const first = await evaluate(small);
      expect(first.folder).toMatch(/^runs.eval-model-[0-9a-f]{8}$/);
      expect((await evaluate(small)).folder).toBe(first.folder);
      expect((await evaluate({ ...small, seed: 1 })).folder).not.toBe(first.folder);
    } finally {
      process.chdir(here);
      rmSync(place, { recursive: true });
    }
  });
});

describe("an evaluation's folder", () => {
  test("is not taken by another evaluation, and the error says what differs", async () => {
    const changes: readonly (readonly [Partial<typeof given>, RegExp])[] = [
      [{ evalTemperature: 0.5 }, /temperature 0.5 after 1/],
      [{ evalNumGenerations: 4 }, /another set of problems/],
      [{ model: await otherModel() }, /another model/],
      [
        { systemPrompt: "", promptTemplate: "Q: {problem} A:" },
        /prompt_template "Q: \{problem\} A:" after none/,
      ],
    ];
    for (const [change, why] of changes)
      await expect(evaluate({ ...given, ...change, outputDir: whole.folder })).rejects.toThrow(why);
  });

  test("with other files in it is left alone", async () => {
    mkdirSync(at("mine"));
    writeFileSync(at("mine/thesis.txt"), "");
    await expect(evaluate({ ...given, outputDir: at("mine") })).rejects.toThrow(/holds other files/);
    expect(readdirSync(at("mine"))).toEqual(["thesis.txt"]);
  });

  test("whose results were changed is told by line, and nothing is cut off it", async () => {
    const lines = bytes(whole.folder, "results.jsonl").split("\n");
    const damaged: readonly (readonly [string, (line: string) => string, RegExp])[] = [
      ["no-json", () => "{{", /results\.jsonl: expected the answers to one problem.*line 2: /],
      [
        "strange",
        (line) => line.replace('"right"', '"perhaps"').replace('"wrong"', '"perhaps"'),
        /line 2: answers\.\d\.verdict/,
      ],
      [
        "fewer",
        (line) => JSON.stringify({ ...JSON.parse(line), answers: JSON.parse(line).answers.slice(1) }),
        /expected 8 answers to problem 2/,
      ],
      ["another", (line) => line.replace(/"key":"..../, '"key":"0000'), /expected 8 answers to problem 2/],
    ];
    for (const [name, change, why] of damaged) {
      mkdirSync(at(name));
      writeFileSync(at(`${name}/evaluation.json`), bytes(whole.folder, "evaluation.json"));
      const text = lines.with(1, change(lines[1]!)).join("\n");
      writeFileSync(at(`${name}/results.jsonl`), text);
      await expect(evaluate({ ...given, outputDir: at(name) }), name).rejects.toThrow(why);
      expect(bytes(at(name), "results.jsonl")).toBe(text);
    }
    writeFileSync(at("another/evaluation.json"), '{"version":2}');
    await expect(evaluate({ ...given, outputDir: at("another") })).rejects.toThrow(
      /evaluation\.json: expected/,
    );
  });
});

describe("a verifier that fails", () => {
  test("more often than a data set can bear ends it there, and what was not judged is not kept", async () => {
    const failing = evaluate({ ...given, verifier: verifier("throws"), outputDir: at("failing") });
    await expect(failing).rejects.toThrow(/throws\.mjs on problems: expected errors in at most 10 %/);
    const errors = resultsOf(at("failing"))
      .flatMap(({ answers }) => answers)
      .filter(({ verdict }) => verdict === "error");
    expect(errors.length).toBeLessThanOrEqual((problems * k) / 10);
    expect(errors.map(({ because }) => because).join()).not.toContain("not judged");
  });
});

describe("a comparison", () => {
  test("with the model itself finds no difference, and does not claim to be sure of it", async () => {
    const { comparison } = await evaluate({ ...given, outputDir: whole.folder, compareWith: at("killed") });
    for (const { difference, problems: both, other, dataset } of comparison!.sets) {
      expect(both).toBe(problems);
      expect(difference.mean).toBe(0);
      expect(difference.low).toBeLessThan(0);
      expect(difference.high).toBeGreaterThan(0);
      expect(other.mean).toBe(whole.sets.find((set) => set.dataset === dataset)!.avgAtK.mean);
    }
    expect(bytes(whole.folder, "summary.md")).toMatch(/other avg@k \| +difference/);
  });

  test("with another model measures it on the same problems and takes differences problem by problem", async () => {
    const compareWith = await otherModel();
    const outputDir = at("beside");
    const { comparison, sets } = await evaluate({ ...given, outputDir, compareWith });
    const other = resultsOf(join(outputDir, "compare-with-other-model"));
    const own = resultsOf(outputDir);
    expect(other.map(({ key }) => key)).toEqual(own.map(({ key }) => key));
    const share = ({ answers }: ResultRecord) =>
      answers.filter(({ verdict }) => verdict === "right").length / answers.length;
    const differences = own.slice(0, problems).map((result, i) => share(result) - share(other[i]!));
    const average = differences.reduce((sum, each) => sum + each, 0) / problems;
    expect(average).not.toBe(0);
    const squares = differences.reduce((sum, each) => sum + (each - average) ** 2, 1 / k);
    const { difference } = comparison!.sets[0]!;
    expect(difference.mean).toBeCloseTo(average, 12);
    // Student's 97.5 % quantile of 39 degrees of freedom
    expect(difference.high - difference.mean).toBeCloseTo(2.02269 * Math.sqrt(squares / 39 / 40), 4);
    expect(comparison!.mean!.mean).toBeCloseTo(
      (comparison!.sets[0]!.difference.mean + comparison!.sets[1]!.difference.mean) / 2,
      12,
    );
    expect(sets).toHaveLength(2);
    expect(JSON.parse(bytes(outputDir, "summary.json")).comparison).toEqual(comparison);
  });

  test("is of the problems of both, says how many, and is refused where there are none", async () => {
    const warnings: string[] = [];
    const few = at("few.jsonl");
    const lines = readFileSync(given.evalDataset!.split(",")[0]!, "utf8").split("\n");
    writeFileSync(few, `${lines.slice(30, 40).reverse().join("\n")}\n{"problem":"1+1=?","answer":"2"}\n`);
    const { comparison } = await evaluate(
      {
        ...{ ...given, evalDataset: few, outputDir: at("few"), compareWith: whole.folder },
        ...{ evalTemperature: 0.7, promptTemplate: "Q: {problem}" },
      },
      { onEvent: (event) => event.kind === "warning" && warnings.push(event.text) },
    );
    expect(comparison!.sets[0]!.problems).toBe(10);
    expect(comparison).not.toHaveProperty("mean");
    expect(warnings.join("\n")).toMatch(
      /was measured otherwise: temperature 1, here 0\.7; prompt_template none, here "Q: \{problem\}"/,
    );
    expect(warnings.join("\n")).toMatch(/compared on 10 of 11 problems/);

    writeFileSync(few, '{"problem":"2+2=?","answer":"4"}\n');
    const none = evaluate({ ...given, evalDataset: few, outputDir: at("none"), compareWith: whole.folder });
    await expect(none).rejects.toThrow(/none of them among these/);
  });

  test("with a folder that has no answers yet is refused before anything is asked", async () => {
    mkdirSync(at("empty"));
    writeFileSync(at("empty/evaluation.json"), bytes(whole.folder, "evaluation.json"));
    const early = evaluate({ ...given, outputDir: at("early"), compareWith: at("empty") });
    await expect(early).rejects.toThrow(/an evaluation with answers in it/);
    expect(existsSync(at("early"))).toBe(false);
  });
});
