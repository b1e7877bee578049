/**
 * Downloads: what is fetched from the hub, as a moving line, and what is said of it.
 */
import type { RunEvent } from "../../run/events.ts";
import { progressLine } from "./progress.ts";
import { faint, type Terminal } from "./terminal.ts";

/** Shows downloads and notes; other events pass. */
export function showDownloads(terminal: Terminal): (event: RunEvent) => void {
  let current = { name: "", begin: 0 };
  return (event) => {
    if (event.kind === "note") terminal.aside(faint(event.text));
    if (event.kind !== "download") return;
    const { name, done, total } = event;
    if (name !== current.name) current = { name, begin: performance.now() };
    const seconds = (performance.now() - current.begin) / 1000;
    terminal.status(
      done === total
        ? undefined
        : progressLine(`fetching ${name}, MB`, Math.floor(done / 1e6), Math.ceil(total / 1e6), seconds),
    );
  };
}
