import { lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { hubModel } from "../../src/hub/hub-model.ts";
import { snapshot } from "../../src/hub/snapshot.ts";
import { refuses } from "../models/files.ts";
import { cacheOf, commit, fetched, files, home, hub, id } from "./small-repo.ts";

const rows = {
  "README.md": Buffer.from("# Rows"),
  "test.jsonl": Buffer.from("1"),
  "validation.jsonl": Buffer.from("2"),
};

/** The first of these files that there is, as a data set without a test split gives its validation split. */
async function first(revision: string, ...wanted: string[]): Promise<readonly string[]> {
  const choose = (paths: readonly string[]) => {
    const found = wanted.find((path) => paths.includes(path));
    return { files: found === undefined ? [] : [found] };
  };
  hub.serve({ kind: "datasets", repo: "maker/rows", commit, files: rows });
  return (await snapshot({ kind: "dataset", repo: "maker/rows", revision, choose })).files;
}

/** What another tool leaves that loaded a model's weights alone. */
function leaveWeights(): void {
  for (const name of ["config.json", "model.safetensors"] as const) {
    const path = join(cacheOf(), "snapshots", commit, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, files[name]);
  }
}

describe("a pinned commit", () => {
  test("has a file that nobody asked for before", async () => {
    expect(await first(commit, "README.md")).toEqual(["README.md"]);
  });

  test("gives the same choice whichever of its files are in the cache", async () => {
    expect(await first(commit, "validation.jsonl")).toEqual(["validation.jsonl"]);
    expect(await first(commit, "test.jsonl", "validation.jsonl")).toEqual(["test.jsonl"]);
  });

  test("is fetched whole where another tool took a part of it", async () => {
    leaveWeights();
    expect(readdirSync(await hubModel({ ...id, revision: commit }))).toContain("tokenizer.json");
  });

  test("is what is there of it, with a note, where the hub cannot be reached", async () => {
    leaveWeights();
    const notes: string[] = [];
    process.env.HF_ENDPOINT = "http://127.0.0.1:1";
    const folder = await hubModel({ ...id, revision: commit }, { onNote: (text) => notes.push(text) });
    expect(readdirSync(folder)).toEqual(["config.json", "model.safetensors"]);
    expect(notes.join()).toContain("the copy in the cache is used");
  });
});

describe("the list of a commit's files", () => {
  test("keeps one split from standing in for another where the hub is not asked", async () => {
    expect(await first("main", "validation.jsonl")).toEqual(["validation.jsonl"]);
    process.env.HF_HUB_OFFLINE = "1";
    await refuses(first("main", "test.jsonl", "validation.jsonl"), "nothing whole there");
    expect(await first("main", "validation.jsonl")).toEqual(["validation.jsonl"]);
  });

  test("is kept where no other tool looks", async () => {
    await fetched();
    expect(readdirSync(cacheOf()).sort()).toEqual([".errata", "blobs", "refs", "snapshots"]);
    expect(readdirSync(join(cacheOf(), "snapshots"))).toEqual([commit]);
  });

  test("is asked for again where it is lost or damaged", async () => {
    await fetched();
    const list = join(cacheOf(), ".errata", `${commit}.json`);
    for (const damaged of ["[", "[1]", '{"a":1}']) {
      writeFileSync(list, damaged);
      hub.asked.length = 0;
      await hubModel({ ...id, revision: commit });
      expect(hub.asked.length).toBeGreaterThan(0);
    }
    rmSync(dirname(list), { recursive: true });
    writeFileSync(dirname(list), "in the way");
    await hubModel({ ...id, revision: commit });
  });
});

test("a cache that all is in is not written into", async () => {
  const folder = await fetched();
  const written = () =>
    [join(folder, "config.json"), join(cacheOf(), "refs", "main"), join(cacheOf(), ".errata"), home].map(
      (path) => lstatSync(path, { bigint: true }).ctimeNs,
    );
  const before = written();
  expect(await fetched()).toBe(folder);
  expect(written()).toEqual(before);
});
