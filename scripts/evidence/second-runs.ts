/**
 * The runs of the second edition: a base, learning rates, then the questions in their order, each a comparison.
 *
 *   <into>/bases  →  <into>/rates, rates.json  →  <into>/<comparison>  →  <into>/records/<comparison>.json, report.md
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../../src/files/atomic-write.ts";
import { type CompareRequest, compare } from "../../src/index.ts";
import { methodsOf } from "./arms.ts";
import { collectFrom } from "./collect.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { chooseRates, type Rates, ratedAs, readRates, triedMethods, withRate, writeRates } from "./rates.ts";
import { readRecords, recordPath, recordText } from "./record.ts";
import { rateSearches, secondComparisons, triedRates } from "./second-arms.ts";
import { secondPage } from "./second-page.ts";

export interface SecondRuns {
  readonly into: string;
  /** The text of the regime's file is in the report, its path in every request. */
  readonly regime: { readonly path: string; readonly text: string };
  /** Runs at a time, one thread each. */
  readonly jobs: number;
  /** A few steps of each, to see that all of it works. */
  readonly quick: boolean;
  /** The model of the word problems, in place of the hub's. */
  readonly wordsModel?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly say: (line: string) => void;
}

const QUICK = ["max_steps=4", "eval_steps=4", "eval_num_generations=4", "eval_dataset_size=32"];

/** @param names  of comparisons; a search for rates comes before what has none yet */
export async function secondRuns(names: readonly string[], runs: SecondRuns): Promise<void> {
  const found = readRates(runs.into);
  const wanted = new Set(names.flatMap((name) => [...searchesBefore(name, found), name]));
  for (const name of wanted) {
    if (runs.signal?.aborted) return;
    const { task } = secondComparisons[name]!;
    runs.say(`${name}: problems and base of the ${task}`);
    const model = task === "words" ? runs.wordsModel : undefined;
    const prepared = await prepare(task, runs.into, { model, quick: runs.quick });
    const request = secondRequest(name, prepared, readRates(runs.into), runs);
    const { finished, results } = await compare(request, {
      ...(runs.signal === undefined ? {} : { signal: runs.signal }),
      onPlan: ({ runs: all }, done) => runs.say(`${name}: ${done} of ${all.length} runs done before`),
      onEvent: ({ method, seed }, event) => {
        if (event.kind === "end") runs.say(`${name}   ${method}   seed ${seed}   ${event.reason}`);
      },
    });
    if (isSearch(name)) {
      if (finished) await writeRates(runs.into, { ...readRates(runs.into), ...chooseRates(results) });
    } else if (results.runs.some((run) => run.finished)) await report(name, request, runs);
    runs.say(`${name}: ${finished ? "done" : "stopped"}`);
    if (!finished) return;
  }
}

const isSearch = (name: string) => name in rateSearches;

/** Searches for the rates that a comparison's methods take and that are not known yet. */
function searchesBefore(name: string, rates: Rates | undefined): string[] {
  if (isSearch(name) || secondComparisons[name]!.task === "words") return [];
  const needed = new Set(methodsOf(name).map(ratedAs));
  return Object.entries(rateSearches).flatMap(([search, methods]) =>
    methods.some((method) => needed.has(method) && rates?.[method] === undefined) ? [search] : [],
  );
}

/** As `errata compare` takes it; what a method sets is last, and holds. */
export function secondRequest(
  name: string,
  prepared: Prepared,
  rates: Rates | undefined,
  { into, regime, jobs, quick }: Pick<SecondRuns, "into" | "regime" | "jobs" | "quick">,
): CompareRequest {
  const { task, seeds, settings } = secondComparisons[name]!;
  const methods = isSearch(name) ? triedMethods(rateSearches[name]!, triedRates) : methodsOf(name);
  const own = methods
    // the settings of the word problems have a rate of their own
    .map((method) => (isSearch(name) || task === "words" ? method : withRate(method, rates)))
    .map((method) =>
      quick ? method.replace(/max_steps=(\d+)/, (_, n) => `max_steps=${Math.ceil(n / 20)}`) : method,
    );
  const data = isSearch(name) ? prepared.validation : prepared.train;
  const argv = [...data, ...settings, ...(quick ? QUICK : []), "threads=1"];
  return {
    ...{ methods: own, seeds: quick ? 2 : seeds, jobs, quick: false },
    argv: ["--config", regime.path, ...argv, "--output-dir", join(into, name)],
  };
}

async function report(name: string, request: CompareRequest, { into, regime }: SecondRuns): Promise<void> {
  const folder = join(into, "records");
  mkdirSync(folder, { recursive: true });
  const record = await collectFrom(name, request, methodsOf(name));
  await writeWhole(recordPath(folder, name), (handle) => handle.writeFile(recordText(record)));
  const page = secondPage(readRecords(folder), readRates(into), regime.text);
  await writeWhole(join(into, "report.md"), (handle) => handle.writeFile(page));
}
