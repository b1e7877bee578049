import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadProblems } from "../../src/loop/problems/load.ts";
import { loading } from "../../src/loop/session/datasets.ts";
import { evalSources } from "../../src/options/eval-sources.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import { describeShared } from "../shared.ts";

const optionsOf = (...argv: string[]) => resolveOptions("eval", { argv: ["--model", "m", ...argv] }).options;
const sourcesOf = (...argv: string[]) => evalSources(optionsOf(...argv));
const names = (...argv: string[]) => sourcesOf(...argv).map(({ source }) => source);

function folder(...files: string[]): string {
  const path = mkdtempSync(join(tmpdir(), "errata-"));
  for (const file of files) writeFileSync(join(path, file), '{"problem":"1+1=?","answer":"2"}\n');
  return path;
}

describe("several data sets", () => {
  test("are named by words after one flag, by a flag for each, between commas and in YAML alike", () => {
    const expected = ["a.jsonl", "b.jsonl", "c.jsonl"];
    expect(names("--dataset", "a.jsonl", "b.jsonl", "c.jsonl", "--seed", "1")).toEqual(expected);
    expect(names("--dataset", "a.jsonl", "b.jsonl", "seed=1", "eval_dataset=c.jsonl")).toEqual(expected);
    expect(names("--eval-dataset", "a.jsonl,b.jsonl", "--val-files", "c.jsonl")).toEqual(expected);
    expect(names("--eval_dataset=a.jsonl, b.jsonl,c.jsonl")).toEqual(expected);
    const config = join(folder(), "eval.yaml");
    writeFileSync(config, "eval_dataset:\n  - a.jsonl\n  - b.jsonl\n  - c.jsonl\n");
    expect(names("--config", config)).toEqual(expected);
    // what is typed goes before the file, as everywhere
    expect(names("--config", config, "dataset=d.jsonl")).toEqual(["d.jsonl"]);
  });

  test("have the answers of --samples to each problem, unless a name asks for its own", () => {
    expect(sourcesOf("--dataset", "a.jsonl@32", "b.jsonl", "--samples", "4")).toEqual([
      { source: "a.jsonl", k: 32 },
      { source: "b.jsonl", k: 4 },
    ]);
  });

  test("may have names with commas and @ in them where such a file is there", () => {
    const path = folder("a,b.jsonl", "c@2");
    expect(names("--dataset", join(path, "a,b.jsonl"))).toEqual([join(path, "a,b.jsonl")]);
    expect(sourcesOf("--dataset", join(path, "c@2"))).toEqual([{ source: join(path, "c@2"), k: 1 }]);
  });

  test("are refused where one is named twice, or asks for no answers or too many", () => {
    expect(() => sourcesOf("--dataset", "a.jsonl", "a.jsonl@4")).toThrow(
      /each data set once, got a\.jsonl twice/,
    );
    for (const k of ["0", "5000", "99999999999999999999"])
      expect(() => sourcesOf(`dataset=a.jsonl@${k}`)).toThrow(/1 to 4096 answers/);
  });

  test("are for eval: a run measures itself on one", () => {
    const train = (...argv: string[]) =>
      resolveOptions("train", { argv: ["--model", "m", "--dataset", "d", ...argv] });
    expect(() => train("--eval-dataset", "a.jsonl", "b.jsonl")).toThrow(
      /expected one data set, got a\.jsonl,b/,
    );
    expect(train("--eval-dataset", "a.jsonl").options.evalDataset).toBe("a.jsonl");
    const config = join(folder(), "train.yaml");
    writeFileSync(config, "dataset: [a, b]\n");
    expect(() => train("--config", config)).toThrow(/dataset/);
  });
});

describe("a folder of data sets", () => {
  test("gives a name its file, whatever its ending", () => {
    const path = folder("easy.jsonl", "hard.json", "easy-2.jsonl");
    expect(sourcesOf("--dataset-dir", path, "--dataset", "easy", "hard@8", "easy-2.jsonl")).toEqual([
      { source: join(path, "easy.jsonl"), k: 1 },
      { source: join(path, "hard.json"), k: 8 },
      { source: join(path, "easy-2.jsonl"), k: 1 },
    ]);
  });

  test("says what is missing, and what is there more than once", () => {
    const path = folder("easy.jsonl", "easy.csv");
    expect(() => names("--dataset-dir", path, "--dataset", "hard")).toThrow(
      /one file hard of any ending, got none/,
    );
    expect(() => names("--dataset-dir", path, "--dataset", "easy")).toThrow(/got easy\.csv, easy\.jsonl/);
    expect(() => names("--dataset-dir", join(path, "no"), "--dataset", "a")).toThrow(
      /no such file or folder/,
    );
    mkdirSync(join(path, "easy"));
    expect(names("--dataset-dir", path, "--dataset", "easy")).toEqual([join(path, "easy")]);
  });
});

describeShared("data", "the paper's benchmark", (data) => {
  const options = optionsOf("--preset", "paper", "--dataset-dir", data);

  test("is six sets with the paper's numbers of answers, all of which load", async () => {
    const sets = await Promise.all(
      evalSources(options).map(async ({ source, k }) => {
        const { name, problems } = await loadProblems(source, loading(options, "test"));
        return { name, k, problems: problems.length };
      }),
    );
    // as many problems as the paper's sets have
    expect(sets).toEqual([
      { name: "aime24", k: 32, problems: 30 },
      { name: "aime25", k: 32, problems: 30 },
      { name: "amc23", k: 32, problems: 40 },
      { name: "math500", k: 1, problems: 500 },
      { name: "olympiadbench", k: 1, problems: 675 },
      { name: "minerva", k: 1, problems: 272 },
    ]);
  });

  test("samples as the paper did, and gives way to what else is set", () => {
    expect(options).toMatchObject({ evalTemperature: 1, evalTopP: 0.7, maxCompletionLength: 3584 });
    const own = optionsOf("preset=paper", "dataset_dir=x", "dataset=aime24@4", "temperature=0.6");
    expect(own).toMatchObject({ evalDataset: "aime24@4", evalTemperature: 0.6, evalTopP: 0.7 });
  });
});
