/** Where does the time go? Each step as a bar of its phases, and when it will end. */
import { type TimedPhase, timedPhases, timesOf } from "../../../commands/watch/times.ts";
import { Chart } from "./chart.tsx";
import { metricLine, total } from "./curves.ts";
import { useRun } from "./run-choice.tsx";
import { halfOf, timeLeft } from "./time-spent.ts";
import { number, percent, seconds } from "./words.ts";

/** What each phase is called where people read, and its colour. */
const phases: Readonly<Record<TimedPhase, readonly [label: string, colour: string]>> = {
  gen: ["sampling", "--accent"],
  verify: ["verdicts", "--wrong"],
  old_log_prob: ["scoring", "--some"],
  update_actor: ["updates", "--run-2"],
  token_records: ["tokens kept", "--run-4"],
  other: ["other", "--line"],
  eval: ["evaluation", "--run-3"],
  save: ["saving", "--ink"],
};

export function Time() {
  const run = useRun();
  const times = timesOf(run.steps, run.events);
  const spent = timedPhases.map((phase) => {
    const [label, colour] = phases[phase];
    return { label, colour, y: times.map(({ seconds }) => seconds[phase] ?? 0) };
  });
  const sums = spent
    .map(({ label, y }) => ({ label, sum: y.reduce((a, b) => a + b, 0) }))
    .sort((a, b) => b.sum - a.sum);
  const all = sums.reduce((sum, one) => sum + one.sum, 0);
  const half = halfOf(sums, all);
  const x = run.steps.map(({ step }) => step);
  if (all === 0) return <p class="headline">No step was timed yet.</p>;
  const [sampled, learnt] = [total(run.steps, "groups/sampled"), total(run.steps, "groups/kept")];
  return (
    <>
      <p class="headline">
        <b>{percent(half.share)}</b> of the time goes into <b>{half.names.join(" and ")}</b>.
        <small>
          {sums
            .filter(({ sum }) => sum > 0)
            .map(({ label, sum }) => `${label} ${percent(sum / all)}`)
            .join(", ")}
          ; {seconds(all)} in {run.steps.length} steps
        </small>
      </p>
      <p>
        {timeLeft(run, all)}
        {learnt > 0 && ` ${number(sampled / learnt)} answers are sampled for each that is learnt from.`}
      </p>
      <Chart
        title="Seconds of each step"
        metric="timing_s/step"
        height={260}
        isStacked
        format={(value) => seconds(value ?? 0)}
        series={spent
          .filter(({ y }) => y.some((one) => one > 0))
          .map(({ label, colour, y }) => ({ label, colour, x, y, as: "bars" as const }))}
      />
      <div class="grid">
        <Chart
          title="Tokens a second"
          metric="perf/throughput"
          format={number}
          series={[metricLine(run, "perf/throughput", { label: "tokens/s", colour: "--accent" })]}
        />
        <Chart
          title="Memory, GB"
          metric="perf/max_memory_gb"
          format={number}
          series={[metricLine(run, "perf/max_memory_gb", { label: "GB", colour: "--accent" })]}
        />
        <Chart
          title="Rounds of sampling"
          metric="train/num_gen_batches"
          format={number}
          series={[metricLine(run, "train/num_gen_batches", { label: "rounds", colour: "--accent" })]}
        />
      </div>
    </>
  );
}
