/** Is it learning? Held-out problems first, then what moves under them. */
import { wordOf } from "../../../commands/watch/progress.ts";
import { alarmOf } from "./alarms.ts";
import { Apart, Options } from "./compared-runs.tsx";
import { type Axis, axes, evalsOf } from "./curves.ts";
import { Help, metricRow } from "./metric.tsx";
import { place } from "./place.ts";
import { Groups, Metric } from "./small-charts.tsx";
import { SolveRate } from "./solve-rate.tsx";
import { type Run, runs } from "./store.ts";
import { many, number, percent, points } from "./words.ts";

export function Learning() {
  const shown = runs.value;
  const axis = (Object.hasOwn(axes, place.value.params.x ?? "") ? place.value.params.x : "steps") as Axis;
  const of = { shown, axis };
  return (
    <>
      {shown.map((run) => (
        <Headline key={run.index} run={run} />
      ))}
      {shown.map((run) => (
        <AlarmLine key={run.index} run={run} />
      ))}
      {shown.length > 1 && <Apart shown={shown} axis={axis} />}
      <SolveRate shown={shown} axis={axis} />
      <div class="grid">
        <Metric {...of} title="Entropy" unit="nats" metric="actor/entropy" />
        <Metric {...of} title="Answer length" unit="tokens" metric="response_length/mean" />
        <Metric {...of} title="Cut off" metric="response_length/clip_ratio" format={percent} />
        <Metric {...of} title="Gradient norm" metric="actor/grad_norm" />
        <Metric {...of} title="Log-prob gap" unit="nats" metric="sampling/logp_difference/mean" />
        {shown.map((run) => (
          <Groups key={run.index} run={run} />
        ))}
        {shown.length > 1 && <Options shown={shown} />}
      </div>
    </>
  );
}

function Headline({ run }: { readonly run: Run }) {
  const name = runs.value.length > 1 ? `${run.name}: ` : "";
  const measured = [...evalsOf(run)];
  if (measured.length === 0)
    return (
      <p class="headline">
        {name}
        {run.evals.length + run.steps.length === 0
          ? "Nothing is measured yet."
          : "No held-out problem was asked yet."}
      </p>
    );
  return measured.map(([dataset, evals]) => {
    const last = evals.at(-1)!;
    const { sinceStart } = last;
    return (
      <p class="headline" key={dataset}>
        {name}
        {sinceStart === undefined ? (
          <b>{percent(last.avgAtK.mean)} right</b>
        ) : (
          <>
            <b class="word">{wordOf(sinceStart)}</b>: {points(sinceStart.mean)} points since the start{" "}
            <span class="quiet">
              [{points(sinceStart.low)}, {points(sinceStart.high)}]
            </span>{" "}
            <Help of="sinceStart" />
          </>
        )}
        <small>
          {percent(last.avgAtK.mean)} right at step {last.step}, {many(last.problems, "held-out problem")} of{" "}
          {dataset}, paired, 95 % interval
        </small>
      </p>
    );
  });
}

function AlarmLine({ run }: { readonly run: Run }) {
  const alarm = alarmOf(run.steps);
  const says =
    run.faults[0] ??
    (alarm && `${alarm.says} (${alarm.key} ${number(alarm.now)}). ${metricRow(alarm.key)?.act ?? ""}`);
  return says === undefined ? null : (
    <p class="alarm" role="status">
      {says}
    </p>
  );
}
