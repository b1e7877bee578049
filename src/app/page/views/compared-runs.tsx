/** Several runs side by side: their paired differences where they have come equally far, and the options that differ. */
import { wordOf } from "../../../commands/watch/progress.ts";
import { type Axis, axes, evalsOf } from "./curves.ts";
import { lastPair } from "./paired-runs.ts";
import type { Run } from "./store.ts";
import { points } from "./words.ts";

/** Each run against the first, problem by problem, at the last place that both reached. */
export function Apart({ shown, axis }: { readonly shown: readonly Run[]; readonly axis: Axis }) {
  const [first, ...others] = shown;
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
