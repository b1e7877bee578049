/**
 * `errata compare`: methods side by side, over seeds.
 */
import { basename } from "node:path";
import type { Command } from "commander";
import { type CompareRequest, compare, isSetting, type PlannedRun, type RunEvent } from "../../index.ts";
import { interrupted, onInterrupt } from "./interrupt.ts";
import { duration } from "./progress.ts";
import { bold, faint, openTerminal, type Terminal } from "./terminal.ts";

/** Adds the verb to the command; it sets the exit code: 0 where every run ended, 130 where it was interrupted. */
export function compareCommand(program: Command): void {
  program
    .command("compare")
    .summary("run several methods from the same base on the same data, over seeds, and compare them")
    .usage("METHOD… [--seeds N] [--jobs N] [--quick] [options of train]")
    .description(
      "A method is an algorithm (nft, rft, grpo, …) or the path of an objective of one's own, and may set options after a " +
        "colon: rft:normalize=dr_grpo,neg_weight=0. Everything else is an option of train and the same for all. One folder " +
        "(--output-dir) holds every run, results.json, summary.md and plots as SVG. Ctrl-C saves; the same command goes on. " +
        "--jobs N runs N at a time, --quick takes a few steps only, --seeds is 3 where it is not given.",
    )
    .argument("[words...]")
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_words: string[], _flags: object, command: Command) => {
      process.exitCode = await run(requestOf(command.args));
    });
}

/** Methods come first; `--seeds`, `--jobs` and `--quick` may stand anywhere after; the rest is `train`'s. */
export function requestOf(words: readonly string[]): CompareRequest {
  const first = words.findIndex((word) => word.startsWith("-") || isSetting(word));
  const methods = first < 0 ? words : words.slice(0, first);
  const argv: string[] = [];
  const own: Record<string, string> = {};
  for (let i = methods.length; i < words.length; i++) {
    // bare, it is the value of the flag before it: --output-dir quick
    const match = /^(?:--|(?=\w+=))(seeds|jobs|quick)(?:=(.*))?$/.exec(words[i]!);
    if (match === null) argv.push(words[i]!);
    else own[match[1]!] = match[2] ?? (match[1] === "quick" ? "true" : (words[++i] ?? ""));
  }
  const quick = own.quick !== undefined && own.quick !== "false";
  return {
    methods,
    seeds: Number(own.seeds ?? (quick ? 2 : 3)),
    jobs: Number(own.jobs ?? 1),
    quick,
    argv,
  };
}

async function run(request: CompareRequest): Promise<number> {
  const terminal = openTerminal();
  const interrupt = onInterrupt(
    terminal,
    "Stopping: the runs under way save. Ctrl-C again ends it at once. The same command goes on.",
  );
  const shown = watcher(terminal, request.jobs);
  try {
    const result = await compare(request, {
      signal: interrupt.stop,
      onPlan(plan, finished) {
        for (const note of plan.notes) terminal.aside(faint(note));
        const before = finished > 0 ? `, ${finished} of them done before` : "";
        terminal.line(
          `${bold("compare")} ${plan.methods.join(", ")}   seeds ${plan.seeds.join(", ")}   ${plan.runs.length} runs${before}`,
        );
        shown.plan(plan.runs, finished);
      },
      onEvent: shown.event,
    });
    terminal.status(undefined);
    terminal.line(`\n${result.report}`);
    terminal.line(
      `${bold(result.finished ? "done" : "stopped")}    ${result.folder}: results.json, summary.md, *.svg`,
    );
    return result.finished ? 0 : interrupted;
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
        terminal.aside(`Warning: ${event.text}`);
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
