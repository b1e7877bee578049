/** What half of a run's time goes into, and when it will have taken its steps. */
import type { Run } from "./store.ts";
import { seconds } from "./words.ts";

/** By the seconds of the steps so far, if it goes on like that. */
export function timeLeft({ steps, events, options, isAlive, folder, command }: Run, spent: number): string {
  const last = steps.at(-1)!.step;
  const started = events.findLast(({ kind }) => kind === "start");
  const planned = started?.kind === "start" ? started.steps : Number(options.max_steps ?? 0);
  if (!(planned > last)) return planned > 0 ? "All steps are taken." : "";
  if (!isAlive)
    return `Not at work, after ${last} of ${planned} steps: errata ${command} --resume ${folder} goes on.`;
  const left = ((planned - last) * spent) / steps.length;
  const end = new Date(Date.now() + 1000 * left).toLocaleTimeString("en", {
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
  });
  return `${planned - last} of ${planned} steps are left: ${seconds(left)} at this pace, until ${end}.`;
}

/** The fewest phases that take half of the time together. @param sums  the longest first */
export function halfOf(sums: readonly { readonly label: string; readonly sum: number }[], all: number) {
  const names: string[] = [];
  let sum = 0;
  for (const one of sums) {
    if (sum >= all / 2) break;
    names.push(one.label);
    sum += one.sum;
  }
  return { names, share: sum / all };
}
