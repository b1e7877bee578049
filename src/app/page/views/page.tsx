/** The page: five questions, five places, one key each. */

import type { FunctionComponent } from "preact";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { Changed } from "./changed.tsx";
import { Controls } from "./controls.tsx";
import { useKeys } from "./keys.ts";
import { Learning } from "./learning.tsx";
import { go, link, place, questions, type View, views } from "./place.ts";
import { RunChoice } from "./run-choice.tsx";
import { connection, every, isReport, openRuns, runs } from "./store.ts";
import { Taught } from "./taught.tsx";
import { Time } from "./time.tsx";
import { Trusted } from "./trusted.tsx";
import "uplot/dist/uPlot.min.css";
import "./page.css";
import "./answers.css";

const shown: Readonly<Record<View, FunctionComponent>> = {
  learning: Learning,
  changed: Changed,
  taught: Taught,
  trusted: Trusted,
  time: Time,
};

const states = { reading: "reading", lost: "no connection; trying again" } as const;

/** Of the connection, and of the runs where there is one. */
function stateOf(now: typeof connection.value): string {
  if (now !== "following") return states[now];
  return runs.value.some(({ isAlive }) => isAlive) ? "live" : "not at work";
}

function Page() {
  const { view, params } = place.value;
  const { run } = params;
  useKeys(Object.fromEntries(views.map((one, i) => [String(i + 1), () => go(link(one, { run }))])));
  const Shown = shown[view];
  const isEmpty = runs.value.every(({ steps, evals }) => steps.length + evals.length === 0);
  const title = runs.value.map(({ name }) => name).join(", ");
  useEffect(() => {
    document.title = `${questions[view]} ${title}`;
  }, [view, title]);
  return (
    <>
      <header>
        <span class="name">errata</span>
        <span class="runs" title={runs.value.map(({ folder }) => folder).join("\n")}>
          {title}
        </span>
        <span class={`state ${connection.value}`} role="status">
          {isReport ? (every > 1 ? `report, one step of ${every}` : "report") : stateOf(connection.value)}
        </span>
        <nav aria-label="Questions">
          {views.map((one, i) => (
            <a key={one} href={link(one, { run })} aria-current={one === view ? "page" : undefined}>
              <kbd>{i + 1}</kbd> {one}
            </a>
          ))}
        </nav>
      </header>
      <main>
        {runs.value.map((one) => (
          <Controls key={one.index} run={one} />
        ))}
        <h1>{questions[view]}</h1>
        {view !== "learning" && <RunChoice />}
        {isEmpty && connection.value === "reading" ? <p class="quiet">reading …</p> : <Shown />}
      </main>
    </>
  );
}

const address = new URL(location.href);
if (address.searchParams.has("token")) {
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
}
const root = document.getElementById("page")!;
openRuns().then(
  () => render(<Page />, root),
  (error: Error) => render(<p class="headline">{error.message}</p>, root),
);
