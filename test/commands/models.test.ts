/** Every verb that takes a model takes each kind of it: a path is asked what it is before anything is joined to it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  Chat,
  compare,
  doctor,
  evaluate,
  exportModel,
  plan,
  Responder,
  resolveOptions,
  sft,
  train,
} from "../../src/index.ts";
import { temporaryFolder, tinyRun } from "../loop/tiny.ts";
import { refuses } from "../models/files.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const kinds = ["a Hugging Face folder", "a .gguf file", "a run's folder", "a checkpoint", "pocket"] as const;
const models = new Map<string, string>();
let dataset = "";
let verifier = "";

beforeAll(async () => {
  const { folder, options } = await tinyRun();
  [dataset, verifier] = [options.dataset!, options.verifier!];
  const run = join(folder, "run");
  await sft({ ...sftOptions(), model: options.model!, outputDir: run });
  await exportModel({ model: run, outputDir: join(folder, "gguf"), format: "gguf", dtype: "F32" });
  models.set("a Hugging Face folder", options.model!);
  models.set("a .gguf file", join(folder, "gguf", "run-F32.gguf"));
  models.set("a run's folder", run);
  models.set("a checkpoint", join(run, "checkpoints", "step-0001"));
  models.set("pocket", "pocket");
});

const sftOptions = () => ({ dataset, miniBatchSize: 2, maxSteps: 1, threads: 1 });
const trainOptions = () => ({
  ...sftOptions(),
  ...{ verifier, promptsPerStep: 2, numGenerations: 4, maxCompletionLength: 16 },
});
const asked = { maxCompletionLength: 4, threads: 1 };
const newFolder = () => join(temporaryFolder(), "new");

function trainResolved(model: string) {
  return resolveOptions("train", { given: { ...trainOptions(), model, outputDir: newFolder() } }).options;
}

/** Each verb, with a model, as far as it takes to have opened it and used it. */
const verbs: Readonly<Record<string, (model: string) => Promise<unknown>>> = {
  train: (model) => train({ ...trainOptions(), model, outputDir: newFolder() }),
  "train --dry-run": (model) => plan("train", trainResolved(model)),
  sft: (model) => sft({ ...sftOptions(), model, outputDir: newFolder() }),
  eval: (model) =>
    evaluate({ ...asked, dataset, verifier, model, compareWith: model, outputDir: newFolder() }),
  async chat(model) {
    const chat = await Chat.open({ model, ...asked });
    await chat.ask("1+2=?");
    await chat.close();
  },
  export: (model) => exportModel({ model, outputDir: newFolder(), threads: 1 }),
  async serve(model) {
    const responder = await Responder.open("serve", { model, ...asked });
    await responder.close();
  },
  async doctor(model) {
    const { findings } = await doctor(trainResolved(model));
    expect(findings.filter(({ status, section }) => status === "problem" && section === "model")).toEqual([]);
  },
  async compare(model) {
    const given = Object.entries({ ...trainOptions(), model, evalDataset: dataset, outputDir: newFolder() });
    const argv = given.map(
      ([name, value]) => `${name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)}=${value}`,
    );
    const { finished } = await compare({ methods: ["nft"], seeds: 1, jobs: 1, quick: false, argv });
    expect(finished).toBe(true);
  },
};

describe.each(kinds)("%s", (kind) => {
  test.each(Object.keys(verbs))("is a model to errata %s", async (verb) => {
    await verbs[verb]!(models.get(kind)!);
  });
});

describe("a path that is not what a command asks for", () => {
  test("is told as such, not as an error of the system", async () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "text");
    await refuses(
      train({ ...trainOptions(), model: "pocket", resumeFromCheckpoint: file }),
      file,
      "is not a run",
    );
    await refuses(train({ ...trainOptions(), model: "pocket", outputDir: file }), file, "got a file");
    await refuses(train({ ...trainOptions(), model: join(file, "model") }), "no file or folder");
    const odd = temporaryFolder();
    mkdirSync(join(odd, "options.yaml"));
    await refuses(train({ ...trainOptions(), model: odd }), odd);
  });
});
