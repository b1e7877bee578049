import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makePartial } from "../../src/commands/export/partial-folder.ts";
import { ownName, processName } from "../../src/run/process-name.ts";
import { temporaryFolder } from "../models/files.ts";

test("what a killed export left goes with the next of its name, and nothing else does", async () => {
  const parent = temporaryFolder();
  const gone = `${spawnSync(process.execPath, ["-e", ""]).pid}-0123456789ab`;
  const others = [
    `.out.partial-${processName(process.ppid)}`,
    ".out.partial-",
    `.out.partial-${gone}x`,
    `.other.partial-${gone}`,
    `out.partial-${gone}`,
  ];
  for (const name of [`.out.partial-${gone}`, `.out.partial-${process.pid}-0123456789ab`, ...others]) {
    mkdirSync(join(parent, name));
    writeFileSync(join(parent, name, "model.safetensors"), "half");
  }
  const partial = await makePartial(join(parent, "out"));
  expect(partial).toBe(join(parent, `.out.partial-${ownName()}`));
  expect(readdirSync(partial)).toEqual([]);
  expect(readdirSync(parent).sort()).toEqual([`.out.partial-${ownName()}`, ...others].sort());
});

test("folders on the way are made", async () => {
  const output = join(temporaryFolder(), "exports", "all", "out");
  expect(readdirSync(join(await makePartial(output), ".."))).toEqual([`.out.partial-${ownName()}`]);
});
