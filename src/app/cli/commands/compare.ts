/**
 * `errata compare`: methods side by side, over seeds.
 */
import { basename } from "node:path";
import type { CompareRequest, PlannedRun } from "../../../commands/compare/plan.ts";
import { isSetting } from "../../../options/option-sources.ts";
import type { RunEvent } from "../../../run/events.ts";
import type { Call, CliCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { onInterrupt } from "../interrupt.ts";
import { duration } from "../progress.ts";
import { fitReport } from "../tables.ts";
import { bold, faint, type Terminal } from "../terminal.ts";

export const command: CliCommand = {
  usage: "METHOD… [--seeds N] [--jobs N] [--quick] [options of train]",
  about:
    "A method is an algorithm (nft, rft, grpo, …) or the path of an objective of one's own, and may set options after a colon: rft:normalize=dr_grpo,neg_weight=0. Everything else is an option of train and the same for all. One folder (--output-dir) holds every run, results.json, summary.md and plots as SVG. Ctrl-C saves; the same command goes on.",
  examples: [
    "errata compare nft rft grpo --seeds 3 --config examples/1-sums.yaml",
    "errata compare nft:learning_rate=1e-5 nft:learning_rate=1e-4 --config examples/1-sums.yaml",
  ],
  flags: [
    { name: "seeds", value: "N", help: "runs of each method, each with a seed of its own; 3 unless given" },
    { name: "jobs", value: "N", help: "runs at a time; 1 unless given" },
    { name: "quick", help: "a few steps of two seeds only, to see that all of it runs" },
  ],
  options: "train",
  run,
};

/** Methods come first; what follows them is `train`'s. */
export function requestOf({ words, flags }: Pick<Call, "words" | "flags">): CompareRequest {
  const first = words.findIndex((word) => word.startsWith("-") || isSetting(word));
  const methods = first < 0 ? words : words.slice(0, first);
  const quick = flags.quick !== undefined;
  return {
    methods,
    seeds: Number(flags.seeds ?? (quick ? 2 : 3)),
    jobs: Number(flags.jobs ?? 1),
    quick,
    argv: words.slice(methods.length),
  };
}

async function run({ words, flags, terminal }: Call): Promise<number> {
  const { compare } = await import("../../../commands/compare/compare.ts");
  const request = requestOf({ words, flags });
  const interrupt = onInterrupt(
    terminal,
    "Stopping: the runs under way save. Ctrl-C again ends it at once. The same command goes on.",
  );
  const shown = watcher(terminal, request.jobs);
  try {
    const result = await compare(request, {
      signal: interrupt.stop,
      onPlan(plan, finished) {
        for (const note of plan.notes) terminal.line(faint(note));
        const before = finished > 0 ? `, ${finished} of them done before` : "";
        terminal.line(
          `${bold("compare")} ${plan.methods.join(", ")}   seeds ${plan.seeds.join(", ")}   ${plan.runs.length} runs${before}`,
        );
        shown.plan(plan.runs, finished);
      },
      onEvent(planned, event) {
        shown.event(planned, event);
        if (terminal.json && event.kind !== "progress" && event.kind !== "download")
          terminal.result({ run: planned.folder, ...event });
      },
    });
    terminal.status(undefined);
    const { folder, finished, summary, report } = result;
    if (terminal.json) terminal.result({ kind: "comparison", folder, finished, summary });
    terminal.line(`\n${fitReport(report, terminal.width)}`);
    terminal.line(`${bold(finished ? "done" : "stopped")}    ${folder}: results.json, summary.md, *.svg`);
    return finished ? exitCodes.done : interrupt.exitCode;
  } finally {
    terminal.status(undefined);
    interrupt.release();
  }
}

/** One line for each run that ends, and a moving one for those under way. */
function watcher(terminal: Terminal, jobs: number) {
  const began = performance.now();
  const at = new Map<string, string>();
  const warned = new Set<string>();
  let [total, done, before] = [0, 0, 0];
  return {
    plan(runs: readonly PlannedRun[], finished: number) {
      [total, done, before] = [runs.length, finished, finished];
    },
    event(planned: PlannedRun, event: RunEvent) {
      const name = basename(planned.folder);
      if (event.kind === "warning" && !warned.has(event.text)) {
        warned.add(event.text);
        terminal.line(`Warning: ${event.text}`);
      }
      if (event.kind === "step") at.set(name, `${name} step ${event.step}/${event.steps}`);
      if (event.kind === "eval" && event.record.kind === "solve") {
        const { avgAtK } = event.record;
        terminal.line(
          `${name.padEnd(28)} step ${String(event.step).padStart(4)}   right ${(100 * avgAtK.mean).toFixed(1)}%`,
        );
      }
      if (event.kind === "end") {
        at.delete(name);
        if (event.reason === "stopped") return;
        done++;
        const each = (performance.now() - began) / 1000 / (done - before);
        terminal.line(
          `${name.padEnd(28)} ${event.reason}   ${done} of ${total} runs, about ${duration(each * (total - done))} left`,
        );
      }
      terminal.status([...at.values()].slice(0, jobs).join("   "));
    },
  };
}
