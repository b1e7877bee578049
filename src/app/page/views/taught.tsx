/** What did this mistake teach? The groups of a step, and one of them token by token. */
import { useRef } from "preact/hooks";
import type { GroupRow, StepGroup, StepGroups } from "../records.ts";
import { Group } from "./group.tsx";
import { filterNames, filters } from "./group-filters.ts";
import { moved, useKeys } from "./keys.ts";
import { Shown } from "./load.tsx";
import { go, here, place } from "./place.ts";
import { useRun } from "./run-choice.tsx";
import { Visible } from "./text.tsx";
import { useAnswer } from "./use-answer.ts";
import { many } from "./words.ts";

export function Taught() {
  const run = useRun();
  const { params } = place.value;
  const search = useRef<HTMLInputElement>(null);
  const asked = params.step === undefined ? undefined : Number(params.step);
  const groups = useAnswer<StepGroups>("step", {
    run: run.index,
    ...(asked === undefined ? {} : { step: asked }),
  });
  const { step = asked ?? 1, last = step, groups: all = [] } = groups.value ?? {};
  // without a choice, what says most: groups whose tokens were recorded, or those with a mistake
  const filter =
    filterNames.find((name) => name === params.filter) ??
    filterNames.find((name) => all.some(filters[name])) ??
    "all";
  const query = (params.q ?? "").toLowerCase();
  const rows = all
    .filter(filters[filter])
    .filter(({ problem, prompt }) => `${problem} ${prompt}`.toLowerCase().includes(query));
  const at = Math.max(
    0,
    rows.findIndex(({ draw }) => String(draw) === params.draw),
  );
  const draw = rows[at]?.draw;
  const group = useAnswer<StepGroup>(draw === undefined ? undefined : "group", {
    run: run.index,
    step,
    draw: draw ?? 0,
  });
  const toStep = (to: number) =>
    groups.value && go(here({ step: String(Math.max(1, Math.min(last, to))), draw: undefined }));
  const choose = (by: number) =>
    rows.length > 0 && go(here({ step: String(step), draw: String(rows[moved(at, by, rows.length)]!.draw) }));
  useKeys({
    j: () => choose(1),
    k: () => choose(-1),
    h: () => toStep(step - 1),
    l: () => toStep(step + 1),
    f: () =>
      go(
        here({
          filter: filterNames[(filterNames.indexOf(filter) + 1) % filterNames.length],
          draw: undefined,
        }),
      ),
    "/": () => search.current?.focus(),
  });
  if (groups.value && groups.value.step === undefined)
    return <p class="headline">No answer was sampled yet.</p>;
  return (
    <>
      <p class="choices">
        <span>
          step{" "}
          <button type="button" onClick={() => toStep(step - 1)} title="the step before">
            h ‹
          </button>{" "}
          <b>{step}</b> of {last}{" "}
          <button type="button" onClick={() => toStep(step + 1)} title="the next step">
            › l
          </button>
        </span>
        {filterNames.map((name) => (
          <a key={name} href={here({ filter: name, draw: undefined })} aria-current={name === filter}>
            {name} {all.filter(filters[name]).length}
          </a>
        ))}
        <input
          ref={search}
          type="search"
          placeholder="/ search"
          aria-label="Search the problems of this step"
          value={params.q ?? ""}
          onInput={({ currentTarget: { value } }) =>
            go(here({ q: value || undefined, draw: undefined }), true)
          }
        />
      </p>
      <Shown of={groups}>
        {() => (
          <div class="beside">
            <ul class="rows" aria-label={`Groups of step ${step}`}>
              {rows.map((row) => (
                <Row key={row.draw} row={row} step={step} isChosen={row.draw === draw} />
              ))}
              {rows.length === 0 && <li class="quiet">none</li>}
            </ul>
            {draw !== undefined && <Shown of={group}>{(value) => <Group key={draw} group={value} />}</Shown>}
          </div>
        )}
      </Shown>
    </>
  );
}

function Row({
  row,
  step,
  isChosen,
}: {
  readonly row: GroupRow;
  readonly step: number;
  readonly isChosen: boolean;
}) {
  const { draw, prompt, right, wrong, errors, recorded } = row;
  return (
    <li>
      <a
        href={here({ step: String(step), draw: String(draw) })}
        aria-current={isChosen}
        title={recorded ? "its tokens were recorded" : many(right + wrong + errors, "answer")}
      >
        <span class="prompt">
          <Visible text={prompt.replace(/\s+/g, " ").slice(0, 60)} />
        </span>
        <span class="share">
          <b>{right}</b> / <i>{wrong}</i>
          {errors > 0 && ` / ${errors}`}
        </span>
      </a>
    </li>
  );
}
