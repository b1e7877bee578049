import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { hubModel } from "../../src/hub/hub-model.ts";
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

/** Names of files that lead out of a folder, or that not every system can have. */
const odd = [
  "../../evil.safetensors",
  "a/../../b.json",
  "/etc/x",
  "C:\\x",
  "a\\..\\b",
  "a//b",
  "a\n",
  "logs 12:30.txt",
  `${"x/".repeat(600)}y`,
];

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
    await refuses(fetched({ signal: stop.signal }), "a request to stop", "what has come is kept");
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

  test("and lists names that lead out of the folder is of use without those, which are never written", async () => {
    hub.faults.listing = (entries) => [...entries, ...odd.map((path) => ({ ...entries[0]!, path }))];
    const folder = await fetched();
    const taken = Object.keys(files).filter((path) => /^(config|gen|model|tok)/.test(path));
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(taken);
    expect(readdirSync(home)).toEqual(["hub"]);
    expect(readdirSync(join(home, "hub"))).toEqual(["models--maker--small-model"]);
    expect(readdirSync(join(cacheOf(), "snapshots"))).toEqual([commit]);
  });

  test("and has such a name chosen is refused, rather than half of what was asked be given", async () => {
    const request = { kind: "model", repo, revision: commit } as const;
    const readme = { ...request, choose: () => ({ files: ["README.md"] }) };
    for (const path of odd) {
      hub.faults.listing = (entries) => [...entries, { ...entries[0]!, path }];
      rmSync(join(home, "hub"), { recursive: true, force: true });
      const all = (paths: readonly string[]) => ({ files: paths.filter((one) => !(one in files)) });
      for (const cached of [false, true]) {
        if (cached) await snapshot(readme);
        await refuses(snapshot({ ...request, choose: all }), repo, "names every system can have");
        expect(existsSync(join(home, "hub"))).toBe(cached);
      }
    }
  });

  test("and names a commit that is a path is refused before anything is written", async () => {
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

  test("give the address where a gated repository's terms are accepted", async () => {
    const terms = (path: string) => `accept its terms at ${hub.endpoint}/${path} and set HF_TOKEN`;
    const rows = () =>
      snapshot({
        kind: "dataset",
        repo: "maker/rows",
        revision: "main",
        choose: (paths) => ({ files: paths }),
      });
    hub.serve(
      { repo, commit, files },
      { kind: "datasets", repo: "maker/rows", commit, files: { "train.jsonl": Buffer.from("{}") } },
    );
    for (const fault of ["fileStatus", "apiStatus"] as const) {
      hub.faults[fault] = 403;
      await refuses(fetched(), terms(repo));
      await refuses(rows(), terms("datasets/maker/rows"));
    }
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

  test("is never shown, where it cannot be sent: the error names where it was read", async () => {
    for (const token of [
      "hf_SECRET\nline2",
      "hf_SECRET’",
      "“hf_SECRET”",
      "hf_SECRET two",
      "hf_SECRET\u0001",
    ]) {
      process.env.HF_TOKEN = token;
      const told = await fetched().catch((error: Error) => error);
      expect(String(told)).toMatch(/^OptionError: HF_TOKEN: .* in it, as character \d+ of \d+/);
      expect(inspect(told, { depth: 9 })).not.toContain("SECRET");
    }
    process.env.HF_TOKEN = " \n";
    writeFileSync(join(home, "token"), "hf_SECRET\nline2\n");
    await refuses(fetched(), join(home, "token"), "character 10 of 15");
    expect(hub.asked).toEqual([]);
    process.env.HF_TOKEN = " hf_fine\r\n";
    await fetched();
    expect(hub.asked[0]!.token).toBe("Bearer hf_fine");
  });
});
