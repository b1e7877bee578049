/** The same group under other objectives: how hard each would push each answer, up or down. */
import type { TokenRecord } from "../../../run/records.ts";
import type { StepGroup } from "../records.ts";
import { here } from "./place.ts";
import { pushOf, shadeOf } from "./shades.ts";
import { number } from "./words.ts";

interface Props {
  readonly record: TokenRecord;
  readonly pushes: NonNullable<StepGroup["pushes"]>;
  readonly chosen: string | undefined;
}

export function Strip({ record: { answers, objective }, pushes, chosen }: Props) {
  const sum = (values: readonly (number | undefined)[]) =>
    values.reduce<number>((total, one) => total + (one ?? 0), 0);
  const own = answers.map((answer) => sum(pushOf(answer)));
  const rows: readonly (readonly [name: string, by: string | undefined, sums: readonly number[]])[] = [
    [`${objective}, as it was`, undefined, own],
    ...Object.entries(pushes).map(([name, all]) => [name, name, all.map(sum)] as const),
  ];
  return (
    <div class="scrolled">
      <table class="strip">
        <caption>Push of whole answers under other objectives, each with its own defaults</caption>
        <thead>
          <tr>
            <th scope="col">objective</th>
            {answers.map(({ index, verdict }) => (
              <th scope="col" key={index}>
                #{index} {verdict}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, by, sums]) => {
            const most = Math.max(...sums.map(Math.abs));
            return (
              <tr key={name}>
                <th scope="row">
                  <a href={here({ colour: "push", by })} aria-current={by === chosen}>
                    {name}
                  </a>
                </th>
                {sums.map((value, i) => (
                  <td key={answers[i]!.index} style={{ background: shadeOf(-value, most) }}>
                    {number(value)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
