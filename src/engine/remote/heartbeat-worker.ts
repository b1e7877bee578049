/**
 * Tells a server every few seconds that a session is in use, from a thread of its own: whatever keeps the run's
 * thread busy, the server does not take the session for dead and drop its model.
 */
import { parentPort, workerData } from "node:worker_threads";

export interface Heartbeat {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sessionId: string;
  /** Milliseconds, between two and for each. */
  readonly period: number;
}

const { url, headers, sessionId, period } = workerData as Heartbeat;

async function beat(): Promise<void> {
  try {
    const { status } = await fetch(`${url}/api/v1/session_heartbeat`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ session_id: sessionId, type: "session_heartbeat" }),
      redirect: "manual",
      signal: AbortSignal.timeout(period),
    });
    // the session has ended: the next request is told so by the server itself
    if (status === 404 || status === 410) return parentPort?.close();
  } catch {
    // one that is lost does no harm: servers wait for minutes
  }
  setTimeout(beat, period);
}

void beat();
