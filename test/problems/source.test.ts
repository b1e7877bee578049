import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadProblems } from "../../src/loop/problems/load.ts";
import { type Hub, startHub } from "../hub/hub-server.ts";
import { parquet } from "./parquet-file.ts";

const all = { generatedSize: 32, split: "train", seed: 1, need: "answer" } as const;

/** A file of one problem, named for where it is. */
const one = (problem: string) => `${JSON.stringify({ problem, answer: "1" })}\n`;

function folder(files: readonly string[], card?: string): string {
  const root = join(mkdtempSync(join(tmpdir(), "errata-")), "set");
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), one(file));
  }
  if (card !== undefined) writeFileSync(join(root, "README.md"), card);
  return root;
}

async function asked(source: string, split: "train" | "test" = "train"): Promise<unknown[]> {
  return (await loadProblems(source, { ...all, split })).problems.map(({ prompt }) => prompt);
}

describe("a folder", () => {
  test("has its splits in the names of files and folders", async () => {
    const root = folder(["train-00000-of-00002.jsonl", "train-00001-of-00002.jsonl", "test.jsonl"]);
    expect(await asked(root)).toEqual(["train-00000-of-00002.jsonl", "train-00001-of-00002.jsonl"]);
    expect(await asked(root, "test")).toEqual(["test.jsonl"]);
    expect(await asked(`${root}:test`)).toEqual(["test.jsonl"]);
    const inner = folder(["data/train/a.jsonl", "data/validation/a.jsonl"]);
    expect(await asked(inner)).toEqual(["data/train/a.jsonl"]);
    // without a test split, held-out problems are the validation split
    expect(await asked(inner, "test")).toEqual(["data/validation/a.jsonl"]);
  });

  test("with several configurations asks which", async () => {
    const root = folder(["main/train.jsonl", "socratic/train.jsonl", "main/test.jsonl"]);
    await expect(asked(root)).rejects.toMatchObject({
      got: "main/test, main/train, socratic/train",
      next: `Name one of these after a colon: ${root}:main/train.`,
    });
    expect(await asked(`${root}:socratic/train`)).toEqual(["socratic/train.jsonl"]);
    expect(await asked(root, "test")).toEqual(["main/test.jsonl"]);
  });

  test("holds neither installed packages nor hidden folders", async () => {
    const root = folder(["a.jsonl", "node_modules/x/data/train.jsonl", ".cache/train.jsonl", "in/b.jsonl"]);
    await expect(asked(`${root}:in/train`)).resolves.toEqual(["in/b.jsonl"]);
    await expect(asked(`${root}:gold`)).rejects.toMatchObject({ got: "train, in/train" });
    const whole = folder(["a.jsonl", "node_modules/x/data/train.jsonl", ".venv/lib/train.jsonl"]);
    expect(await asked(whole)).toEqual(["a.jsonl"]);
  });

  test("or a file is found as shells and Node write its path", async () => {
    const root = folder(["a b.jsonl"]);
    const path = join(root, "a b.jsonl");
    expect(await asked(pathToFileURL(path).href)).toEqual(["a b.jsonl"]);
    expect(await asked(`~/${relative(homedir(), path)}`)).toEqual(["a b.jsonl"]);
    expect(await asked(`~/${relative(homedir(), root)}:train`)).toEqual(["a b.jsonl"]);
    await expect(asked("file:///no/such.jsonl")).rejects.toMatchObject({ where: "/no/such.jsonl" });
  });

  test("that names no split is one, to train on", async () => {
    const root = folder(["a.jsonl", "b.jsonl"]);
    expect(await asked(root)).toEqual(["a.jsonl", "b.jsonl"]);
    expect(await asked(root, "test")).toEqual(["a.jsonl", "b.jsonl"]);
    expect(await asked(`${root}:train`)).toEqual(["a.jsonl", "b.jsonl"]);
    await expect(asked(`${root}:gold`)).rejects.toMatchObject({
      expected: "a split gold",
      got: "train",
      next: `Name one of these after a colon: ${root}:train.`,
    });
  });

  test("of several sets without splits names each as it may be typed", async () => {
    const root = folder(["math/a.jsonl", "code/deep er/b.jsonl"]);
    await expect(asked(root)).rejects.toMatchObject({
      expected: "one configuration",
      got: "code/deep er/train, math/train",
      next: `Name one of these after a colon: ${root}:code/deep er/train.`,
    });
    expect(await asked(`${root}:code/deep er/train`)).toEqual(["code/deep er/b.jsonl"]);
    expect(await asked(`${root}:math/train`)).toEqual(["math/a.jsonl"]);
    await expect(asked(`${root}:art/train`)).rejects.toMatchObject({ expected: "a split art/train" });
  });

  test("has its own splits apart from those of its folders", async () => {
    const root = folder(["en/train.jsonl", "train.jsonl"]);
    await expect(asked(root)).rejects.toMatchObject({
      expected: "one configuration",
      got: "en/train, train",
    });
    expect(await asked(`${root}:train`)).toEqual(["train.jsonl"]);
    expect(await asked(`${root}:en/train`)).toEqual(["en/train.jsonl"]);
  });

  test("is read as its card lists it", async () => {
    const card = `---\nconfigs:\n- config_name: main\n  data_files:\n  - split: train\n    path: [x/*.jsonl]\n  - split: gold\n    path: y.jsonl\n---\n# Card\n`;
    const root = folder(["x/1.jsonl", "x/2.jsonl", "y.jsonl", "train.jsonl"], card);
    expect(await asked(root)).toEqual(["x/1.jsonl", "x/2.jsonl"]);
    expect(await asked(`${root}:gold`)).toEqual(["y.jsonl"]);
  });

  test("is read by its card's default configuration where none is asked for", async () => {
    const config = (name: string, more = "") =>
      `- config_name: ${name}\n${more}  data_files: [{ split: train, path: ${name}.jsonl }]\n`;
    const files = ["all.jsonl", "default.jsonl", "extended.jsonl"];
    const named = `---\nconfigs:\n${config("all")}${config("default")}${config("extended")}---\n`;
    for (const part of ["", ":train", ":default/train"])
      expect(await asked(`${folder(files, named)}${part}`), part).toEqual(["default.jsonl"]);
    expect(await asked(`${folder(files, named)}:all/train`)).toEqual(["all.jsonl"]);
    const said = `---\nconfigs:\n${config("all", "  default: true\n")}${config("extended")}---\n`;
    for (const part of ["", ":train", ":all/train"])
      expect(await asked(`${folder(files, said)}${part}`), part).toEqual(["all.jsonl"]);
  });

  test("with a card that is no YAML, or full of stars, is read by its names", async () => {
    const stars = `---\nconfigs: [{data_files: [{split: train, path: "${"*a".repeat(50_000)}"}]}]\n---\n`;
    for (const card of ["---\nconfigs: [\n---\n", stars])
      expect(await asked(folder(["train.jsonl"], card))).toEqual(["train.jsonl"]);
  });

  test("with a part of its numbered files says so", async () => {
    const root = folder(["train-00000-of-00003.jsonl", "train-00002-of-00003.jsonl"]);
    await expect(asked(root)).rejects.toMatchObject({
      expected: "3 files train-…, as their names say",
      got: "2",
    });
  });

  test("counts numbered files for each of their names", async () => {
    const card = `---\nconfigs: [{ data_files: [{ split: train, path: "**" }] }]\n---\n`;
    const files = ["algebra/train-00000-of-00001.jsonl", "geometry/train-00000-of-00001.jsonl"];
    expect(await asked(folder(files, card))).toEqual(files);
    await expect(asked(folder([...files, "sets/train-00001-of-00002.jsonl"], card))).rejects.toMatchObject({
      expected: "2 files sets/train-…, as their names say",
      got: "1",
    });
    const twice = ["train-00000-of-00001.jsonl", "train-00000-of-00002.jsonl", "train-00001-of-00002.jsonl"];
    await expect(asked(folder(twice, card))).rejects.toMatchObject({
      got: "3",
      next: "Remove those of another time.",
    });
  });
});

describe("a data set of the hub", () => {
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const before = { ...process.env };
  let hub: Hub;
  beforeAll(async () => {
    hub = await startHub();
    process.env.HF_HOME = mkdtempSync(join(tmpdir(), "errata-"));
    process.env.HF_ENDPOINT = hub.endpoint;
    for (const name of ["HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN"]) delete process.env[name];
    const rows = (question: string) =>
      Buffer.from(
        parquet([
          { name: "question", data: [question], type: "STRING" },
          { name: "answer", data: ["It is\n#### 4"], type: "STRING" },
        ]),
      );
    hub.serve({
      kind: "datasets",
      repo: "maker/gsm",
      commit,
      files: {
        "README.md": Buffer.from("# no list"),
        "main/train-00000-of-00001.parquet": rows("train"),
        "main/test-00000-of-00001.parquet": rows("test"),
        "dataset_infos.json": Buffer.from("{}"),
      },
    });
  });
  afterAll(async () => {
    process.env = before;
    await hub.close();
  });

  test("is fetched by its id and split, and only that split", async () => {
    const data = await loadProblems("maker/gsm", all);
    expect(data.name).toBe("gsm");
    expect(data.problems).toEqual([{ id: "row-1", prompt: "train", answer: "4", solution: "It is\n#### 4" }]);
    expect(hub.asked.some(({ path }) => path.includes("test-00000"))).toBe(false);
    expect(await asked("maker/gsm:main/test")).toEqual(["test"]);
    expect(await asked("hf:maker/gsm@main:test")).toEqual(["test"]);
    expect(await asked("hf:maker/gsm", "test")).toEqual(["test"]);
  });

  test("is read from the cache where the hub is not asked", async () => {
    await asked("maker/gsm:train");
    process.env.HF_HUB_OFFLINE = "1";
    hub.asked.length = 0;
    expect(await asked("maker/gsm:train")).toEqual(["train"]);
    expect(hub.asked).toEqual([]);
    delete process.env.HF_HUB_OFFLINE;
  });

  test("without the split that is asked says which there are", async () => {
    await expect(asked("maker/gsm:gold")).rejects.toMatchObject({
      expected: "a split gold",
      got: "main/test, main/train",
    });
    await expect(asked("hf:maker/gsm@main:gold")).rejects.toMatchObject({
      next: "Name one of these after a colon: hf:maker/gsm@main:main/test.",
    });
    await expect(asked("maker/nothing")).rejects.toMatchObject({ name: "HubError" });
  });
});
