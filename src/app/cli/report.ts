/**
 * Reports: a run's events as lines a person reads, in the order they come and on stdout, notes and warnings too.
 */
import { basename } from "node:path";
import type { Phase, RunEvent } from "../../run/events.ts";
import { columnsOf, wrap } from "./columns.ts";
import { showDownloads } from "./downloads.ts";
import { progressLine } from "./progress.ts";
import { shownLines, wrongLines } from "./rollout-lines.ts";
import { evalLine, STEP_WORDS, sftLine, stepLine } from "./run-lines.ts";
import { bold, faint, type Terminal } from "./terminal.ts";

/** What a run is busy with, in the words of the flow. */
const phases: Readonly<Record<Phase, string>> = {
  open: "opening the model",
  gen: "rollouts",
  verify: "verdicts",
  old_log_prob: "old log-probs",
  update_actor: "update",
  token_records: "token records",
  eval: "evaluation",
  save: "checkpoint",
};

/** Lines of a long supervised run; the steps between are in steps.jsonl. */
const MOST_LINES = 200;

/** Where a text begins that has its name before it, in columns. */
const MARGIN = 8;

/** Prints each event as it comes. */
export function reporter(terminal: Terminal): (event: RunEvent) => void {
  let steps = 0;
  let phase: { readonly name: Phase; readonly begin: number } = { name: "open", begin: performance.now() };
  let heldOut: number | undefined;
  let explained = false;
  const downloads = showDownloads(terminal);
  const named = (name: string, text: string) =>
    terminal.line(
      bold(name) + " ".repeat(MARGIN - name.length) + wrap(text, terminal.width, MARGIN).slice(MARGIN),
    );
  // a line waits for the checkpoint that may follow, to say so in the same line
  let waiting: string | undefined;
  let below: readonly string[] = [];
  const flush = (saved = "") => {
    if (waiting === undefined) return;
    const room = terminal.width - columnsOf(waiting.split("\n").at(-1)!);
    const more = [saved && `   saved ${saved}`, saved && "   saved", ""].find((text) => text.length <= room);
    for (const line of [waiting + (more ?? ""), ...below]) terminal.line(line);
    [waiting, below] = [undefined, []];
  };
  const show = (step: number, done = 0, total = 0) => {
    const label = `${steps === 0 ? "" : `step ${step}/${steps}  `}${phases[phase.name]}`;
    const seconds = (performance.now() - phase.begin) / 1000;
    terminal.status(total === 0 ? `${label} …` : progressLine(label, done, total, seconds));
  };
  return (event) => {
    const goesOn = event.kind === "progress" || (event.kind === "phase" && event.phase === "save");
    if (event.kind !== "saved" && !goesOn) flush();
    switch (event.kind) {
      case "start":
        steps = event.steps;
        named("model", event.model);
        named(
          "run",
          `${event.folder}${event.resumedAt > 0 ? `, resumed after step ${event.resumedAt}` : ""}`,
        );
        return;
      case "note":
        terminal.line(faint(wrap(event.text, terminal.width)));
        return;
      case "warning":
        terminal.line(wrap(`Warning: ${event.text}`, terminal.width));
        return;
      case "check":
        named("check", `${event.name}: ${event.text}`);
        return;
      case "asked":
        named("asked", `${event.request}, after step ${event.step}`);
        return;
      case "paused":
        terminal.status(`paused after step ${event.step}`);
        return;
      case "continued":
        terminal.status(undefined);
        return;
      case "download":
        downloads(event);
        return;
      case "phase":
        phase = { name: event.phase, begin: performance.now() };
        show(event.step);
        return;
      case "progress":
        show(event.step, event.done, event.total);
        return;
      case "step":
        terminal.status(undefined);
        if (!explained) terminal.line(faint(wrap(STEP_WORDS, terminal.width)));
        explained = true;
        waiting = stepLine(event.record, event.steps, heldOut, terminal.width);
        below = [
          ...(event.record.skipped === undefined ? [] : [wrap(event.record.skipped, terminal.width, MARGIN)]),
          ...(event.record.wrong === undefined ? [] : wrongLines(event.record.wrong, terminal.width)),
          ...event.answers.flatMap((answer) => shownLines(answer, terminal.width)),
        ];
        return;
      case "sft-step":
        terminal.status(undefined);
        if (event.step % Math.ceil(event.steps / MOST_LINES) === 0 || event.step === event.steps) {
          waiting = sftLine(event.record, event.steps, terminal.width);
        }
        return;
      case "eval":
        terminal.status(undefined);
        if (event.record.kind === "solve") heldOut = event.record.sinceStart?.mean ?? 0;
        waiting = evalLine(event.record, steps, terminal.width);
        below = event.answers.flatMap((answer) => shownLines(answer, terminal.width));
        // outside a run no checkpoint follows
        if (steps === 0) flush();
        return;
      case "saved":
        terminal.status(undefined);
        flush(basename(event.folder));
        return;
      case "end":
        terminal.status(undefined);
        return;
      default:
        event satisfies never;
    }
  };
}
