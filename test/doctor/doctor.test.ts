import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DoctorReport, doctor } from "../../src/commands/doctor/doctor.ts";
import type { Finding } from "../../src/commands/doctor/finding.ts";
import { train } from "../../src/loop/train.ts";
import type { GivenOptions } from "../../src/options/options.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { TinkerServer } from "../engine/remote/tinker-server.ts";
import { temporaryFolder, tinyRun } from "../loop/tiny.ts";

const pocket = fileURLToPath(new URL("../../models/pocket", import.meta.url));

async function look(given: GivenOptions): Promise<DoctorReport> {
  return doctor(resolveOptions("train", { given, incomplete: true }).options);
}

const of = ({ findings }: DoctorReport, section: string, name: string): Finding =>
  findings.find((finding) => finding.section === section && finding.name === name)!;
const problems = ({ findings }: DoctorReport) => findings.filter(({ status }) => status === "problem");
const sections = ({ findings }: DoctorReport) => [...new Set(findings.map(({ section }) => section))];

describe("the doctor of a run on a server", { timeout: 240_000 }, () => {
  let server: TinkerServer;
  let given: GivenOptions;
  beforeAll(async () => {
    const { folder, options } = await tinyRun();
    server = await TinkerServer.start({ model: options.model, folder: join(folder, "server") });
    given = { ...options, engine: server.url, loraRank: 4 };
  });
  afterAll(() => server.kill());

  test("measures there, says what the server cannot honour, and leaves no model on it", async () => {
    const report = await look(given);
    expect(problems(report)).toEqual([]);
    expect(sections(report)).toEqual(["machine", "model", "data", "speed", "step"]);
    expect(of(report, "speed", "opening").text).toContain(`${server.url}, a server of the kind skyrl-jax`);
    const said = report.findings.filter(({ name }) => name === "engine").map(({ text }) => text);
    expect(said).toContainEqual(expect.stringMatching(/tried on a model thrown away: exact to/));
    expect(said).toContain("The server does not clip gradients.");
    expect(of(report, "step", "in all").values!.seconds).toBeGreaterThan(0);
    expect(server.models).toBe(0);
  });

  test("tells a server that is not there as a problem, with what to do", async () => {
    const [problem] = problems(await look({ ...given, engine: "http://127.0.0.1:1" }));
    expect(problem).toMatchObject({ section: "speed", next: expect.stringMatching(/Start the server/) });
  });
});

describe("the doctor", { timeout: 240_000 }, () => {
  test("foretells a step of the pocket model within a wide factor, and leaves nothing behind", async () => {
    const folder = temporaryFolder();
    const given = {
      ...{ model: pocket, dataset: "pocket", evalDataset: "pocket", outputDir: join(folder, "run") },
      ...{ promptsPerStep: 8, numGenerations: 8, miniBatchSize: 4, maxCompletionLength: 64 },
      ...{
        filterGroupsEnable: false,
        evalOnStart: false,
        evalDatasetSize: 8,
        maxSteps: 4,
        learningRate: 1e-6,
      },
    };
    const report = await look(given);
    expect(problems(report)).toEqual([]);
    expect(sections(report)).toEqual(["machine", "model", "data", "memory", "speed", "step"]);
    expect(readdirSync(folder)).toEqual([]);

    const steps: Readonly<Record<string, number>>[] = [];
    const onEvent = (event: RunEvent) => event.kind === "step" && steps.push(event.record.metrics);
    await train(given, { onEvent });
    // the first step compiles; of the others the middle one, as the machine is shared
    const median = (name: string) =>
      steps
        .slice(1)
        .map((metrics) => metrics[name]!)
        .sort((a, b) => a - b)[1]!;
    const within = (estimate: number, measured: number, factor: number) => {
      expect(estimate).toBeGreaterThan(measured / factor);
      expect(estimate).toBeLessThan(measured * factor);
    };
    within(of(report, "step", "in all").values!.seconds!, median("timing_s/step"), 4);
    within(of(report, "step", "sample").values!.seconds!, median("timing_s/gen"), 5);
    within(of(report, "step", "update").values!.seconds!, median("timing_s/update_actor"), 5);
    within(of(report, "speed", "answer length").values!.mean!, median("response_length/mean"), 1.3);
    rmSync(folder, { recursive: true });
  });

  test("looks at the machine alone where nothing is named", async () => {
    const report = await look({});
    expect(sections(report)).toEqual(["machine"]);
    expect(report.problems).toBe(0);
    expect(of(report, "machine", "arithmetic").values!.gflops).toBeGreaterThan(0.1);
    const { totalBytes, freeBytes } = of(report, "machine", "memory").values!;
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes!);
    expect(of(report, "machine", "versions").text).toMatch(/^errata \d.*node v.*onnxruntime \d/);
  });

  test("estimates a step without a data set, and says what it took for granted", async () => {
    const { folder, options } = await tinyRun();
    const { dataset: _, ...rest } = options;
    const report = await look(rest);
    expect(problems(report)).toEqual([]);
    expect(sections(report)).toEqual(["machine", "model", "memory", "speed", "step"]);
    expect(of(report, "step", "verify").text).toMatch(/not measured/);
    expect(of(report, "step", "sample").text).toMatch(/\(taken\)/);
    const { seconds, secondsShorter, secondsLonger } = of(report, "step", "in all").values!;
    expect(secondsShorter).toBeLessThan(seconds!);
    expect(secondsLonger).toBeGreaterThanOrEqual(seconds!);
    rmSync(folder, { recursive: true });
  });

  test("measures adapters and a coupled objective as they would run", async () => {
    const { folder, options } = await tinyRun();
    const report = await look({ ...options, loraRank: 4, algorithm: "dpo" });
    expect(problems(report)).toEqual([]);
    // two layers of seven matrices, the moments of their adapters beside them, and no more
    const full = await look(options);
    const bytes = (of_: DoctorReport) => of(of_, "step", "checkpoints").values!.checkpointBytes!;
    expect(bytes(report)).toBeLessThan(bytes(full));
    rmSync(folder, { recursive: true });
  });
});

describe("a problem is", { timeout: 240_000 }, () => {
  test("a model that is not there, with what to do, and nothing is run", async () => {
    const { folder, options } = await tinyRun();
    const report = await look({ ...options, model: join(folder, "nowhere") });
    expect(problems(report)).toHaveLength(1);
    expect(problems(report)[0]).toMatchObject({ section: "model", name: "model" });
    expect(problems(report)[0]!.next).not.toBe("");
    // the data is looked at all the same
    expect(of(report, "data", "reference answers").status).toBe("ok");
    expect(sections(report)).not.toContain("speed");
    rmSync(folder, { recursive: true });
  });

  test("a model damaged on the disk", async () => {
    const { folder, options } = await tinyRun();
    writeFileSync(join(folder, "model", "model.safetensors"), "not a model");
    const report = await look(options);
    expect(problems(report).map(({ section }) => section)).toEqual(["model"]);
    rmSync(folder, { recursive: true });
  });

  test("an answer longer than the model's context", async () => {
    const { folder, options } = await tinyRun();
    const report = await look({ ...options, maxCompletionLength: 64 });
    expect(of(report, "model", "room").status).toBe("problem");
    expect(sections(report)).not.toContain("speed");
    rmSync(folder, { recursive: true });
  });

  test("a data set that cannot be read, or whose own answers do not pass", async () => {
    const { folder, options } = await tinyRun();
    const absent = await look({ ...options, dataset: join(folder, "absent.jsonl") });
    expect(problems(absent).map(({ section, name }) => `${section} ${name}`)).toEqual(["data problems"]);
    const verifier = join(folder, "no.mjs");
    writeFileSync(verifier, "export default () => false;");
    const gold = of(await look({ ...options, verifier }), "data", "reference answers");
    expect(gold.status).toBe("note");
    expect(gold.values).toMatchObject({ tried: 12, passed: 0 });
    rmSync(folder, { recursive: true });
  });

  test("memory that is not there: then nothing is run to measure it", async () => {
    const { folder, options } = await tinyRun();
    const report = await look({
      ...options,
      ...{ promptsPerStep: 2 ** 20, miniBatchSize: 2 ** 20, numGenerations: 4096, microBatchTokens: 2 ** 24 },
      keepActivations: true,
    });
    expect(of(report, "memory", "estimate").status).toBe("problem");
    expect(of(report, "memory", "estimate").next).toMatch(/micro_batch_tokens/);
    expect(sections(report)).not.toContain("speed");
    rmSync(folder, { recursive: true });
  });

  test("a folder that holds something, or is none", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "taken"));
    writeFileSync(join(folder, "taken", "notes.txt"), "mine");
    const taken = await look({ outputDir: join(folder, "taken") });
    expect(of(taken, "machine", "disk").status).toBe("problem");
    const inFile = await look({ outputDir: join(folder, "taken", "notes.txt", "run") });
    expect(of(inFile, "machine", "disk").status).toBe("problem");
    expect(existsSync(join(folder, "taken", "notes.txt"))).toBe(true);
    expect(readdirSync(folder)).toEqual(["taken"]);
    rmSync(folder, { recursive: true });
  });
});

test("what is learnt from and measured on at once is a note", { timeout: 240_000 }, async () => {
  const { folder, options } = await tinyRun();
  const report = await look({ ...options, evalDataset: options.dataset! });
  expect(of(report, "data", "overlap")).toMatchObject({ status: "note", values: { shared: 12 } });
  expect(report.problems).toBe(0);
  rmSync(folder, { recursive: true });
});
