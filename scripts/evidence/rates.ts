/**
 * A learning rate for each method: some are tried on problems that are in no table, and the best is kept.
 *
 *   runs of `nft:learning_rate=3e-5`, …  →  rates.json  →  the learning rate of every arm
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../../src/files/atomic-write.ts";
import type { CompareResults } from "../../src/index.ts";
import { mean } from "./measures.ts";

/** By algorithm: what each rate came to, the mean held-out share right at the end over seeds; and the best. */
export type Rates = Readonly<
  Record<string, { readonly tried: Readonly<Record<string, number>>; readonly chosen: number }>
>;

export const triedMethods = (methods: readonly string[], rates: readonly number[]): string[] =>
  methods.flatMap((method) => rates.map((rate) => `${method}:learning_rate=${rate}`));

/** The best rate of each method; of equals the lowest. */
export function chooseRates({ runs }: CompareResults): Rates {
  const ends = new Map<string, number[]>();
  for (const { method, evals } of runs)
    ends.set(method, [...(ends.get(method) ?? []), evals.accuracy.at(-1)!]);
  const found: Record<string, { tried: Record<string, number>; chosen: number }> = {};
  for (const [method, values] of ends) {
    const [algorithm, rate] = method.split(":learning_rate=") as [string, string];
    found[algorithm] ??= { tried: {}, chosen: Number(rate) };
    found[algorithm].tried[rate] = mean(values);
  }
  for (const own of Object.values(found)) {
    const best = Math.max(...Object.values(own.tried));
    own.chosen = Math.min(
      ...Object.keys(own.tried)
        .filter((rate) => own.tried[rate] === best)
        .map(Number),
    );
  }
  return found;
}

const ratesPath = (folder: string) => join(folder, "rates.json");

export const writeRates = (folder: string, rates: Rates): Promise<void> =>
  writeWhole(ratesPath(folder), (handle) => handle.writeFile(`${JSON.stringify(rates, undefined, 2)}\n`));

/** What was chosen; undefined while none is. */
export function readRates(folder: string): Rates | undefined {
  return existsSync(ratesPath(folder))
    ? (JSON.parse(readFileSync(ratesPath(folder), "utf8")) as Rates)
    : undefined;
}

/** The algorithm whose rate a method takes. */
export function ratedAs(method: string): string {
  const algorithm = method.split(":")[0]!;
  return likeOf[algorithm] ?? algorithm;
}

/** A method with the rate of its algorithm; one whose algorithm was not tried stays as the regime has it. */
export function withRate(method: string, rates: Rates | undefined): string {
  const rate = rates?.[ratedAs(method)]?.chosen;
  if (rate === undefined) return method;
  return `${method}${method.includes(":") ? "," : ":"}learning_rate=${rate}`;
}

/** Algorithms that take the rate of another, whose gradient theirs is but for the clip and the average over tokens. */
const likeOf: Readonly<Record<string, string>> = { dapo: "grpo", dr_grpo: "grpo" };
