/** Can I trust the verdicts? How they fell over time, and the answers whose verdict looks doubtful. */
import type { RolloutRecord } from "../../../run/records.ts";
import type { Doubts } from "../records.ts";
import { Chart } from "./chart.tsx";
import { metricLine, verdictShares } from "./curves.ts";
import { JudgedAgain } from "./judged-again.tsx";
import { Shown } from "./load.tsx";
import { link } from "./place.ts";
import { useRun } from "./run-choice.tsx";
import type { Run } from "./store.ts";
import { Text, Visible } from "./text.tsx";
import { useAnswer } from "./use-answer.ts";
import { many, number, percent } from "./words.ts";

export function Trusted() {
  const run = useRun();
  const doubts = useAnswer<Doubts>("doubts", { run: run.index });
  return (
    <Shown of={doubts}>
      {({ from, to, answers, endInReference, shortestRight, errors }) =>
        to === undefined ? (
          <p class="headline">No answer was judged yet.</p>
        ) : (
          <>
            <p class="headline">
              <b>{many(endInReference.length, "wrong answer")}</b> of {answers.toLocaleString("en")}{" "}
              {endInReference.length === 1 ? "ends" : "end"} in the reference's number
              <small>
                of steps {from} to {to}; read them below
              </small>
            </p>
            <Verdicts run={run} />
            <List
              title="Wrong, and yet their last number is the reference"
              none="none"
              rollouts={endInReference}
              run={run}
            />
            <section>
              <h2>Errors, by reason</h2>
              {errors.length === 0 && <p class="quiet">none</p>}
              <ul>
                {errors.map(({ because, count }) => (
                  <li key={because}>
                    {number(count)} × <Visible text={because} />
                  </li>
                ))}
              </ul>
            </section>
            <List
              title="The shortest right answers: a trick is often short"
              none="none was right"
              rollouts={shortestRight}
              run={run}
            />
            <JudgedAgain run={run} step={to} />
          </>
        )
      }
    </Shown>
  );
}

function Verdicts({ run }: { readonly run: Run }) {
  const alike = metricLine(run, "response_alike/right", { label: "alike", colour: "--accent" });
  const charts = { format: percent, height: 180 };
  return (
    <div class="grid">
      <Chart
        title="Verdicts"
        metric="train/acc_all"
        isStacked
        range={[0, 1]}
        series={verdictShares(run)}
        {...charts}
      />
      <Chart
        title="Right answers in the same words"
        metric="response_alike/right"
        series={[alike]}
        {...charts}
      />
    </div>
  );
}

function List({
  title,
  none,
  rollouts,
  run,
}: {
  readonly title: string;
  readonly none: string;
  readonly rollouts: readonly RolloutRecord[];
  readonly run: Run;
}) {
  return (
    <section>
      <h2>{title}</h2>
      {rollouts.length === 0 && <p class="quiet">{none}</p>}
      <div class="cards">
        {rollouts.map(({ step, draw, index, problem, answer, text, verdict, because }) => (
          <article key={`${step} ${draw} ${index}`} class={`answer ${verdict}`}>
            <p class="said">
              <a
                href={link("taught", {
                  run: String(run.index),
                  step: String(step),
                  draw: String(draw),
                  filter: "all",
                })}
              >
                step {step}, <Visible text={problem} />
              </a>{" "}
              <span class="quiet">
                reference <Visible text={answer} />
                {because && `; ${because}`}
              </span>
            </p>
            <Text text={text} />
          </article>
        ))}
      </div>
    </section>
  );
}
