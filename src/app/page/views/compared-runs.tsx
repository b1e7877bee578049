/** Several runs side by side: their paired differences where they have come equally far, and the options that differ. */
import { wordOf } from "../../../commands/watch/progress.ts";
import type { SolveEval } from "../../../run/records.ts";
import { pairedDifference } from "../../../statistics/intervals.ts";
import { type Axis, axes, evalLine, evalsOf } from "./curves.ts";
import type { Run } from "./store.ts";
import { points } from "./words.ts";

/** Each run against the first, problem by problem, at the last place that both reached. */
export function Apart({
  shown: [first, ...others],
  axis,
}: {
  readonly shown: readonly Run[];
  readonly axis: Axis;
}) {
  const rows = others.flatMap((other) =>
    [...evalsOf(other)].flatMap(([dataset, theirs]) => {
      const ours = evalsOf(first!).get(dataset) ?? [];
      const pair = lastPair(first!, ours, other, theirs, axis);
      return pair === undefined ? [] : [{ other, dataset, pair }];
    }),
  );
  return rows.map(({ other, dataset, pair: [a, b, change] }) => (
    <p key={`${other.index} ${dataset}`}>
      <b>{other.name}</b> less <b>{first!.name}</b>, at equal {axes[axis]} (steps {b.step} and {a.step}):{" "}
      {points(change.mean)} points{" "}
      <span class="quiet">
        [{points(change.low)}, {points(change.high)}]
      </span>
      , {wordOf(change)}
    </p>
  ));
}

function lastPair(
  first: Run,
  ours: readonly SolveEval[],
  other: Run,
  theirs: readonly SolveEval[],
  axis: Axis,
) {
  const x = (run: Run, evals: readonly SolveEval[]) =>
    evalLine(run, evals, { label: "", colour: "" }, axis).x;
  const [a, b] = [x(first, ours), x(other, theirs)];
  const reached = Math.min(a.at(-1) ?? -1, b.at(-1) ?? -1);
  const [one, two] = [
    ours[a.findLastIndex((at) => at <= reached)],
    theirs[b.findLastIndex((at) => at <= reached)],
  ];
  if (one === undefined || two === undefined || one.problems !== two.problems) return undefined;
  const both = one.judged.flatMap((n, i) => (n > 0 && two.judged[i]! > 0 ? [i] : []));
  const rate = ({ right, judged }: SolveEval) => both.map((i) => right[i]! / judged[i]!);
  return [one, two, pairedDifference(rate(one), rate(two), Math.min(one.k, two.k))] as const;
}

export function Options({ shown }: { readonly shown: readonly Run[] }) {
  const keys = [...new Set(shown.flatMap(({ options }) => Object.keys(options)))];
  const differ = keys.filter(
    (key) => new Set(shown.map(({ options }) => JSON.stringify(options[key]))).size > 1,
  );
  return (
    <table>
      <caption>Options that differ</caption>
      <thead>
        <tr>
          <th scope="col">option</th>
          {shown.map(({ name, index }) => (
            <th scope="col" key={index}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {differ.map((key) => (
          <tr key={key}>
            <th scope="row">{key}</th>
            {shown.map(({ options, index }) => (
              <td key={index}>{String(options[key] ?? "–")}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
