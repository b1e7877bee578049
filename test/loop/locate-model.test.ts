import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { plan } from "../../src/commands/doctor/plan.ts";
import { locateModel } from "../../src/loop/session/locate-model.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { compiled } from "../compile.ts";
import { type Hub, startHub } from "../hub/hub-server.ts";
import { refuses } from "../models/files.ts";
import { temporaryFolder, tinyRun } from "./tiny.ts";

const main = compiled("app/cli/main.ts");
const root = fileURLToPath(new URL("../..", import.meta.url));
const before = { ...process.env };
let hub: Hub;
let model: string;
let dataset: string;
beforeAll(async () => {
  hub = await startHub();
  const { options } = await tinyRun();
  [model, dataset] = [options.model!, options.dataset!];
  const files = Object.fromEntries(readdirSync(model).map((name) => [name, readFileSync(join(model, name))]));
  hub.serve({ repo: "maker/tiny", commit: "a".repeat(40), files });
  process.env.HF_ENDPOINT = hub.endpoint;
  process.env.HF_HOME = temporaryFolder();
});
afterAll(async () => {
  process.env = before;
  await hub.close();
});

test("a path that is there goes before an id", async () => {
  const here = temporaryFolder();
  const cwd = process.cwd();
  mkdirSync(join(here, "maker"));
  cpSync(model, join(here, "maker", "tiny"), { recursive: true });
  process.chdir(here);
  try {
    expect(await locateModel("maker/tiny")).toBe("maker/tiny");
    await refuses(locateModel("maker/tyni"), "maker/tyni", "hf:maker/tyni");
    hub.asked.length = 0;
    expect(await locateModel("hf:maker/tiny")).toContain("models--maker--tiny");
    expect(hub.asked.length).toBeGreaterThan(0);
  } finally {
    process.chdir(cwd);
  }
});

test("what is neither a path nor an id is told all the forms there are", async () => {
  for (const named of ["nothing", "/no/where", "./no", "a/b/c", "maker/tiny.gguf/../x"])
    await refuses(
      locateModel(named),
      named,
      "a folder, a .gguf file, pocket, or a Hugging Face id",
      resolve(named),
    );
});

test("a name that neither this machine nor the hub has is told the folder it was looked for in", async () => {
  await refuses(locateModel("nobody/nowhere"), "nobody/nowhere", process.cwd(), "404");
  const asked = locateModel("hf:nobody/nowhere");
  await expect(asked).rejects.toThrow("404");
  await expect(asked).rejects.not.toThrow(process.cwd());
});

test("pocket is the model that this package brings, unless something of that name is here", async () => {
  const cwd = process.cwd();
  const here = temporaryFolder();
  process.chdir(here);
  try {
    expect(readdirSync(await locateModel("pocket"))).toContain("model.safetensors");
    mkdirSync("pocket");
    expect(await locateModel("pocket")).toBe("pocket");
  } finally {
    process.chdir(cwd);
  }
});

test("a download is told by events, and stopped by the run's own signal", async () => {
  rmSync(process.env.HF_HOME!, { recursive: true });
  const events: RunEvent[] = [];
  const path = await locateModel("maker/tiny@main", { onEvent: (event) => events.push(event) });
  expect(readdirSync(path).sort()).toEqual(readdirSync(model).sort());
  const last = events.filter((event) => event.kind === "download").at(-1)!;
  expect(last.done).toBe(last.total);
  expect(events.some((event) => event.kind === "note" && event.text.includes("maker/tiny"))).toBe(true);
  rmSync(process.env.HF_HOME!, { recursive: true });
  await refuses(locateModel("maker/tiny", { signal: AbortSignal.abort() }), "a request to stop");
});

test("a dry run shows the first prompt of a model named by its id, and how it is put", async () => {
  const given = { model: "maker/tiny", dataset, evalDataset: "", maxCompletionLength: 16 };
  const { options } = resolveOptions("train", { given });
  const { prompt } = await plan("train", options);
  expect(prompt).toMatchObject({ format: "raw" });
  expect(prompt.text).toMatch(/^\d+\+\d+=\?\n$/);
});

test("the command asks a model by its id, and from the cache when offline", async () => {
  const env = { ...process.env, npm_lifecycle_event: "", ERRATA_DEBUG: "" };
  // not spawnSync: the hub answers from this process
  const chat = (more: Record<string, string> = {}) =>
    new Promise<{ status: number | null; said: string }>((done) => {
      const words = ["chat", "--model", "maker/tiny", "max_completion_length=4", "threads=1", "1+2=? "];
      const child = spawn(process.execPath, [main, ...words], {
        cwd: root,
        env: { ...env, ...more },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
      child.on("exit", (status) => done({ status, said }));
    });
  rmSync(process.env.HF_HOME!, { recursive: true, force: true });
  const first = await chat();
  expect(first.said).toContain("fetching maker/tiny");
  expect(first.status).toBe(0);
  hub.asked.length = 0;
  expect((await chat({ HF_HUB_OFFLINE: "1" })).status).toBe(0);
  expect(hub.asked).toEqual([]);
  const lost = await chat({ HF_HUB_OFFLINE: "1", HF_HOME: temporaryFolder() });
  expect(lost.said).toMatch(/^HubError: maker\/tiny: expected .*HF_HUB_OFFLINE/m);
  expect(lost.status).toBe(1);
}, 180_000);
