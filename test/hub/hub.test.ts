import { randomBytes } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseHubId } from "../../src/hub/hub-id.ts";
import { cachedModel, hubModel } from "../../src/hub/hub-model.ts";
import { snapshot } from "../../src/hub/snapshot.ts";
import { refuses } from "../models/files.ts";
import { entryOf } from "./hub-server.ts";
import {
  blobs,
  cacheOf,
  commit,
  fetched,
  files,
  home,
  hub,
  id,
  repo,
  sha256,
  weights,
} from "./small-repo.ts";

describe("a model's id", () => {
  test("is owner/name, with a revision or a .gguf file where they are given", () => {
    const parse = (text: string) => parseHubId(text, [".gguf"]);
    expect(parse("Qwen/Qwen3-0.6B")).toEqual({ repo: "Qwen/Qwen3-0.6B", revision: "main", file: undefined });
    expect(parse("a/b@refs/pr/1")).toEqual({ repo: "a/b", revision: "refs/pr/1", file: undefined });
    expect(parse("a/b/q/c-Q8.gguf@v1.0")).toEqual({ repo: "a/b", revision: "v1.0", file: "q/c-Q8.gguf" });
    expect(parse("hf:a/b")?.repo).toBe("a/b");
  });

  test("is not a path, nor anything that leads out of the cache", () => {
    const none = [
      "name",
      "/a/b",
      "a/b/",
      "./a/b",
      "../b",
      "a/..",
      "a/b/c",
      "a/b/../c.gguf",
      "a/b@../x",
      "a/b@",
    ];
    for (const text of [...none, "a b/c", "a/b@x@y", "~/a", "C:\\a/b", `a/${"b".repeat(100)}`, "a/b@x\n"])
      expect(parseHubId(text, [".gguf"]), text).toBeUndefined();
  });
});

describe("a download", () => {
  test("takes what errata reads and nothing else, in the layout of the usual cache", async () => {
    const folder = await fetched();
    expect(folder).toBe(join(cacheOf(), "snapshots", commit));
    expect(readdirSync(folder).sort()).toEqual([
      "config.json",
      "generation_config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    expect(readFileSync(join(folder, "model.safetensors")).equals(weights)).toBe(true);
    expect(lstatSync(join(folder, "model.safetensors")).isSymbolicLink()).toBe(true);
    expect(readlinkSync(join(folder, "model.safetensors"))).toBe(join("..", "..", "blobs", sha256(weights)));
    expect(blobs()).toContain(entryOf("", files["config.json"]).oid);
    expect(readFileSync(join(cacheOf(), "refs", "main"), "utf8")).toBe(commit);
  });

  test("tells its bytes as they come, up to all of them", async () => {
    const told: [number, number][] = [];
    const notes: string[] = [];
    await fetched({ onProgress: (...now) => told.push(now), onNote: (text) => notes.push(text) });
    const total = Object.entries(files)
      .filter(([path]) => /^(model|config|gen|tok)/.test(path))
      .reduce((sum, [, { length }]) => sum + length, 0);
    expect(told.at(-1)).toEqual([total, total]);
    expect(told.map(([done]) => done)).toEqual(told.map(([done]) => done).sort((a, b) => a - b));
    expect(notes.join()).toMatch(/5 files, 0\.3 MB/);
  });

  test("happens once: the second time asks for nothing but the commit and its listing", async () => {
    await fetched();
    hub.asked.length = 0;
    await fetched();
    expect(hub.files()).toEqual([]);
  });

  test("of one file takes that file alone", async () => {
    const path = await hubModel({ ...id, file: "small-Q8_0.gguf" });
    expect(readFileSync(path).equals(files["small-Q8_0.gguf"])).toBe(true);
    expect(blobs()).toHaveLength(1);
    await refuses(hubModel({ ...id, file: "small-Q4.gguf" }), "a file small-Q4.gguf", "small-Q8_0.gguf");
  });

  test("of shards takes those the names count, and wants all of them", async () => {
    const shards = {
      "config.json": files["config.json"],
      "model-00001-of-00002.safetensors": randomBytes(1500),
      "model-00002-of-00002.safetensors": randomBytes(1500),
      "model.safetensors.index.json": Buffer.from('{"weight_map":{}}'),
    };
    hub.serve({ repo, commit, files: shards });
    expect(readdirSync(await fetched()).sort()).toEqual(Object.keys(shards).sort());
    const { "model-00002-of-00002.safetensors": _, ...less } = shards;
    hub.serve({ repo, commit, files: less });
    await refuses(fetched(), repo, "all its shards");
  });

  test("of an adapter takes its two files", async () => {
    const adapter = {
      "adapter_config.json": Buffer.from("{}"),
      "adapter_model.safetensors": randomBytes(1500),
    };
    hub.serve({ repo, commit, files: adapter });
    expect(readdirSync(await fetched()).sort()).toEqual(Object.keys(adapter));
  });

  test("of a data set goes to its own place, in the folders it has", async () => {
    const rows = { "data/train-00000.parquet": randomBytes(1200), "data/test file.jsonl": Buffer.from("{}") };
    hub.serve({ kind: "datasets", repo: "maker/rows", commit, files: rows });
    const request = { kind: "dataset", repo: "maker/rows", revision: "main" } as const;
    const { folder, files: names } = await snapshot({ ...request, choose: (paths) => ({ files: paths }) });
    expect(folder).toBe(join(home, "hub", "datasets--maker--rows", "snapshots", commit));
    expect([...names].sort()).toEqual(Object.keys(rows).sort());
    for (const name of names) expect(existsSync(join(folder, name))).toBe(true);
  });

  test("of an empty file makes a file, which is there without the hub, too", async () => {
    hub.serve({ kind: "datasets", repo: "maker/rows", commit, files: { "README.md": Buffer.alloc(0) } });
    const choose = (paths: readonly string[]) => ({ files: paths });
    const request = { kind: "dataset", repo: "maker/rows", revision: "main", choose } as const;
    const { folder } = await snapshot(request);
    expect(readFileSync(join(folder, "README.md")).length).toBe(0);
    process.env.HF_HUB_OFFLINE = "1";
    expect((await snapshot(request)).files).toEqual(["README.md"]);
  });

  test("takes all parts of a GGUF model whose first is named, from the cache too, and says which is missing", async () => {
    const part = (no: number) => `q/small-0000${no}-of-00003.gguf`;
    const parts = Object.fromEntries([1, 2, 3].map((no) => [part(no), randomBytes(100 * no)]));
    hub.serve({ repo, commit, files: { ...files, ...parts } });
    const path = await hubModel({ ...id, file: part(1) });
    for (const no of [1, 2, 3])
      expect(readFileSync(join(path, "..", `small-0000${no}-of-00003.gguf`)).equals(parts[part(no)]!)).toBe(
        true,
      );
    expect(await cachedModel({ ...id, file: part(1) })).toBe(path);
    rmSync(join(path, "..", "small-00003-of-00003.gguf"));
    expect(await cachedModel({ ...id, file: part(1) })).toBeUndefined();
    const { [part(2)]: _, ...others } = parts;
    hub.serve({ repo, commit, files: { ...files, ...others } });
    await refuses(hubModel({ ...id, file: part(1) }), `a file ${part(2)}`, "Parts of the model are missing");
    await refuses(hubModel({ ...id, file: "x-00001-of-99999.gguf" }), "a file x-00001-of-99999.gguf");
  });

  test("says which .gguf files there are where there are no other weights", async () => {
    hub.serve({ repo, commit, files: { "config.json": Buffer.from("{}"), "m.gguf": randomBytes(10) } });
    await refuses(fetched(), "model.safetensors", "m.gguf", `${repo}/m.gguf`);
    hub.serve({ repo, commit, files: { "config.json": Buffer.from("{}"), "m.bin": randomBytes(10) } });
    await refuses(fetched(), "m.bin", "pickled");
  });
});

describe("the cache", () => {
  test("is all that is used where HF_HUB_OFFLINE is set", async () => {
    const folder = await fetched();
    process.env.HF_HUB_OFFLINE = "1";
    hub.asked.length = 0;
    expect(await fetched()).toBe(folder);
    expect(hub.asked).toEqual([]);
    await refuses(hubModel({ ...id, revision: "other" }), "HF_HUB_OFFLINE", "nothing whole there");
    await refuses(hubModel({ ...id, repo: "maker/other" }), "maker/other", "HF_HUB_OFFLINE");
    rmSync(join(folder, "model.safetensors"));
    await refuses(fetched(), "HF_HUB_OFFLINE");
  });

  test("is not whole where a name's blob is gone", async () => {
    await fetched();
    rmSync(join(cacheOf(), "blobs", sha256(weights)));
    process.env.HF_HUB_OFFLINE = "1";
    await refuses(fetched(), "HF_HUB_OFFLINE");
  });

  test("stands in, with a note, where the hub cannot be reached, but not where it says no", async () => {
    const folder = await fetched();
    const notes: string[] = [];
    process.env.HF_ENDPOINT = "http://127.0.0.1:1";
    expect(await fetched({ onNote: (text) => notes.push(text) })).toBe(folder);
    expect(notes.join()).toContain("the copy in the cache is used");
    process.env.HF_ENDPOINT = hub.endpoint;
    hub.faults.apiStatus = 404;
    await refuses(fetched(), "404");
  });

  test("stands in where the hub is down or busy, as where it cannot be reached", async () => {
    const folder = await fetched();
    for (const status of [429, 500, 503]) {
      const notes: string[] = [];
      hub.faults.apiStatus = status;
      expect(await fetched({ onNote: (text) => notes.push(text) })).toBe(folder);
      expect(notes.join()).toMatch(new RegExp(`${status}.* the copy in the cache is used`));
    }
    for (const status of [400, 401, 403]) {
      hub.faults.apiStatus = status;
      await refuses(fetched(), String(status));
    }
  });

  test("answers for a commit without asking, as a commit never changes", async () => {
    await fetched();
    hub.asked.length = 0;
    await hubModel({ ...id, revision: commit });
    expect(hub.asked).toEqual([]);
  });

  test("keeps both commits where a branch moves on", async () => {
    const old = await fetched();
    const next = "f".repeat(40);
    hub.serve({ repo, commit: next, files: { ...files, "config.json": Buffer.from("{ }") } });
    hub.asked.length = 0;
    const folder = await fetched();
    expect(folder).toBe(join(cacheOf(), "snapshots", next));
    expect(hub.files()).toHaveLength(1);
    expect(readFileSync(join(folder, "config.json"), "utf8")).toBe("{ }");
    expect(readFileSync(join(old, "config.json"), "utf8")).toBe('{"model_type":"llama"}');
    expect(readFileSync(join(cacheOf(), "refs", "main"), "utf8")).toBe(next);
  });

  test("takes two downloads of the same at once", async () => {
    hub.faults.cut = { bytes: 50_000, times: 4 };
    const [one, other] = await Promise.all([fetched(), fetched()]);
    expect(one).toBe(other);
    expect(readFileSync(join(one, "model.safetensors")).equals(weights)).toBe(true);
  });
});
