/**
 * What is known of the runs, growing as the server reads their files; in a report, what was written into it.
 */
import { signal } from "@preact/signals";
import type { LoggedEvent, RequestName } from "../../../run/events.ts";
import type { EvalRecord, StepRecord } from "../../../run/records.ts";
import type { Recorded, RunInfo, RunState } from "../records.ts";

export interface Run extends RunInfo, RunState {
  readonly index: number;
  readonly steps: StepRecord[];
  readonly evals: EvalRecord[];
  /** Nothing of them is taken back: after a `start`, steps beyond its `resumedAt` are taken again. */
  readonly events: LoggedEvent[];
  /** Lines that are no records: the file was changed by something else. */
  readonly faults: string[];
}

const element = document.getElementById("recorded");
const recorded = element === null ? undefined : (JSON.parse(element.textContent!) as Recorded);

export const isReport = recorded !== undefined;
/** In a report of a long run one step of so many is there. */
export const every = recorded?.every ?? 1;
/** Made anew whenever there is more in them, so that what shows them is drawn again. */
export const runs = signal<readonly Run[]>([]);
export const connection = signal<"reading" | "following" | "lost">("reading");

/** @throws Error with what the server says */
export async function get<T>(
  name: string,
  params: Readonly<Record<string, string | number>> = {},
): Promise<T> {
  const query = new URLSearchParams(Object.entries(params).map(([key, value]) => [key, String(value)]));
  const address = `/api/${name}?${query}`;
  if (recorded !== undefined) {
    if (Object.hasOwn(recorded.answers, address)) return recorded.answers[address] as T;
    throw new Error("This is not in the report; errata watch shows it from the run's folder.");
  }
  const response = await fetch(address);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error.message);
  return body as T;
}

/** Asks something of a run that is at work. @throws Error with what the server says */
export async function tell(run: Run, request: RequestName): Promise<void> {
  const response = await fetch(`/api/tell?run=${run.index}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ request }),
  });
  if (!response.ok) throw new Error((await response.json()).error.message);
}

export async function openRuns(): Promise<void> {
  const { runs: infos } = await get<{ runs: RunInfo[] }>("runs");
  runs.value = infos.map((info, index) => ({
    ...{ ...info, index, isAlive: false, canAsk: false },
    ...{ steps: [], evals: [], events: [], faults: [] },
  }));
  if (recorded !== undefined) {
    recorded.stream.forEach(take);
    show("following");
    return;
  }
  const source = new EventSource("/api/stream");
  source.onmessage = ({ data }) => {
    take(data);
    showSoon();
  };
  source.addEventListener("states", ({ data }) => {
    const states = JSON.parse(data) as RunState[];
    runs.value = runs.value.map((run, i) => ({ ...run, ...states[i] }));
    show("following");
  });
  source.onerror = () => (connection.value = "lost");
}

let waiting: ReturnType<typeof setTimeout> | undefined;

/** A long file comes in many messages: what is there is drawn now and then. */
function showSoon(): void {
  waiting ??= setTimeout(() => show(connection.value === "lost" ? "following" : connection.value), 150);
}

function show(state: typeof connection.value): void {
  clearTimeout(waiting);
  waiting = undefined;
  connection.value = state;
  runs.value = runs.value.map((run) => ({ ...run }));
}

function take(message: string): void {
  const [first, ...lines] = message.split("\n");
  const { run, file, isCut } = JSON.parse(first!) as {
    readonly run: number;
    readonly file: "steps" | "evals" | "events";
    readonly isCut: boolean;
  };
  const { faults, events, [file]: records } = runs.value[run]!;
  if (isCut) records.length = 0;
  for (const line of lines) {
    try {
      const record = JSON.parse(line);
      if (file === "events") events.push(record);
      else put(records as (StepRecord | EvalRecord)[], record);
    } catch {
      faults.push(`${file}.jsonl has a line that is no record: ${line.slice(0, 60)}`);
    }
  }
}

/** A run that was resumed takes steps again: what came of them before is no longer so. */
function put(records: (StepRecord | EvalRecord)[], record: StepRecord | EvalRecord): void {
  if (!Number.isInteger(record?.step)) throw new TypeError("no record");
  const isSame = (last: StepRecord | EvalRecord) =>
    "kind" in last && "kind" in record ? last.dataset === record.dataset : true;
  const isOver = (last: StepRecord | EvalRecord) =>
    last.step > record.step || (last.step === record.step && isSame(last));
  while (records.length > 0 && isOver(records.at(-1)!)) records.pop();
  records.push(record);
}
