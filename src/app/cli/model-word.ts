/**
 * `errata export runs/sums …`: the first word after a verb is the model where it is no option.
 */
import { isSetting } from "../../options/option-sources.ts";

export function withModel(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  const isOption = first === undefined || first.startsWith("--") || isSetting(first);
  return isOption ? argv : [`--model=${first}`, ...rest];
}
