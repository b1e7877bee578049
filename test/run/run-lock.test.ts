import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { before, lockTrials } from "../../scripts/lock-trials.ts";
import { isAlive, ownName, processName } from "../../src/run/process-name.ts";
import { isLock, takeLock } from "../../src/run/run-lock.ts";
import { temporaryFolder } from "../loop/tiny.ts";

/** The lock that a process of this name would have left. */
function leaveLock(folder: string, name: string): void {
  mkdirSync(join(folder, "lock"));
  writeFileSync(join(folder, "lock", name), "");
}

describe("a process's name", () => {
  test("is its own while it is at work, and nobody's once it has ended", async () => {
    const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
    const name = processName(child.pid!)!;
    expect(name).toMatch(new RegExp(`^${child.pid}-[0-9a-f]{12}$`));
    expect(processName(child.pid!)).toBe(name);
    expect(isAlive(name)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isAlive(name)).toBe(false);
  });

  test("is not that of a later process of the same number", () => {
    expect(isAlive(ownName())).toBe(true);
    expect(isAlive(`${process.pid}-0123456789ab`)).toBe(false);
    expect(isAlive(`${process.ppid}-0123456789ab`)).toBe(false);
  });

  test.each(["", "lock", ".DS_Store", "1", "-1-0123456789ab", "0-0123456789ab"])("is not %j", (name) => {
    expect(isAlive(name)).toBe(false);
  });

  test.skipIf(process.platform === "win32")("is no zombie's", async () => {
    // the shell becomes a process that never waits for the child it has left
    const parent = spawn("sh", ["-c", "sh -c 'echo $$' & exec sleep 60"]);
    const zombie = Number((await once(parent.stdout, "data"))[0]);
    const deadline = Date.now() + 5000;
    while (processName(zombie) !== undefined && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(process.kill(zombie, 0)).toBe(true);
    expect(processName(zombie)).toBeUndefined();
    parent.kill("SIGKILL");
  });
});

describe("a run's lock", () => {
  test("is held by one, given back, and leaves nothing", async () => {
    const folder = temporaryFolder();
    const unlock = await takeLock(folder);
    await expect(takeLock(folder)).rejects.toThrow(
      `${folder}: expected a run that no process is at work on, got process ${process.pid}, which holds`,
    );
    expect(readdirSync(folder)).toEqual(["lock"]);
    await unlock();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is taken once by many takers of one process", async () => {
    const folder = temporaryFolder();
    const took = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(folder)));
    expect(took.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(["lock"]);
  });

  test("of a process that lives is left to it", async () => {
    const folder = temporaryFolder();
    leaveLock(folder, processName(process.ppid)!);
    await expect(takeLock(folder)).rejects.toThrow(`process ${process.ppid}, which holds`);
    expect(readdirSync(join(folder, "lock"))).toEqual([processName(process.ppid)]);
  });

  test("of a process that is gone is taken over, whoever has its number now", async () => {
    const gone = spawnSync(process.execPath, ["-e", ""]).pid;
    for (const name of [
      `${gone}-0123456789ab`,
      `${process.pid}-0123456789ab`,
      `${process.ppid}-0123456789ab`,
    ]) {
      const folder = temporaryFolder();
      leaveLock(folder, name);
      // killed between making a lock and taking it
      mkdirSync(join(folder, `lock-${name}-aB3xYz`));
      expect(readdirSync(folder).every(isLock)).toBe(true);
      const unlock = await takeLock(folder);
      expect(readdirSync(folder)).toEqual(["lock"]);
      expect(readdirSync(join(folder, "lock"))).toEqual([ownName()]);
      await unlock();
      expect(existsSync(join(folder, "lock"))).toBe(false);
    }
  });

  test.each(before)("is held by exactly one of two that start at the same moment, with %s", async (left) => {
    expect(await lockTrials(60, left)).toEqual({ holders: [0, 60, 0], left: [] });
  });
});
