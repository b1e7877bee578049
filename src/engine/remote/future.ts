/**
 * Waiting for work that a server has taken on: polled by its id until there is a result, or no hope of one.
 *
 * "Not ready" has three forms, which mean the same: status 408, `try_again`, and no answer to the poll in time.
 */
import { EngineError } from "../../errors.ts";
import { type Connection, mayPass, type Reply } from "./connection.ts";
import { jsonOf, refusal } from "./server-errors.ts";

/** Work that was taken on. */
export interface Pending {
  readonly id: string;
  /** What it is, for errors: "optim_step 4". */
  readonly what: string;
}

/** Refusals without a reason, which a proxy may have made, are asked again so often. */
const UNEXPLAINED = 3;

/**
 * @returns the answer that holds the result, JSON or protobuf
 * @throws  EngineError where the work failed, does not end, or the server does not answer; the signal's reason
 */
export async function resultOf(
  connection: Connection,
  { id, what }: Pending,
  accept: "protobuf" | undefined,
  signal?: AbortSignal,
): Promise<Reply> {
  const { limits } = connection;
  const begin = performance.now();
  const request = { path: "retrieve_future", body: JSON.stringify({ request_id: id }), accept };
  let heard = begin;
  let unexplained = 0;
  for (let faults = 0, notReady = 0; ; ) {
    const asked = performance.now();
    const reply = await connection.once(request, limits.poll, signal);
    const now = performance.now();
    if (isPending(reply)) {
      heard = now;
      faults = 0;
      notReady++;
      if (now - begin > limits.work) throw endless(what, id, (now - begin) / 1000);
      // a server that holds polls back sets the pace itself; one that does not is not to be flooded
      if (now - asked < limits.firstPause) await connection.pause(Math.min(notReady - 1, 1), reply, signal);
    } else if (mayPass(reply)) {
      if (now - heard > limits.silence) throw connection.silent(what, reply);
      await connection.pause(faults++, reply, signal);
    } else if (reply.status === 400 && reply.body.length === 0 && unexplained++ < UNEXPLAINED) {
      await connection.pause(faults++, reply, signal);
    } else if (reply.status !== 200 || hasFailed(reply)) {
      throw refusal(what, reply);
    } else {
      return reply;
    }
  }
}

const isPending = (reply: Reply): boolean =>
  reply.timedOut ||
  reply.status === 408 ||
  (reply.status === 200 && !reply.isProtobuf && jsonOf(reply).type === "try_again");

const hasFailed = (reply: Reply): boolean => !reply.isProtobuf && jsonOf(reply).error !== undefined;

const endless = (what: string, id: string, seconds: number) =>
  new EngineError({
    where: what,
    expected: "the server to end it",
    got: `request ${id} still pending after ${Math.round(seconds)} s`,
    next: "See the server's log for that request; restart the server if it hangs, then resume the run.",
  });
