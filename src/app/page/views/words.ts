/** Numbers and texts as they are read on the page. */
import { duration } from "../../cli/progress.ts";

const digits = (value: number, most: number) => value.toLocaleString("en", { maximumFractionDigits: most });

export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e6)
    return `${digits(value / 10 ** (3 * Math.floor(Math.log10(size) / 3)), 2)}${["", "", " M", " G", " T", " P", " E"][Math.floor(Math.log10(size) / 3)]}`;
  if (size > 0 && size < 0.001) return value.toExponential(1).replace("-", "−");
  return digits(value, size >= 100 ? 0 : size >= 1 ? 2 : 3).replace("-", "−");
}

export const percent = (rate: number | null | undefined): string =>
  rate === null || rate === undefined || Number.isNaN(rate) ? "–" : `${(100 * rate).toFixed(1)} %`;

/** A change of rates, in points of percent. */
export const points = (change: number): string =>
  `${change < 0 ? "−" : "+"}${Math.abs(100 * change).toFixed(1)}`;

export function seconds(value: number): string {
  return value < 10 ? `${value.toFixed(1)} s` : duration(value);
}

export const many = (count: number, one: string, more = `${one}s`): string =>
  `${digits(count, 0)} ${count === 1 ? one : more}`;

/** What a run is busy with. */
export const phaseWords = {
  open: "opening",
  gen: "sampling",
  verify: "judging",
  old_log_prob: "scoring",
  update_actor: "updating",
  token_records: "recording tokens",
  eval: "evaluating",
  save: "saving",
  paused: "paused",
} as const;
