/** The answers to one held-out problem at two of the run's evaluations, and how they differ. */
import { diffWordsWithSpace } from "diff";
import type { ProblemHistory } from "../../../commands/watch/flips.ts";
import type { AnswerRecord, SolveEval } from "../../../run/records.ts";
import { Shown } from "./load.tsx";
import { here, place } from "./place.ts";
import { comparedSteps } from "./problem-rows.ts";
import type { Run } from "./store.ts";
import { Text, Visible } from "./text.tsx";
import { useAnswer } from "./use-answer.ts";

interface Props {
  readonly run: Run;
  readonly history: ProblemHistory;
  readonly evals: readonly SolveEval[];
}

export function ProblemAnswers({ run, history, evals }: Props) {
  const { params } = place.value;
  const steps = evals.map(({ step }) => step);
  const [before, after] = comparedSteps(history, steps, { before: params.before, after: params.after });
  const ask = (step: number) =>
    useAnswer<AnswerRecord>("answers", { run: run.index, step, place: history.place });
  const [was, is] = [ask(before), ask(after)];
  return (
    <section class="detail" aria-label={`Problem ${history.place}`}>
      <Shown of={is}>
        {({ prompt, reference, problem }) => (
          <>
            <h2>{problem}</h2>
            <Text text={prompt} />
            <p class="quiet">
              reference <Visible text={reference} />
            </p>
          </>
        )}
      </Shown>
      <div class="columns">
        <Evaluation title="before" chosen={before} steps={steps} answers={was.value?.answers ?? []} />
        <Evaluation title="after" chosen={after} steps={steps} answers={is.value?.answers ?? []} />
      </div>
      {was.value && is.value && (
        <Difference was={was.value.answers[0]?.text ?? ""} is={is.value.answers[0]?.text ?? ""} />
      )}
    </section>
  );
}

function Evaluation({
  title,
  chosen,
  steps,
  answers,
}: {
  readonly title: "before" | "after";
  readonly chosen: number;
  readonly steps: readonly number[];
  readonly answers: AnswerRecord["answers"];
}) {
  return (
    <div>
      <label>
        {title}: after step{" "}
        <select
          value={chosen}
          onChange={({ currentTarget: { value } }) => (location.hash = here({ [title]: value }))}
        >
          {steps.map((step) => (
            <option key={step} value={step}>
              {step}
            </option>
          ))}
        </select>
      </label>
      {answers.map(({ text, verdict, because, stop }, i) => (
        <article key={i} class={`answer ${verdict}`}>
          <p class="said">
            <b>{verdict}</b> <span class="quiet">{stop === "length" ? "cut off" : because}</span>
          </p>
          <Text text={text} />
        </article>
      ))}
    </div>
  );
}

/** Longer texts take a browser seconds to compare. */
const LONGEST = 20_000;

function Difference({ was, is }: { readonly was: string; readonly is: string }) {
  if (was === is) return <p class="quiet">The first answer is the same at both.</p>;
  if (was.length + is.length > LONGEST) return <p class="quiet">The answers are too long to compare here.</p>;
  return (
    <>
      <h2>What differs in the first answer</h2>
      <p class="text" dir="ltr">
        {diffWordsWithSpace(was, is).map(({ value, added, removed }, i) =>
          added ? (
            <ins key={i}>
              <Visible text={value} />
            </ins>
          ) : removed ? (
            <del key={i}>
              <Visible text={value} />
            </del>
          ) : (
            <Visible key={i} text={value} />
          ),
        )}
      </p>
    </>
  );
}
