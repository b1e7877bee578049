/**
 * A note on the learning rate: the default is that of models of billions of parameters.
 */
import { type AnyOptions, optionTable } from "../../options/options.ts";

const usual = optionTable.find(({ key }) => key === "learning_rate") as { readonly default: number };
/** Parameters up to which the default moves next to nothing. */
const SMALL = 1e9;

/** @returns  what to say of `train` with the default rate on a small model; undefined where there is nothing to say */
export function rateNote({ learningRate, loraRank }: AnyOptions, parameters: number): string | undefined {
  if (learningRate !== usual.default || loraRank !== undefined || parameters >= SMALL) return undefined;
  return `learning_rate is ${learningRate}, which suits models of billions of parameters and moves one of ${parameters.toLocaleString("en")} next to nothing: 1e-5 to 1e-4 is usual at this size`;
}
