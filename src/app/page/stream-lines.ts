/**
 * A run's line files as server-sent events: what is there, then each new line within a moment of its writing.
 *
 *   id: 0.steps.20480,0.evals.911        how far each file was read: a reader that was cut off goes on from there
 *   data: {"run":0,"file":"steps"}       then whole lines as they stand in the file, at most 256 kB of them
 *   data: {"step":1,…}
 *
 * `"from":0` on the first line: the file begins anew (it was cut back by a resumed run), forget what came of it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { PageData } from "./page-data.ts";

const POLL_MS = 250;
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
  const offsets = readOffsets(request.headers["last-event-id"]);
  let said = Date.now();
  const send = async (text: string) => {
    said = Date.now();
    if (!response.write(text))
      await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
  };
  let caughtUp = false;
  while (!gone.signal.aborted) {
    let isMore = false;
    for (const [key, from] of data.lineFiles().map((key) => [key, offsets.get(key) ?? 0] as const)) {
      const [run, file] = key.split(".") as [string, string];
      const read = await data.linesFrom(Number(run), file, from);
      if (read === undefined) continue;
      offsets.set(key, read.next);
      isMore ||= read.isMore;
      const first = JSON.stringify({ run: Number(run), file, from: read.from });
      const lines = read.lines.map((line) => `data: ${line}\n`).join("");
      await send(`id: ${[...offsets].map(([at, offset]) => `${at}.${offset}`)}\ndata: ${first}\n${lines}\n`);
      if (gone.signal.aborted) return;
    }
    if (isMore) continue;
    if (!caughtUp) await send("event: now\ndata: {}\n\n");
    caughtUp = true;
    if (Date.now() - said > SILENCE_MS) await send(":\n\n");
    await pause(POLL_MS, undefined, { signal: gone.signal }).catch(() => {});
  }
}

function readOffsets(id: string | string[] | undefined): Map<string, number> {
  const parts = [...String(id ?? "").matchAll(/(?:^|,)(\d+\.[a-z-]+)\.(\d{1,15})(?=,|$)/g)];
  return new Map(parts.map(([, key, offset]) => [key!, Number(offset)]));
}
