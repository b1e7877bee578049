/**
 * A run's answers, judged again.
 *
 *   rollouts.jsonl  →  what a judge says otherwise than the run did, and each step's shares of right answers
 *
 * An answer that was cut off was never shown to the verifier: it is wrong by every judge.
 */
import type { Problem, Verdict } from "../../loop/types.ts";
import type { OpenedVerifier } from "../../loop/verdicts/opened-verifier.ts";
import { verifyGroups } from "../../loop/verdicts/verify-groups.ts";
import type { ReadRun } from "../../run/read-run.ts";
import type { RolloutRecord } from "../../run/records.ts";
import { alikeness } from "../../statistics/alike.ts";

/** An answer that is judged otherwise than in the run. */
export interface Changed {
  readonly step: number;
  readonly problem: string;
  readonly reference: string;
  readonly text: string;
  /** In the run. */
  readonly was: Verdict["kind"];
  readonly is: Verdict["kind"];
  readonly because: string | undefined;
}

/** One judge's verdicts on the run's answers. */
export interface Rejudged {
  readonly verifier: string;
  /** Right where the run's verdict is another, and the other way round. */
  readonly rightHereAlone: number;
  readonly rightThereAlone: number;
  /** Without a verdict here that have one in the run. */
  readonly errors: number;
  /** Answers with another verdict than in the run, and the first of them. */
  readonly others: number;
  readonly changed: readonly Changed[];
}

/** Shares of right answers among those judged; undefined where none was. */
export interface AuditedStep {
  readonly step: number;
  readonly answers: number;
  readonly was: number | undefined;
  readonly again: number | undefined;
  readonly other: number | undefined;
}

/** Answers judged at a time, and disagreements that are kept. */
const [BATCH, MOST_KEPT] = [256, 200];

interface Judges {
  readonly own: OpenedVerifier;
  readonly other: OpenedVerifier | undefined;
}

interface Counts {
  answers: number;
  right: { was: number; again: number; other: number };
  judged: { was: number; again: number; other: number };
}

/** Judges a run's answers again, by its own verifier and by another one where there is one. */
export async function rejudge(
  run: ReadRun,
  step: number | undefined,
  problems: ReadonlyMap<string, Problem>,
  { own, other }: Judges,
  onProgress: (done: number) => void = () => {},
) {
  const again = new Comparison(own.name);
  const beside = other && new Comparison(other.name);
  const asked = new Map<string, Problem>();
  const steps = new Map<number, Counts>();
  let [done, cutOff] = [0, 0];
  let lastStep: RolloutRecord[] = [];
  const judge = async (records: readonly RolloutRecord[]) => {
    const rows = records.map((record) => ({ record, problem: problemOf(record, problems) }));
    for (const { problem } of rows) asked.set(problem.id, problem);
    const [first, second] = await Promise.all([own, other].map((one) => one && verdictsOf(one, rows)));
    for (const [i, { record }] of rows.entries()) {
      again.add(record, first![i]!);
      if (second !== undefined) beside!.add(record, second[i]!);
      count(steps, record, first![i]!, second?.[i]);
      if (record.stop === "length") cutOff++;
    }
    done += records.length;
    onProgress(done);
  };
  let batch: RolloutRecord[] = [];
  for await (const record of run.rollouts(step)) {
    if (lastStep[0]?.step !== record.step) lastStep = [];
    lastStep.push(record);
    batch.push(record);
    if (batch.length < BATCH) continue;
    await judge(batch);
    batch = [];
  }
  await judge(batch);
  const each = [...steps].map(([at, counts]) => ({ step: at, ...rates(counts) }));
  const alike = alikeness(
    lastStep.map(({ problem, answer, text, verdict }) => ({ problem, reference: answer, text, verdict })),
  );
  const report = {
    ...{ answers: done, cutOff, again: again.result(), other: beside?.result(), alike },
    ...{ all: rates(total([...steps.values()])), steps: each },
  };
  return { asked: [...asked.values()], report };
}

/** The row as it is now, with the reference that the run judged by. */
function problemOf(
  { problem: id, prompt, answer }: RolloutRecord,
  problems: ReadonlyMap<string, Problem>,
): Problem {
  return { ...(problems.get(id) ?? { id, prompt }), answer };
}

async function verdictsOf(
  verifier: OpenedVerifier,
  rows: readonly { readonly record: RolloutRecord; readonly problem: Problem }[],
): Promise<Verdict[]> {
  const verdicts = await verifyGroups(
    verifier,
    rows.map(({ record, problem }) => ({ problem, answers: record.stop === "length" ? [] : [record.text] })),
  );
  return verdicts.map(([verdict]) => verdict ?? { kind: "wrong", because: "not finished" });
}

/** What one judge says otherwise than the run. */
class Comparison {
  readonly #verifier: string;
  readonly #changed: Changed[] = [];
  #here = 0;
  #there = 0;
  #errors = 0;
  #others = 0;

  constructor(verifier: string) {
    this.#verifier = verifier;
  }

  add({ step, problem, answer, text, verdict: was }: RolloutRecord, { kind: is, because }: Verdict): void {
    if (was === is) return;
    this.#others++;
    if (is === "error") this.#errors++;
    else if (is === "right") this.#here++;
    else if (was === "right") this.#there++;
    if (this.#changed.length < MOST_KEPT)
      this.#changed.push({ ...{ step, problem, reference: answer, text }, was, is, because });
  }

  result(): Rejudged {
    return {
      ...{ verifier: this.#verifier, rightHereAlone: this.#here, rightThereAlone: this.#there },
      ...{ errors: this.#errors, others: this.#others, changed: this.#changed },
    };
  }
}

const none = () => ({ was: 0, again: 0, other: 0 });

function count(
  steps: Map<number, Counts>,
  record: RolloutRecord,
  again: Verdict,
  other: Verdict | undefined,
): void {
  const own = steps.get(record.step) ?? { answers: 0, right: none(), judged: none() };
  steps.set(record.step, own);
  own.answers++;
  for (const [who, kind] of [
    ["was", record.verdict],
    ["again", again.kind],
    ["other", other?.kind],
  ] as const) {
    if (kind === "right") own.right[who]++;
    if (kind !== undefined && kind !== "error") own.judged[who]++;
  }
}

function total(steps: readonly Counts[]): Counts {
  const sum: Counts = { answers: 0, right: none(), judged: none() };
  for (const { answers, right, judged } of steps) {
    sum.answers += answers;
    for (const who of ["was", "again", "other"] as const) {
      sum.right[who] += right[who];
      sum.judged[who] += judged[who];
    }
  }
  return sum;
}

function rates({ answers, right, judged }: Counts): Omit<AuditedStep, "step"> {
  const share = (who: keyof Counts["right"]) => (judged[who] === 0 ? undefined : right[who] / judged[who]);
  return { answers, was: share("was"), again: share("again"), other: share("other") };
}
