/**
 * What holds where an option is left out, in words: from the table, or from the objectives that know.
 */
import { type Command, defaultOf, type OptionRow, type OptionValue } from "../../options/options.ts";
import { algorithmDefaults } from "./algorithm-options.ts";

/** `16 problems`, `0.2, in gspo 0.0003`, `one for each core`; `required` where a command needs it. */
export function defaultText(row: OptionRow, command: Command): string {
  if (row.required?.includes(command)) return "required";
  const value = defaultOf(row, command);
  if (value === undefined) return row.unset ?? ofAlgorithms(algorithmDefaults(row));
  const unit = row.unit === undefined ? "" : ` ${row.unit}`;
  return `${value}${unit}${row.fits === undefined ? "" : `, ${row.fits}`}`;
}

/** The value that most have, then those of the others. */
function ofAlgorithms(values: ReadonlyMap<string, OptionValue>): string {
  const namesOf = (value: OptionValue) => [...values.keys()].filter((name) => values.get(name) === value);
  const [usual, ...others] = [...new Set(values.values())].sort(
    (a, b) => namesOf(b).length - namesOf(a).length,
  );
  return [String(usual), ...others.map((value) => `in ${namesOf(value).join(" and ")} ${value}`)].join(", ");
}
