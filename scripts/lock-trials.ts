/**
 * Two processes take one run's lock at the same moment, again and again: one holds it, always.
 *
 *   npx tsx scripts/lock-trials.ts [rounds]
 *
 * With no lock there, with that of a process that was killed, and with an empty one, as a start that stands
 * still between two of its steps leaves it. Prints how often none, one and both of them held it.
 */
import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { takeLock } from "../src/run/run-lock.ts";

export const before = ["no lock", "a stale lock", "an empty lock"] as const;

/** How many rounds ended with so many holders, and what was left behind. */
export interface Trials {
  readonly holders: readonly [none: number, one: number, both: number];
  readonly left: readonly string[];
}

/** Nanoseconds from the word to the moment of taking. */
const headStart = 400_000n;

/** @param left  what is there when the two begin */
export async function lockTrials(rounds: number, left: (typeof before)[number]): Promise<Trials> {
  const folder = mkdtempSync(join(tmpdir(), "errata-lock-"));
  const gone = `${spawnSync(process.execPath, ["-e", ""]).pid}-0123456789ab`;
  const takers = [start(), start()];
  const holders: [number, number, number] = [0, 0, 0];
  try {
    for (const taker of takers) await once(taker, "message");
    for (let round = 0; round < rounds; round++) {
      const path = join(folder, "lock");
      if (left !== "no lock") mkdirSync(path);
      if (left === "a stale lock") writeFileSync(join(path, gone), "");
      const at = `${process.hrtime.bigint() + headStart}`;
      const took = await Promise.all(takers.map((taker) => ask(taker, { folder, at })));
      const count = took.filter((held) => held === true).length as 0 | 1 | 2;
      holders[count]++;
      for (const taker of takers) await ask(taker, { release: true });
    }
    return { holders, left: readdirSync(folder) };
  } finally {
    for (const taker of takers) taker.kill();
    rmSync(folder, { recursive: true });
  }
}

function start(): ChildProcess {
  return fork(fileURLToPath(import.meta.url), ["taker"], { execArgv: ["--import", "tsx"] });
}

async function ask(taker: ChildProcess, message: object): Promise<unknown> {
  const answer = once(taker, "message");
  taker.send(message);
  return (await answer)[0];
}

/** Waits for the moment, takes the lock, says whether it holds it; gives it back when told. */
function take(): void {
  let unlock: (() => Promise<void>) | undefined;
  process.on("message", async ({ folder, at, release }: { folder: string; at: string; release?: true }) => {
    if (release) {
      await unlock?.();
      unlock = undefined;
    } else {
      while (process.hrtime.bigint() < BigInt(at));
      unlock = await takeLock(folder).catch(() => undefined);
    }
    process.send!(unlock !== undefined);
  });
  process.send!("ready");
}

if (process.argv[2] === "taker") take();
else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rounds = Number(process.argv[2] ?? 1000);
  for (const left of before) {
    const { holders, left: behind } = await lockTrials(rounds, left);
    const [none, one, both] = holders;
    console.log(
      `${left}: ${rounds} rounds, none held it in ${none}, one in ${one}, both in ${both}; left: [${behind}]`,
    );
  }
}
