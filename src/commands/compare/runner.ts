/**
 * Runs of a comparison, each in a process of its own, some at a time; those that have ended are not run again.
 */
import { fork } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Fault, RunError } from "../../errors.ts";
import { writeWhole } from "../../files/atomic-write.ts";
import type { Options } from "../../options/options.ts";
import type { EndReason, RunEvent } from "../../run/events.ts";
import type { PlannedRun } from "./plan.ts";

/** To the process of a run. */
export type CompareOrder =
  | { readonly kind: "run"; readonly options: Options<"train"> }
  | { readonly kind: "stop" };

/** From it. */
export type CompareMessage =
  | { readonly kind: "event"; readonly event: RunEvent }
  | { readonly kind: "ended"; readonly reason: EndReason; readonly steps: number }
  | { readonly kind: "failed"; readonly text: string; readonly fault?: Fault };

/** How a run ended, as kept in its folder. */
export interface Finished {
  readonly reason: EndReason;
  readonly steps: number;
}

export type OnRunEvent = (run: PlannedRun, event: RunEvent) => void;

const finishedPath = ({ folder }: PlannedRun) => join(folder, "finished.json");

/** How a run ended, where it did and has no more steps to take. */
export function finishedRun(run: PlannedRun): Finished | undefined {
  if (!existsSync(finishedPath(run))) return undefined;
  const found = JSON.parse(readFileSync(finishedPath(run), "utf8")) as Finished;
  return found.reason === "nothing-to-learn" || found.steps >= run.options.maxSteps ? found : undefined;
}

/**
 * Runs what has not ended yet, `jobs` at a time, in order.
 *
 * @returns  true where all have ended, false where the comparison was stopped before
 * @throws RunError for the first run that fails; those beside it are stopped, and saved
 */
export async function runAll(
  runs: readonly PlannedRun[],
  jobs: number,
  stop: AbortSignal | undefined,
  onEvent: OnRunEvent,
): Promise<boolean> {
  const waiting = runs.filter((run) => finishedRun(run) === undefined);
  const failing = new AbortController();
  const halt = AbortSignal.any(stop === undefined ? [failing.signal] : [stop, failing.signal]);
  const work = async () => {
    for (let run = waiting.shift(); run !== undefined && !halt.aborted; run = waiting.shift()) {
      const finished = await runOne(run, halt, onEvent);
      if (finished.reason === "stopped") return;
      await writeWhole(finishedPath(run), (handle) => handle.writeFile(`${JSON.stringify(finished)}\n`));
    }
  };
  const workers = Array.from({ length: jobs }, () =>
    work().catch((cause: unknown) => {
      failing.abort();
      throw cause;
    }),
  );
  const results = await Promise.allSettled(workers);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return runs.every((run) => finishedRun(run) !== undefined);
}

function runOne(run: PlannedRun, stop: AbortSignal, onEvent: OnRunEvent): Promise<Finished> {
  const fromSource = new URL(import.meta.url).pathname.endsWith(".ts");
  const script = fileURLToPath(new URL(`./process${fromSource ? ".ts" : ".js"}`, import.meta.url));
  const tsx = () => pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const child = fork(script, [], {
    execArgv: fromSource ? ["--import", tsx()] : [],
    // stdout is for results: what a verifier or an objective prints goes to stderr
    stdio: ["ignore", 2, 2, "ipc"],
  });
  const order = (given: CompareOrder) => child.connected && child.send(given);
  const halt = () => order({ kind: "stop" });
  stop.addEventListener("abort", halt);
  order({ kind: "run", options: run.options });
  return new Promise<Finished>((resolve, reject) => {
    let last: CompareMessage | undefined;
    child.on("message", (message: CompareMessage) => {
      if (message.kind === "event") onEvent(run, message.event);
      else last = message;
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      stop.removeEventListener("abort", halt);
      if (last?.kind === "ended") return resolve({ reason: last.reason, steps: last.steps });
      const fault = last?.kind === "failed" ? last.fault : undefined;
      reject(
        new RunError({
          where: `${run.method}, seed ${run.seed}: ${fault?.where ?? run.folder}`,
          expected: fault?.expected ?? "its process to finish",
          got:
            fault?.got ?? (last?.kind === "failed" ? last.text : `it ended with ${signal ?? `code ${code}`}`),
          next: `${fault?.next ?? "If memory ran out, set micro_batch_tokens lower."} The same command goes on from here.`,
        }),
      );
    });
  });
}
