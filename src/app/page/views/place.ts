/**
 * Where the reader is: the address has all of it, so that every view is a link and Back works.
 *
 *   #taught?run=0&step=12&draw=40   ⇄   { view: "taught", params: { run: "0", … } }
 */
import { signal } from "@preact/signals";

export const questions = {
  learning: "Is it learning?",
  changed: "What changed?",
  taught: "What did this mistake teach?",
  trusted: "Can I trust the verdicts?",
  time: "Where does the time go?",
} as const;
export type View = keyof typeof questions;
export const views = Object.keys(questions) as View[];

export type Params = Readonly<Record<string, string | undefined>>;

export interface Place {
  readonly view: View;
  readonly params: Params;
}

export const place = signal(read());
for (const kind of ["hashchange", "popstate"]) addEventListener(kind, () => (place.value = read()));

function read(): Place {
  const [name = "", query] = location.hash.slice(1).split("?");
  const view = views.find((one) => one === name) ?? "learning";
  return { view, params: Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a place; what is undefined is left out. */
export function link(view: View, params: Params = {}): string {
  const set = Object.entries(params).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const query = new URLSearchParams(set).toString();
  return query === "" ? `#${view}` : `#${view}?${query}`;
}

/** The address of this view with some of it changed. */
export function here(change: Params): string {
  const { view, params } = place.value;
  return link(view, { ...params, ...change });
}

/** @param isTyping  true of what changes with each letter: Back leads over it */
export function go(to: string, isTyping = false): void {
  if (to === location.hash) return;
  history[isTyping ? "replaceState" : "pushState"](null, "", to);
  place.value = read();
}
