import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseHubId } from "../../src/engine/hub/hub-id.ts";
import { hubModel } from "../../src/engine/hub/hub-model.ts";
import { type HubContext, snapshot } from "../../src/engine/hub/snapshot.ts";
import { refuses, temporaryFolder } from "../models/files.ts";
import { entryOf, type Hub, startHub } from "./hub-server.ts";

const repo = "maker/small-model";
const commit = "0123456789abcdef0123456789abcdef01234567";
const weights = randomBytes(300_000);
const files = {
  "README.md": Buffer.from("# A model"),
  "config.json": Buffer.from('{"model_type":"llama"}'),
  "generation_config.json": Buffer.from("{}"),
  "model.safetensors": weights,
  "original/consolidated.safetensors": randomBytes(2000),
  "pytorch_model.bin": randomBytes(2000),
  "small-Q8_0.gguf": randomBytes(5000),
  "tokenizer.json": Buffer.from(JSON.stringify({ words: "é".repeat(900) })),
  "tokenizer_config.json": Buffer.from("{}"),
};
const id = { repo, revision: "main", file: undefined };

let hub: Hub;
let home: string;
const before = { ...process.env };
beforeAll(async () => {
  hub = await startHub();
});
beforeEach(() => {
  home = temporaryFolder();
  for (const name of ["HF_TOKEN", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN_PATH"])
    delete process.env[name];
  Object.assign(process.env, {
    HF_HOME: home,
    HF_ENDPOINT: `${hub.endpoint}/`,
    HF_HUB_DOWNLOAD_TIMEOUT: "20",
  });
  for (const name of Object.keys(hub.faults)) delete hub.faults[name as keyof typeof hub.faults];
  hub.asked.length = 0;
  hub.serve({ repo, commit, files });
});
afterAll(async () => {
  process.env = before;
  await hub.close();
});

const cacheOf = () => join(home, "hub", "models--maker--small-model");
const blobs = () => readdirSync(join(cacheOf(), "blobs"));
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const fetched = (context?: HubContext) => hubModel(id, context);

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

  test("says which .gguf files there are where there are no other weights", async () => {
    hub.serve({ repo, commit, files: { "config.json": Buffer.from("{}"), "m.gguf": randomBytes(10) } });
    await refuses(fetched(), "model.safetensors", "m.gguf", `${repo}/m.gguf`);
    hub.serve({ repo, commit, files: { "config.json": Buffer.from("{}"), "m.bin": randomBytes(10) } });
    await refuses(fetched(), "m.bin", "pickled");
  });
});

describe("a download that is interrupted", () => {
  test("goes on from the byte it had, as often as it takes", async () => {
    hub.faults.cut = { bytes: 80_000, times: 3 };
    const folder = await fetched();
    expect(readFileSync(join(folder, "model.safetensors")).equals(weights)).toBe(true);
    const ranges = hub.asked.filter(({ path }) => path.startsWith("/store")).map(({ range }) => range);
    expect(ranges.filter((range) => range !== undefined).length).toBeGreaterThanOrEqual(3);
  });

  test("is whole all the same where the server knows no ranges", async () => {
    hub.faults.cut = { bytes: 80_000, times: 2 };
    hub.faults.ignoreRanges = true;
    const folder = await fetched();
    expect(readFileSync(join(folder, "model.safetensors")).equals(weights)).toBe(true);
  });

  test("by the process's end goes on in the next, from what is on the disk", async () => {
    mkdirSync(join(cacheOf(), "blobs"), { recursive: true });
    const partial = join(cacheOf(), "blobs", `${sha256(weights)}.incomplete`);
    writeFileSync(partial, weights.subarray(0, 123_456));
    const folder = await fetched();
    expect(readFileSync(join(folder, "model.safetensors")).equals(weights)).toBe(true);
    expect(hub.asked.map(({ range }) => range)).toContain("bytes=123456-");
    expect(existsSync(partial)).toBe(false);
  });

  test("is fetched anew where what is on the disk is something else, or longer", async () => {
    mkdirSync(join(cacheOf(), "blobs"), { recursive: true });
    const partial = join(cacheOf(), "blobs", `${sha256(weights)}.incomplete`);
    for (const other of [randomBytes(1000), randomBytes(weights.length), randomBytes(weights.length + 5)]) {
      writeFileSync(partial, other);
      const folder = await fetched();
      expect(readFileSync(join(folder, "model.safetensors")).equals(weights)).toBe(true);
      rmSync(join(cacheOf(), "blobs", sha256(weights)));
    }
  });

  test("gives up after some tries without a byte, keeps what it has, and never shows half a file", async () => {
    hub.faults.cut = { bytes: 80_000, times: 1e9 };
    const gone = refuses(fetched(), "model.safetensors", "Give the same command again");
    const wait = setInterval(() => {
      if (hub.faults.cut!.times < 1e9) hub.faults.fileStatus = 503;
    }, 5);
    await gone;
    clearInterval(wait);
    expect(existsSync(join(cacheOf(), "snapshots"))).toBe(false);
    expect(existsSync(join(cacheOf(), "refs"))).toBe(false);
    expect(blobs().some((name) => name.startsWith(sha256(weights)) && name.endsWith(".incomplete"))).toBe(
      true,
    );
    for (const name of Object.keys(hub.faults)) delete hub.faults[name as keyof typeof hub.faults];
    expect(readFileSync(join(await fetched(), "model.safetensors")).equals(weights)).toBe(true);
  });

  test("by the caller ends at once and says how to go on", async () => {
    hub.faults.stall = true;
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    await refuses(fetched({ stop: stop.signal }), "a request to stop", "what has come is kept");
  });

  test("by silence is tried again, then told", async () => {
    process.env.HF_HUB_DOWNLOAD_TIMEOUT = "0.2";
    hub.faults.stall = true;
    await refuses(fetched(), "nothing for 0.2 s", "Give the same command again");
  });
});

describe("a hub that does not keep its word", () => {
  test("about a file's content is refused, and the content thrown away", async () => {
    hub.faults.content = (path, bytes) => (path === "model.safetensors" ? randomBytes(bytes.length) : bytes);
    await refuses(fetched(), "model.safetensors", sha256(weights));
    hub.faults.content = (path, bytes) => (path === "config.json" ? Buffer.from(bytes).fill(32) : bytes);
    rmSync(home, { recursive: true });
    await refuses(fetched(), "config.json", entryOf("", files["config.json"]).oid);
    expect(blobs()).toEqual([]);
  });

  test("about a file's size is refused", async () => {
    hub.faults.content = (path, bytes) =>
      path === "model.safetensors" ? Buffer.concat([bytes, bytes]) : bytes;
    await refuses(fetched(), "model.safetensors", `${weights.length} bytes`, "more");
    hub.faults.content = (path, bytes) => (path === "model.safetensors" ? bytes.subarray(0, 100) : bytes);
    await refuses(fetched(), "model.safetensors", "100 bytes");
  });

  test("and lists names that lead out of the folder is refused before anything is written", async () => {
    for (const path of [
      "../../evil.safetensors",
      "a/../../b.json",
      "/etc/x",
      "C:\\x",
      "a\\..\\b",
      "a//b",
      "a\n",
    ]) {
      hub.faults.listing = (entries) => [...entries, { ...entries[0]!, path }];
      await refuses(fetched(), repo, "a path out of its folder");
    }
    hub.faults.sha = "../../..";
    await refuses(fetched(), repo, "HF_ENDPOINT");
    expect(existsSync(join(home, "hub"))).toBe(false);
  });

  test("and lists sizes, hashes or shapes of no kind is refused", async () => {
    const withFirst = (change: object) => (entries: object[]) => [{ ...entries[0]!, ...change }, ...entries];
    for (const change of [
      { size: -1 },
      { size: 1e300 },
      { size: "5" },
      { oid: "../x" },
      { oid: undefined },
    ]) {
      hub.faults.listing = withFirst(change) as never;
      await refuses(fetched(), repo, "HF_ENDPOINT");
    }
    for (const listing of [null, 3, "x", {}]) {
      hub.faults.listing = () => listing;
      await refuses(fetched(), repo);
    }
  });

  test("and claims more than the disk holds is refused before the first byte", async () => {
    hub.faults.listing = (entries) =>
      entries.map((entry) =>
        entry.lfs && entry.path === "model.safetensors"
          ? { ...entry, size: 2 ** 52, lfs: { ...entry.lfs, size: 2 ** 52 } }
          : entry,
      );
    await refuses(fetched(), "GB of free space", "HF_HOME");
    expect(hub.files()).toEqual([]);
  });

  test("and answers without end is left", async () => {
    hub.faults.endless = true;
    await refuses(fetched(), "an answer of at most");
  });
});

describe("the hub's refusals", () => {
  test("say what to do: a token, a spelling, patience, another place", async () => {
    hub.faults.apiStatus = 401;
    await refuses(fetched(), repo, "401", "HF_TOKEN is not set", "gated");
    process.env.HF_TOKEN = "secret-of-mine";
    hub.faults.apiStatus = 403;
    const told = await fetched().catch((error: Error) => error);
    expect(String(told)).toContain("this token may not read it");
    expect(String(told)).not.toContain("secret-of-mine");
    hub.faults.apiStatus = 404;
    await refuses(fetched(), repo, "404", "spelling");
    hub.faults.apiStatus = 429;
    await refuses(fetched(), "too many requests");
    delete hub.faults.apiStatus;
    hub.faults.fileStatus = 403;
    await refuses(fetched(), "config.json", "403");
  });

  test("of a revision name it", async () => {
    hub.serve();
    await refuses(hubModel({ ...id, revision: "v9" }), `${repo}@v9`, "404");
  });

  test("of an address name the variable", async () => {
    process.env.HF_ENDPOINT = "file:///etc";
    await refuses(fetched(), "HF_ENDPOINT");
  });

  test("never come where there is no network, which is told with its reason", async () => {
    process.env.HF_ENDPOINT = "http://127.0.0.1:1";
    await refuses(fetched(), "http://127.0.0.1:1", "Check the network", "HF_HUB_OFFLINE");
  });

  test("of a cache that cannot be written name the place", async () => {
    writeFileSync(join(home, "file"), "");
    process.env.HF_HUB_CACHE = join(home, "file", "hub");
    await refuses(fetched(), join(home, "file"), "ENOTDIR", "HF_HOME");
  });
});

describe("the token", () => {
  test("goes to the hub and not to the storage it redirects to", async () => {
    process.env.HF_TOKEN = "secret-of-mine";
    await fetched();
    const [own, other] = [true, false].map((isHub) =>
      hub.asked.filter(({ host }) => hub.endpoint.endsWith(host) === isHub),
    );
    expect(own!.length).toBeGreaterThan(4);
    for (const { token } of own!) expect(token).toBe("Bearer secret-of-mine");
    expect(other!.length).toBeGreaterThan(0);
    for (const { token } of other!) expect(token).toBeUndefined();
  });

  test("is the one that a log-in left, where none is in the environment", async () => {
    writeFileSync(join(home, "token"), "left-here\n");
    await fetched();
    expect(hub.asked[0]!.token).toBe("Bearer left-here");
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
