/**
 * A session on a Tinker server: kept alive while it is open, its work submitted in order.
 *
 *   work  →  submitted, each after the one before was taken on  →  its result, whenever that comes
 *
 * A model's work bears numbers from 1 without a gap, by which the server knows a repeated request. A number is used
 * up when the server takes the work on, so that a refused one is free for what comes next.
 */
import type { Worker } from "node:worker_threads";
import { startWorker } from "../../files/worker-file.ts";
import { type Connection, isRefusedForNow, mayPass, type Reply, type Request } from "./connection.ts";
import { type Pending, resultOf } from "./future.ts";
import type { Heartbeat } from "./heartbeat-worker.ts";
import { damagedAnswer } from "./pass.ts";
import { jsonOf, ModelLostError, refusal } from "./server-errors.ts";

/** What the official client that these requests were recorded of calls itself. */
const SDK_VERSION = "0.38.0";
const HEARTBEAT = 10_000;

type Fields = Readonly<Record<string, unknown>>;

export class Session {
  readonly id: string;
  readonly connection: Connection;
  /** What the server had to say when the session began. */
  readonly messages: readonly string[];
  /** Numbers of the next model and the next sampler, which a session counts from 0. */
  readonly next = { model: 0, sampler: 0 };
  readonly #heart: Worker;

  private constructor(connection: Connection, id: string, messages: readonly string[]) {
    this.connection = connection;
    this.id = id;
    this.messages = messages;
    const { url, headers } = connection;
    const workerData: Heartbeat = { url, headers, sessionId: id, period: HEARTBEAT };
    this.#heart = startWorker("heartbeat-worker", import.meta.url, { workerData });
    this.#heart.unref();
    // without it the session may expire, which the next request is then told
    this.#heart.on("error", () => {});
  }

  static async open(connection: Connection): Promise<Session> {
    const body = { tags: [], user_metadata: {}, sdk_version: SDK_VERSION, type: "create_session" };
    const answer = await asked(connection, "create_session", body);
    const { info_message, warning_message, error_message } = answer;
    const messages = [info_message, warning_message, error_message]
      .filter((each) => each != null)
      .map(String);
    return new Session(connection, textIn(answer, "session_id"), messages);
  }

  /** What a server answers at once. */
  ask(path: string, body?: Fields, signal?: AbortSignal): Promise<Fields> {
    return asked(this.connection, path, body, signal);
  }

  /** Hands over work that has a place of its own: sampling, a new model. */
  async submit(path: string, body: Fields, signal?: AbortSignal): Promise<Pending> {
    return (await this.submitted(path, body, signal)).pending;
  }

  /** As `submit`, with all that was answered. */
  async submitted(path: string, body: Fields, signal?: AbortSignal) {
    const answer = await asked(this.connection, path, body, signal);
    return { pending: { id: textIn(answer, "request_id"), what: path } satisfies Pending, answer };
  }

  async json(pending: Pending, signal?: AbortSignal): Promise<Fields> {
    return jsonOf(await resultOf(this.connection, pending, undefined, signal));
  }

  /** A result in whatever bytes it comes. */
  result(pending: Pending, accept: Request["accept"], signal?: AbortSignal): Promise<Reply> {
    return resultOf(this.connection, pending, accept, signal);
  }

  async close(): Promise<void> {
    await this.#heart.terminate();
  }
}

/** The work of one model, in order. */
export class Lane {
  readonly #connection: Connection;
  #next = 1;
  #last: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Hands work over once all before it was taken on.
   *
   * @param write  the request, given its number; written once, so that a repeated one has the same bytes
   * @param isOnce  the server would do it again if it were asked again
   * @returns      undefined where a repeated save finds that the first one was made: its answer alone was lost
   * @throws       ModelLostError where it must not be repeated, and nobody knows whether it was done
   */
  submit(write: (seqId: number) => Request, isOnce = false): Promise<Pending | undefined> {
    const turn = this.#last.then(() => this.#submit(write, isOnce));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #submit(write: (seqId: number) => Request, isOnce: boolean): Promise<Pending | undefined> {
    const request = write(this.#next);
    const what = `${request.path} ${this.#next}`;
    const again = isOnce ? isRefusedForNow : mayPass;
    const { reply, repeated } = await this.#connection.ask(request, what, undefined, again);
    if (isOnce && mayPass(reply)) throw untold(what, reply);
    const isMade = reply.status === 409 && repeated && request.path.startsWith("save_weights");
    if (reply.status !== 200 && !isMade) throw refusal(what, reply);
    this.#next++;
    return isMade ? undefined : { id: textIn(jsonOf(reply), "request_id"), what };
  }
}

const untold = (what: string, { status, text }: Reply): ModelLostError =>
  new ModelLostError({
    where: what,
    expected: "an answer, as the server would do the same again if it were asked again",
    got: `${status === 0 ? "" : `${status} `}${text}`,
    next: "Whether it was done is not known. Resume the run: it goes on from its checkpoint.",
  });

async function asked(
  connection: Connection,
  path: string,
  body?: Fields,
  signal?: AbortSignal,
): Promise<Fields> {
  const request = { path, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const { reply } = await connection.ask(request, path, signal);
  if (reply.status !== 200) throw refusal(path, reply);
  return jsonOf(reply);
}

/** @throws EngineError where the answer has no such text */
export function textIn(answer: Fields, key: string): string {
  const value = answer[key];
  if (typeof value !== "string" || value === "" || value.length > 1000)
    throw damagedAnswer(`${key}: a text`, JSON.stringify(answer).slice(0, 200));
  return value;
}
