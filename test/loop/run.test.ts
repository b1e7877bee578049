import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import { openLines } from "../../src/run/line-file.ts";
import { openRun } from "../../src/run/run.ts";
import { checkpointsOf, findRun, isRun, modelPath } from "../../src/run/run-folder.ts";
import { temporaryFolder } from "./tiny.ts";

function optionsOf(folder: string) {
  return resolveOptions("train", { given: { model: "m", dataset: "d.jsonl", outputDir: folder } }).options;
}

const content = (name: string) => async (folder: string) => writeFileSync(join(folder, "weights"), name);

describe("a run", () => {
  test("keeps the newest checkpoints and goes on from the last", async () => {
    const folder = join(temporaryFolder(), "run");
    const run = await openRun("train", optionsOf(folder), undefined, "x");
    for (const step of [1, 2, 3]) {
      await run.append("steps", [{ step }]);
      await run.save({ ...run.position, step, draws: 10 * step }, 2, content(`w${step}`));
    }
    await run.append("steps", [{ step: 4 }]);
    await run.close();
    expect(checkpointsOf(folder).map(({ step }) => step)).toEqual([2, 3]);
    expect(modelPath(folder)).toBe(join(folder, "checkpoints/step-0003"));

    const again = await openRun("train", optionsOf(folder), folder, "x");
    expect(again.position).toMatchObject({ step: 3, draws: 30 });
    expect(readFileSync(join(folder, "steps.jsonl"), "utf8")).toBe('{"step":1}\n{"step":2}\n{"step":3}\n');
    await again.close();
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  test("keeps with a checkpoint the lines that came after it", async () => {
    const folder = join(temporaryFolder(), "run");
    const run = await openRun("train", optionsOf(folder), undefined, "x");
    await run.append("steps", [{ step: 1 }]);
    await run.save({ ...run.position, step: 1 }, 2, content("w1"));
    await run.append("evals", [{ step: 1 }]);
    await run.keepLines({ ...run.position, step: 1 });
    await run.append("evals", [{ step: 2 }]);
    await run.close();
    const again = await openRun("train", optionsOf(folder), folder, "x");
    expect(again.position).toMatchObject({ step: 1, bytes: { evals: 11 } });
    expect(again.evals).toEqual([{ step: 1 }]);
    await again.close();
  });

  test("takes no checkpoint for whole that was being written or removed", async () => {
    const folder = join(temporaryFolder(), "run");
    const run = await openRun("train", optionsOf(folder), undefined, "x");
    await run.append("steps", [{ step: 1 }]);
    await run.save({ ...run.position, step: 1 }, 2, content("w1"));
    const failing = run.save({ ...run.position, step: 2 }, 2, async (partial) => {
      await content("half")(partial);
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    });
    await expect(failing).rejects.toThrow(/step-0002: expected to write here, got a full disk \(ENOSPC\)/);
    expect(readdirSync(join(folder, "checkpoints"))).toEqual(["step-0001"]);
    await run.close();
    mkdirSync(join(folder, "checkpoints/partial-2"));
    mkdirSync(join(folder, "checkpoints/old-1"));
    const again = await openRun("train", optionsOf(folder), folder, "x");
    expect(readdirSync(join(folder, "checkpoints"))).toEqual(["step-0001"]);
    expect(again.position.step).toBe(1);
    await again.close();
  });

  test("takes over from a process that is gone, and not from one that lives", async () => {
    const folder = join(temporaryFolder(), "run");
    mkdirSync(join(folder, "lock"), { recursive: true });
    writeFileSync(join(folder, "lock/999999999-0123456789ab"), "");
    const run = await openRun("train", optionsOf(folder), undefined, "x");
    await expect(openRun("train", optionsOf(folder), folder, "x")).rejects.toThrow(
      `process ${process.pid}, which holds`,
    );
    await run.close();
    await (await openRun("train", optionsOf(folder), folder, "x")).close();
  });

  test("is begun in no folder that another began one in meanwhile", async () => {
    const folder = join(temporaryFolder(), "run");
    const both = await Promise.allSettled(
      [1, 2].map(() => openRun("train", optionsOf(folder), undefined, "x")),
    );
    const [run] = both.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    await run!.close();
    await expect(openRun("train", optionsOf(folder), undefined, "x")).rejects.toThrow(
      /got one that holds a run/,
    );
    expect(both.filter(({ status }) => status === "rejected")).toHaveLength(1);
  });

  test("without a folder gets a new one each time", async () => {
    const before = process.cwd();
    process.chdir(temporaryFolder());
    try {
      for (let i = 0; i < 2; i++)
        await (await openRun("train", optionsOf(""), undefined, "nft-sums")).close();
      expect(readdirSync("runs")).toEqual(["nft-sums", "nft-sums-2"]);
      expect(readFileSync("runs/nft-sums/options.yaml", "utf8")).toMatch(
        /^# errata train\n# policy\nmodel: m\n/,
      );
    } finally {
      process.chdir(before);
    }
  });

  test("whose position is damaged says what to remove", async () => {
    const folder = join(temporaryFolder(), "run");
    const run = await openRun("train", optionsOf(folder), undefined, "x");
    const checkpoint = await run.save({ ...run.position, step: 1 }, 2, content("w1"));
    await run.close();
    writeFileSync(join(checkpoint, "position.json"), "{}");
    await expect(openRun("train", optionsOf(folder), folder, "x")).rejects.toThrow(
      /remove its folder to resume from the one before it/,
    );
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });
});

describe("an evaluation's folder", () => {
  const folder = join(temporaryFolder(), "evaluation");
  mkdirSync(folder);
  writeFileSync(join(folder, "options.yaml"), "# errata eval\nmodel: m\n");
  writeFileSync(join(folder, "results.jsonl"), "");

  test("is no run: not to be begun in, gone on with, or asked", async () => {
    expect(isRun(folder)).toBe(false);
    await expect(openRun("train", optionsOf(folder), undefined, "x")).rejects.toThrow(
      /got one that holds an evaluation\.\n {2}→ Name another folder/,
    );
    for (const command of ["train", "sft"])
      expect(() => findRun(command, folder, "")).toThrow(/which is an evaluation/);
    expect(findRun("train", "auto", folder)).toBeUndefined();
    expect(() => modelPath(folder)).toThrow(/got an evaluation.*\n {2}→ Name the model that it measured/);
  });
});

describe("a file of lines", () => {
  test("is cut back to where it was, and refused where it is shorter", async () => {
    const path = join(temporaryFolder(), "steps.jsonl");
    writeFileSync(path, '{"a":1}\n{"a":2}\n{"a"');
    const lines = await openLines(path, 8);
    expect(await lines.read()).toEqual([{ a: 1 }]);
    await lines.append([{ b: "é" }, { b: 2 }]);
    expect(await lines.sync()).toBe(8 + 11 + 8);
    expect(await lines.read()).toEqual([{ a: 1 }, { b: "é" }, { b: 2 }]);
    await lines.close();
    await expect(openLines(path, 1000)).rejects.toThrow(
      /at least the 1000 bytes it had at the last checkpoint, got 27/,
    );
    rmSync(path);
  });

  test.skipIf(!existsSync("/dev/full"))("on a full disk is a RunError with a next step", async () => {
    const lines = await openLines("/dev/full", 0);
    await expect(lines.append([{ a: 1 }])).rejects.toThrow(
      /got a full disk \(ENOSPC\)\.\n {2}→ Free some space/,
    );
    await lines.close();
  });
});
