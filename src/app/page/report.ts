/**
 * Runs → the page as one file that opens from a disk: the views, and in it what they would ask the server for.
 *
 * It holds the lines of steps and evaluations, thinned where they are too many, and of what is read on asking the
 * newest that fits: the groups whose tokens were recorded, the answers where problems flipped, the doubtful verdicts.
 */
import { problemHistories } from "../../commands/watch/flips.ts";
import { writeWhole } from "../../files/atomic-write.ts";
import { type EvalRecord, isSolveEval } from "../../run/records.ts";
import { openRuns, type PageData } from "./page-data.ts";
import { pageFiles } from "./page-files.ts";
import { reportHtml } from "./page-html.ts";
import type { Recorded, StepGroups } from "./records.ts";
import { messageLines } from "./stream-lines.ts";

/** Letters of all runs together: of lines, of groups, of answers to held-out problems. */
const [LINES, GROUPS, HELD_OUT] = [900_000, 900_000, 500_000];
/** Groups of a step that are whole, beside those whose tokens were recorded. */
const MOST_MIXED = 2;

/**
 * Writes the report, whole or not at all.
 *
 * @returns its length in bytes
 */
export async function writeReport(folders: readonly string[], file: string): Promise<number> {
  const html = Buffer.from(
    reportHtml(await pageFiles(), await recordedOf(openRuns(folders), folders.length)),
  );
  await writeWhole(file, (handle) => handle.writeFile(html));
  return html.length;
}

async function recordedOf(data: PageData, runs: number): Promise<Recorded> {
  const answers: Record<string, unknown> = {};
  let letters = 0;
  /** Keeps an answer; false once no more fit. */
  const keep = async (most: number, name: string, params: Readonly<Record<string, string | number>>) => {
    const query = new URLSearchParams(
      Object.entries(params).map(([key, value]): [string, string] => [key, `${value}`]),
    );
    const answer = await data.answer(name, query).catch(() => undefined);
    letters += JSON.stringify(answer ?? "").length;
    if (answer === undefined || letters > most) return undefined;
    answers[`/api/${name}?${query}`] = answer;
    return answer;
  };
  await keep(LINES, "runs", {});
  const stream: string[] = [];
  let every = 1;
  for (const key of data.lineFiles) {
    const thin = await thinned(data, key, LINES / data.lineFiles.length);
    every = Math.max(every, thin.every);
    const [run, file] = key.split(".");
    stream.push(messageLines({ run: Number(run), file: file!, isCut: false }, thin.lines).join("\n"));
    if (file === "evals") await keepFlips(Number(run), thin.lines);
  }
  for (let run = 0; run < runs; run++) {
    await keep(Number.POSITIVE_INFINITY, "doubts", { run });
    await keepGroups(run, letters + GROUPS / runs);
  }
  return { answers, stream, every };

  async function keepFlips(run: number, lines: readonly string[]): Promise<void> {
    const evals = lines.map((line) => JSON.parse(line) as EvalRecord).filter(isSolveEval);
    const steps = evals.map(({ step }) => step);
    const most = letters + HELD_OUT / runs;
    const flipped = problemHistories(evals).filter(({ since }) => since !== undefined);
    for (const { place, since } of flipped.sort((a, b) => b.since! - a.since!))
      for (const step of [steps[steps.indexOf(since!) - 1], since])
        if (step !== undefined) await keep(most, "answers", { run, step, place });
  }

  async function keepGroups(run: number, most: number): Promise<void> {
    const newest = (await keep(most, "step", { run })) as StepGroups | undefined;
    for (let step = newest?.last ?? 0; step > 0 && letters < most; step--) {
      const { groups = [] } = ((await keep(most, "step", { run, step })) ?? {}) as Partial<StepGroups>;
      const mixed = groups.filter(({ right, wrong }) => right > 0 && wrong > 0);
      for (const { draw } of new Set([
        ...groups.filter(({ recorded }) => recorded),
        ...mixed.slice(0, MOST_MIXED),
      ]))
        await keep(most, "group", { run, step, draw });
    }
  }
}

/** A file's lines, every second of them left out as often as it takes to fit; the last one stays. */
async function thinned(data: PageData, key: string, most: number) {
  let [lines, every, seen, letters]: [string[], number, number, number] = [[], 1, 0, 0];
  let last: string | undefined;
  for (let cursor: string | undefined; ; ) {
    const read = await data.linesFrom(key, cursor);
    for (const line of read.lines) {
      if (key.endsWith(".events") && isPassing(line)) continue;
      last = line;
      if (seen++ % every !== 0) continue;
      lines.push(line);
      letters += line.length;
      while (letters > most && lines.length > 2) {
        lines = lines.filter((_, i) => i % 2 === 0);
        letters = lines.reduce((sum, { length }) => sum + length, 0);
        every *= 2;
      }
    }
    cursor = read.cursor;
    if (!read.hasMore) break;
  }
  if (last !== undefined && lines.at(-1) !== last) lines.push(last);
  return { lines, every: key.endsWith(".steps") ? every : 1 };
}

/** What is of no use once it has passed. */
const isPassing = (line: string): boolean =>
  line.includes('"kind":"progress"') || line.includes('"kind":"check"');
