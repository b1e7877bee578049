/** What the run is busy with, and what may be asked of it while it is at work. */
import { useState } from "preact/hooks";
import type { RequestName } from "../../../run/events.ts";
import { phasesOf } from "../../../run/phases.ts";
import { type Run, tell } from "./store.ts";
import { phaseWords } from "./words.ts";

const requests: Readonly<Record<Exclude<RequestName, "pause" | "continue">, string>> = {
  evaluate: "Evaluate now",
  save: "Save now",
  stop: "Stop after this step",
};

export function Controls({ run }: { readonly run: Run }) {
  const [said, say] = useState("");
  if (!run.isAlive) return null;
  const now = phasesOf(run.events).at(-1);
  const isPaused = now?.phase === "paused";
  const done = now?.total ? ` ${Math.round((100 * (now.done ?? 0)) / now.total)} %` : "";
  const ask = (request: RequestName) => {
    say("");
    tell(run, request).then(
      () => say(`asked to ${request}`),
      (error: Error) => say(error.message),
    );
  };
  return (
    <div class="controls">
      <span>{now === undefined ? "at work" : `step ${now.step}: ${phaseWords[now.phase]}${done}`}</span>
      {run.canAsk && (
        <>
          <button type="button" onClick={() => ask(isPaused ? "continue" : "pause")}>
            {isPaused ? "Go on" : "Pause"}
          </button>
          {Object.entries(requests).map(([request, words]) => (
            <button type="button" key={request} onClick={() => ask(request as RequestName)}>
              {words}
            </button>
          ))}
        </>
      )}
      <span class="quiet" role="status">
        {said}
      </span>
    </div>
  );
}
