/**
 * The thread of a verifier: problems and answers in, one verdict each out, one at a time.
 *
 * Before each answer it notes in shared memory which one and since when, so that the pool knows what a
 * hung or dead thread was doing.
 */
import { parentPort, workerData } from "node:worker_threads";
import { VerifierError } from "../../errors.ts";
import type { Problem } from "../types.ts";
import { judge } from "./judge.ts";
import { loadVerifier } from "./verifiers.ts";
import type { FromThread, ThreadData, ToThread } from "./verify-thread.ts";

const port = parentPort!;
const { verifier: nameOrPath, progress } = workerData as ThreadData;
const clock = new BigInt64Array(progress);
const say = (message: FromThread): void => port.postMessage(message);

try {
  const verifier = await loadVerifier(nameOrPath);
  const one = async (key: number, problem: Problem, answer: string): Promise<void> => {
    Atomics.store(clock, 1, BigInt(Date.now()));
    Atomics.store(clock, 0, BigInt(key));
    const verdict = await judge(verifier, problem, answer);
    Atomics.store(clock, 0, -1n);
    say({ kind: "verdict", key, verdict });
  };
  let last: Promise<void> = Promise.resolve();
  port.on("message", (batch: ToThread) => {
    last = last.then(async () => {
      for (const { key, problem, answer } of batch) await one(key, problem, answer);
    });
  });
  say({ kind: "ready" });
} catch (fault) {
  const told = fault instanceof VerifierError ? fault : undefined;
  say({
    kind: "failed",
    fault: {
      where: told?.where ?? `verifier ${nameOrPath}`,
      expected: told?.expected ?? "a verifier that loads",
      got: told?.got ?? (fault instanceof Error ? fault.message : String(fault)),
      next: told?.next ?? "Check the module and what it imports.",
    },
  });
}
