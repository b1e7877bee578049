/** Runs on a server that are killed, or whose server is: they leave what an undisturbed one does. */
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readRemoteHandle } from "../../../src/engine/remote/handle.ts";
import { train } from "../../../src/loop/train.ts";
import { leftBy } from "../../loop/left-by.ts";
import { runTrain } from "../../loop/spawn.ts";
import { type TinyOptions, tinyRun } from "../../loop/tiny.ts";
import { TinkerServer } from "./tinker-server.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let folder: string;
let options: TinyOptions & { readonly engine: string };
let server: TinkerServer;
let whole: Awaited<ReturnType<typeof left>>;
/** What happens at a request, heartbeats apart. */
let atRequest: (path: string) => void | Promise<void> = () => {};

async function start(port = 0): Promise<TinkerServer> {
  return TinkerServer.start({
    ...{ model: options.model, folder: join(folder, "server"), maxModels: 1000, port },
    onRequest: (path) => (path === "session_heartbeat" ? undefined : atRequest(path)),
  });
}

/** All that a run leaves here, and the bytes of its last adapters on the server. */
async function left(run: string) {
  const files = leftBy(run);
  const names = Object.keys(files).filter((path) => !path.endsWith("remote.json"));
  const last = readdirSync(join(run, "checkpoints")).sort().at(-1)!;
  const { sampler } = await readRemoteHandle(join(run, "checkpoints", last));
  const adapters = join(folder, "server", sampler.slice("tinker://".length), "adapter_model.safetensors");
  return {
    files: Object.fromEntries(names.map((path) => [path, files[path]])),
    adapters: createHash("sha256").update(readFileSync(adapters)).digest("hex"),
  };
}

beforeAll(async () => {
  const tiny = await tinyRun();
  folder = tiny.folder;
  const { miniBatchSize: _, ...rest } = tiny.options;
  options = {
    ...{ ...rest, engine: "", loraRank: 4, learningRate: 1e-3, maxSteps: 4, saveSteps: 3 },
    ...{ miniBatchSize: 2, evalDataset: rest.dataset, evalSteps: 2 },
  };
  server = await start();
  options = { ...options, engine: server.url };
  await train({ ...options, outputDir: join(folder, "whole") });
  atRequest = () => {};
  whole = await left(join(folder, "whole"));
});
afterAll(() => server?.kill());

test("a run that has ended keeps nothing to be taken up again with", () => {
  expect(Object.keys(whole.files).filter((path) => path.startsWith("replay"))).toEqual([]);
});

describe("a run whose process is killed", () => {
  test("at any request leaves the same steps, answers, evaluations and adapters", async () => {
    const run = join(folder, "killed");
    const killed: string[] = [];
    const resumed = async (kill?: readonly [path: string, nth: number]) => {
      let child: ChildProcess | undefined;
      let seen = 0;
      atRequest = (path) => {
        if (kill === undefined || path !== kill[0] || ++seen !== kill[1]) return;
        killed.push(path);
        child!.kill("SIGKILL");
      };
      const given = { ...options, outputDir: run, resumeFromCheckpoint: "auto" };
      return runTrain("train", given, (_, own) => (child ??= own));
    };
    // the gradient is tried first, in 8 passes and 5 steps, with one before each model, where there is no checkpoint that was learnt through it
    const moments = [
      ["asample", 5],
      ["forward_backward", 3],
      ["optim_step", 8],
      ["save_weights", 1],
      ["load_weights", 1],
      ["load_weights", 1],
      ["forward_backward", 4],
      ["retrieve_future", 12],
      ["save_weights_for_sampler", 2],
    ] as const;
    for (const moment of moments) expect((await resumed(moment)).signal, `${moment}`).toBe("SIGKILL");
    const { lines, stderr } = await resumed();
    expect(lines.at(-1), stderr).toMatchObject({ kind: "result", reason: "finished" });
    expect(killed).toEqual(moments.map(([path]) => path));
    expect(await left(run)).toEqual(whole);
  });
});

describe("a run whose server is killed", () => {
  test("goes on by itself once the server is back, and leaves the same", async () => {
    const run = join(folder, "server-killed");
    const warnings: string[] = [];
    const seen: string[] = [];
    let kills = 0;
    atRequest = async (path) => {
      seen.push(path);
      // while answers are sampled, and within the update after the first checkpoint, which is loaded to see that it can be
      const isTime =
        kills === 0 ? path === "asample" : path === "optim_step" && seen.includes("load_weights");
      if (kills === 2 || !isTime) return;
      kills++;
      const { port } = server;
      void server.kill().then(async () => {
        server = await start(port);
      });
      // this request is never answered
      await new Promise(() => {});
    };
    const { reason } = await train(
      { ...options, outputDir: run },
      { onEvent: (event) => void (event.kind === "warning" && warnings.push(event.text)) },
    );
    expect(reason).toBe("finished");
    expect(warnings.filter((text) => /the server lost the model.*going on from/.test(text))).toHaveLength(2);
    expect(await left(run)).toEqual(whole);
  });
});

describe("a run whose session expires", () => {
  test("goes on by itself in a new one, and leaves the same", async () => {
    const run = join(folder, "expired");
    const warnings: string[] = [];
    const expired: string[] = [];
    const seen = { asample: 0, optim_step: 0 };
    atRequest = async (path) => {
      if (path !== "asample" && path !== "optim_step") return;
      // while answers are sampled, and within an update after the first checkpoint
      if (++seen[path] !== { asample: 3, optim_step: 23 }[path]) return;
      expired.push(path);
      await server.expire();
    };
    const { reason } = await train(
      { ...options, outputDir: run },
      { onEvent: (event) => void (event.kind === "warning" && warnings.push(event.text)) },
    );
    expect(reason).toBe("finished");
    expect(expired).toEqual(["asample", "optim_step"]);
    expect(warnings.filter((text) => /the server lost the model.*going on from/.test(text))).toHaveLength(2);
    expect(await left(run)).toEqual(whole);
  });
});
