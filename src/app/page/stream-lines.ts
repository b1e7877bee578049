/**
 * A run's line files as server-sent events: what is there, then each new line within a moment of its writing.
 *
 *   id: 0.steps.20480-9f2c41d07a3b,…                    how far each file was read: one who was cut off goes on from there
 *   data: {"run":0,"file":"steps","isCut":false}        isCut: it begins anew, forget what came of it
 *   data: {"step":1,…}                                  whole lines as they stand in the file
 */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { PageData } from "./page-data.ts";

const POLL_MS = 500;
/** Whether a process is at work is asked of the system. */
const STATES_MS = 2000;
/** Proxies and sleeping laptops are noticed by a line that says nothing. */
const SILENCE_MS = 15_000;

export async function streamLines(
  data: PageData,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  response.flushHeaders();
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const cursors = readCursors(request.headers["last-event-id"]);
  /** Of each file, as it was when nothing more was to be read of it. */
  const stamps = new Map<string, string>();
  let said = Date.now();
  const send = async (text: string) => {
    said = Date.now();
    if (!response.write(text)) await once(response, "drain", { signal: gone.signal }).catch(() => {});
  };
  let [states, asked] = ["", 0];
  while (!gone.signal.aborted) {
    let isMore = false;
    for (const key of data.lineFiles) {
      const stamp = await data.stampOf(key);
      if (stamp === stamps.get(key)) continue;
      const { lines, cursor, isCut, hasMore } = await data.linesFrom(key, cursors.get(key));
      if (!hasMore) stamps.set(key, stamp);
      isMore ||= hasMore;
      cursors.set(key, cursor);
      if (lines.length > 0 || isCut) await send(messageOf(key, isCut, lines, cursors));
      if (gone.signal.aborted) return;
    }
    if (isMore) continue;
    if (Date.now() - asked > STATES_MS) {
      const now = JSON.stringify(data.states());
      if (now !== states) await send(`event: states\ndata: ${now}\n\n`);
      [states, asked] = [now, Date.now()];
    }
    if (Date.now() - said > SILENCE_MS) await send(":\n\n");
    await pause(POLL_MS, undefined, { signal: gone.signal }).catch(() => {});
  }
}

function messageOf(
  key: string,
  isCut: boolean,
  lines: readonly string[],
  cursors: ReadonlyMap<string, string>,
): string {
  const [run, file] = key.split(".");
  const id = [...cursors].map(([at, cursor]) => `${at}.${cursor}`).join();
  return [
    `id: ${id}`,
    ...messageLines({ run: Number(run), file: file!, isCut }, lines).map((line) => `data: ${line}`),
    "\n",
  ].join("\n");
}

/** A message's lines: what they are of, then themselves. */
export function messageLines(
  head: { readonly run: number; readonly file: string; readonly isCut: boolean },
  lines: readonly string[],
): readonly string[] {
  // a carriage return would end a line of the stream; JSON has none but between its words
  return [JSON.stringify(head), ...lines.map((line) => line.replaceAll("\r", ""))];
}

function readCursors(id: string | string[] | undefined): Map<string, string> {
  const parts = [...String(id ?? "").matchAll(/(?:^|,)(\d+\.[a-z]+)\.(\d{1,15}(?:-[0-9a-f]{12})?)(?=,|$)/g)];
  return new Map(parts.map(([, key, cursor]) => [key!, cursor!]));
}
