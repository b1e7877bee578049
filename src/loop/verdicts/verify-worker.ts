/**
 * The thread of a verifier: tasks in, one outcome each out, one at a time.
 *
 * Before each task it notes in shared memory which one and since when, so that the pool knows what a hung
 * or dead thread was doing. It speaks through a port of its own, which the verifier has no name for.
 */
import { workerData } from "node:worker_threads";
import { VerifierError } from "../../errors.ts";
import { goldForms } from "./gold-forms.ts";
import { judge } from "./judge.ts";
import { classesOf, sameAnswer } from "./same-answer.ts";
import { loadVerifier } from "./verifiers.ts";
import { type FromThread, IDLE, LOADING, type Outcome, type Task, type ThreadData } from "./verify-thread.ts";

const { verifier: nameOrPath, scoreThreshold, progress, port } = workerData as ThreadData;
const clock = new BigInt64Array(progress);
const say = (message: FromThread): void => port.postMessage(message);
const note = (doing: number): void => {
  Atomics.store(clock, 1, BigInt(Date.now()));
  Atomics.store(clock, 0, BigInt(doing));
};

/** What was printed has gone out: a thread may be ended once its last task is done. */
const printed = async (): Promise<void> => {
  for (const stream of [process.stdout, process.stderr])
    if (stream.writableLength > 0) await new Promise((resolve) => stream.write("", resolve));
};

try {
  note(LOADING);
  const verifier = await loadVerifier(nameOrPath);
  note(IDLE);
  const outcomeOf = async (task: Task): Promise<Outcome> => {
    try {
      if (task.kind === "judge") return await judge(verifier, task.problem, task.answer, scoreThreshold);
      return task.kind === "forms"
        ? { kind: "forms", forms: goldForms(verifier, task.problem) }
        : { kind: "compared", classes: classesOf(task.answers, sameAnswer(verifier)) };
    } catch (fault) {
      return { kind: "error", because: String(fault) };
    }
  };
  let last: Promise<void> = Promise.resolve();
  port.on("message", (tasks: readonly Task[]) => {
    last = last.then(async () => {
      for (const task of tasks) {
        note(task.key);
        const outcome = await outcomeOf(task);
        await printed();
        note(IDLE);
        say({ kind: "done", key: task.key, outcome });
      }
    });
  });
  const { name, readsReference } = verifier;
  const [compares, hasForms] = [verifier.sameAnswer !== undefined, verifier.goldForms !== undefined];
  say({ kind: "ready", about: { name, readsReference, compares, hasForms } });
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
