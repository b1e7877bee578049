/** The `?` beside a number: what it means, where it is healthy, what to do; from the table that docs/metrics.md is printed from. */
import { useId } from "preact/hooks";
import { metricTable } from "../../../run/metric-table.ts";

const rows = new Map(metricTable.flatMap((group) => group.rows).map((row) => [row.key, row]));

export const metricRow = (key: string) => rows.get(key);

export function Help({ of: key }: { readonly of: string }) {
  const id = useId();
  const row = rows.get(key);
  if (row === undefined) return null;
  return (
    <>
      <button type="button" class="help" popovertarget={id} aria-label={`What ${key} means`}>
        ?
      </button>
      <div id={id} popover="auto" class="card">
        <strong>{key}</strong> <span class="quiet">{row.unit}</span>
        <p>{row.means}</p>
        {row.healthy && <p>Healthy: {row.healthy}.</p>}
        {row.act && <p>If not: {row.act}</p>}
      </div>
    </>
  );
}
