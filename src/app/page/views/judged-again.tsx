/** A step's answers judged again, by the run's own verifier and by another: what would change. */
import { useState } from "preact/hooks";
import type { JudgedStep } from "../records.ts";
import { Shown } from "./load.tsx";
import { isReport, type Run } from "./store.ts";
import { Text, Visible } from "./text.tsx";
import { useAnswer } from "./use-answer.ts";
import { many, percent } from "./words.ts";

export function JudgedAgain({ run, step }: { readonly run: Run; readonly step: number }) {
  const [isAsked, ask] = useState(false);
  const audit = useAnswer<JudgedStep>(isAsked ? "judge" : undefined, { run: run.index, step });
  return (
    <section>
      <h2>Judged again</h2>
      {!isAsked && !isReport && (
        <button type="button" onClick={() => ask(true)}>
          Judge the answers of step {step} again
        </button>
      )}
      {!isAsked && isReport && <code>errata verify --audit RUN</code>}
      {isAsked && (
        <Shown of={audit}>
          {({ again, other, all, attacks }) => (
            <>
              {[again, other].map(
                (judge) =>
                  judge && (
                    <p key={judge.verifier}>
                      <b>{judge.verifier}</b> says otherwise of {many(judge.others, "answer")}:{" "}
                      {judge.rightHereAlone} right that were not, {judge.rightThereAlone} no longer right,{" "}
                      {many(judge.errors, "error")}.
                    </p>
                  ),
              )}
              <p>
                The solve rate was {percent(all.was)}; judged again {percent(all.again)}
                {all.other !== undefined && `, by the other ${percent(all.other)}`}. Of {attacks.length} cheap
                attacks {attacks.filter(({ taken }) => taken > 0).length} are taken for an answer.
              </p>
              <div class="cards">
                {[...again.changed, ...(other?.changed ?? [])]
                  .slice(0, 40)
                  .map(({ problem, reference, text, was, is, because }, i) => (
                    <article key={i} class={`answer ${is}`}>
                      <p class="said">
                        <b>
                          {was} → {is}
                        </b>{" "}
                        <Visible text={problem} />{" "}
                        <span class="quiet">
                          reference <Visible text={reference} />
                          {because && `; ${because}`}
                        </span>
                      </p>
                      <Text text={text} />
                    </article>
                  ))}
              </div>
            </>
          )}
        </Shown>
      )}
    </section>
  );
}
