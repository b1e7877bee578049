/** What changed? Held-out problems over evaluations: which were learnt, which forgotten. */
import { type Fate, type ProblemHistory, problemHistories } from "../../../commands/watch/flips.ts";
import type { SolveEval } from "../../../run/records.ts";
import { evalsOf } from "./curves.ts";
import { moved, useKeys } from "./keys.ts";
import { go, here, place } from "./place.ts";
import { ProblemAnswers } from "./problem-answers.tsx";
import { fates, firstFate, shownRows } from "./problem-rows.ts";
import { useRun } from "./run-choice.tsx";

const MOST_ROWS = 300;

export function Changed() {
  const run = useRun();
  const { params } = place.value;
  const sets = evalsOf(run);
  const dataset = sets.has(params.dataset ?? "") ? params.dataset! : [...sets.keys()][0];
  const evals = dataset === undefined ? [] : sets.get(dataset)!;
  const histories = problemHistories(evals);
  // without a choice, what says most
  const asked = fates.find((fate) => fate === params.filter);
  const filter = asked ?? (params.filter === "all" ? undefined : firstFate(histories));
  const rows = shownRows(histories, filter);
  const at = rows.findIndex(({ place }) => String(place) === params.problem);
  const choose = (by: number) =>
    rows.length > 0 && go(here({ problem: String(rows[moved(at, by, rows.length)]!.place) }));
  useKeys({
    j: () => choose(1),
    k: () => choose(-1),
    f: () =>
      go(here({ filter: [...fates, "all"][(filter ? fates.indexOf(filter) : -1) + 1], problem: undefined })),
  });
  if (evals.length === 0) return <p class="headline">No held-out problem was asked yet.</p>;
  const chosen = rows[Math.max(0, at)];
  return (
    <>
      {sets.size > 1 && (
        <p class="choices">
          {[...sets.keys()].map((name) => (
            <a key={name} href={here({ dataset: name, problem: undefined })} aria-current={name === dataset}>
              {name}
            </a>
          ))}
        </p>
      )}
      <Counts histories={histories} filter={filter} />
      <div class="beside">
        <ul class="rows" aria-label={`Problems of ${dataset}`}>
          {rows.slice(0, MOST_ROWS).map((row) => (
            <Row key={row.place} row={row} evals={evals} isChosen={row === chosen} />
          ))}
          {rows.length > MOST_ROWS && <li class="quiet">and {rows.length - MOST_ROWS} more</li>}
        </ul>
        {chosen && <ProblemAnswers key={chosen.place} run={run} history={chosen} evals={evals} />}
      </div>
    </>
  );
}

function Counts({
  histories,
  filter,
}: {
  readonly histories: readonly ProblemHistory[];
  readonly filter: Fate | undefined;
}) {
  const count = (fate: Fate) => histories.filter((one) => one.fate === fate).length;
  return (
    <p class="choices headline">
      {fates.map((fate) => (
        <a key={fate} href={here({ filter: fate, problem: undefined })} aria-current={fate === filter}>
          <b>{count(fate)}</b> {fate}
        </a>
      ))}
      <a href={here({ filter: "all", problem: undefined })} aria-current={filter === undefined}>
        <b>{histories.length}</b> all
      </a>
    </p>
  );
}

function Row({
  row,
  evals,
  isChosen,
}: {
  readonly row: ProblemHistory;
  readonly evals: readonly SolveEval[];
  readonly isChosen: boolean;
}) {
  const { place: at, fate, since } = row;
  const last = evals.at(-1)!;
  return (
    <li>
      <a href={here({ problem: String(at) })} aria-current={isChosen}>
        <span class="id">{at}</span>
        <Cells evals={evals} place={at} />
        <span>
          {last.right[at]}/{last.judged[at]}
        </span>
        <span class="quiet">
          {fate}
          {since !== undefined && ` at ${since}`}
        </span>
      </a>
    </li>
  );
}

/** A cell for each evaluation, filled as far as it was solved. */
function Cells({ evals, place: at }: { readonly evals: readonly SolveEval[]; readonly place: number }) {
  const width = 100 / evals.length;
  return (
    <svg class="cells" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      {evals.map(({ step, right, judged }, i) => {
        const rate = judged[at]! > 0 ? right[at]! / judged[at]! : undefined;
        return rate === undefined ? null : (
          <rect
            key={step}
            x={i * width}
            y={0}
            width={width * 0.92}
            height={10}
            class={rate > 0.5 ? "solved" : "missed"}
            opacity={rate > 0.5 ? rate : 1 - rate}
          />
        );
      })}
    </svg>
  );
}
