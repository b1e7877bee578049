/** A session against a server on loopback that answers as recorded servers and the proxies before them do. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { Connection, type Limits } from "../../../src/engine/remote/connection.ts";
import { protobufWire } from "../../../src/engine/remote/proto-wire.ts";
import { ModelLostError } from "../../../src/engine/remote/server-errors.ts";
import { Lane, Session } from "../../../src/engine/remote/session.ts";
import { EngineError } from "../../../src/errors.ts";
import { brisk } from "./limits.ts";

/** A long answer is one of 200,000 bytes; `held` ones are asked for again after `poll`. */
const patient: Limits = { ...brisk, poll: 500, size: 200_000 };
/** Gives up at once, for what is to be given up. */
const impatient: Limits = { ...patient, silence: 100, work: 100 };

/** What the server does with one request: answers, loses its answer, or never answers. */
type Act = { status?: number; json?: unknown; text?: string; protobuf?: Uint8Array } | "lost" | "held";
interface Heard {
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingMessage["headers"];
}

/** A request that is its own number. */
const numbered = (path: string) => (seqId: number) => ({ path, body: String(seqId) });

const open: { server: Server; session?: Session }[] = [];
afterEach(async () => {
  for (const { server, session } of open.splice(0)) {
    await session?.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

/** @param script  by path, the acts in turn, the last of them for ever; heartbeats and the session's begin are answered */
async function serve(script: Record<string, Act[]>, base = "", limits = patient) {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const path = request.url!.replace(`${base}/api/v1/`, "");
    heard.push({ path, body: Buffer.concat(parts).toString("latin1"), headers: request.headers });
    const acts = script[path] ?? [{ json: { type: path, session_id: "s1" } }];
    const act = acts.length > 1 ? acts.shift()! : acts[0];
    if (act === "held") return;
    if (act === "lost") return void request.socket.destroy();
    const { status = 200, json, text, protobuf } = act;
    response.writeHead(status, { "content-type": protobuf ? "application/x-protobuf" : "application/json" });
    response.end(protobuf ?? text ?? JSON.stringify(json));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`;
  const opened: { server: Server; session?: Session } = { server };
  open.push(opened);
  const connection = new Connection({ url: `${url}/`, apiKey: "tml-key" }, limits);
  const session = await Session.open(connection);
  opened.session = session;
  const of = (path: string) => heard.filter((each) => each.path === path);
  return { session, lane: new Lane(connection), heard, of };
}

const taken = (id: string): Act => ({ json: { request_id: id } });
const slow: Act = { status: 429, json: { detail: "slow down" } };

test("keeps the address's base path and sends the key", async () => {
  const { heard } = await serve({}, "/services/tinker-prod");
  expect(heard[0]).toMatchObject({ path: "create_session", headers: { "x-api-key": "tml-key" } });
});

test("the server is told that the session is in use", async () => {
  const { session } = await serve({});
  let beats = 0;
  const server = open[0].server;
  const seen = new Promise<void>((done) => server.on("request", () => ++beats && done()));
  await seen;
  expect(beats).toBeGreaterThan(0);
  expect(session.id).toBe("s1");
});

describe("submitting", () => {
  test("repeats the same bytes under the same number until they are taken, and numbers on", async () => {
    const bytes = Uint8Array.of(1, 2, 250);
    const { lane, of } = await serve({
      forward_backward: [
        slow,
        { status: 502, text: "bad gateway" },
        "lost",
        { status: 408 },
        taken("7"),
        taken("8"),
      ],
    });
    const numbers: number[] = [];
    const write = (seqId: number) => {
      numbers.push(seqId);
      return { path: "forward_backward", body: Uint8Array.of(...bytes, seqId) };
    };
    const pendings = await Promise.all([lane.submit(write), lane.submit(write)]);
    expect(pendings.map((each) => each?.id)).toEqual(["7", "8"]);
    expect(numbers).toEqual([1, 2]);
    const sent = of("forward_backward").map(({ body }) => body);
    expect(new Set(sent.slice(0, 5)).size).toBe(1);
    expect(sent).toHaveLength(6);
  });

  test("waits for the answer to one before it sends the next", async () => {
    const { lane, of } = await serve({ optim_step: ["held"], forward_backward: [taken("2")] });
    void lane.submit(numbered("optim_step")).catch(() => {});
    void lane.submit(numbered("forward_backward")).catch(() => {});
    await new Promise((done) => setTimeout(done, 200));
    expect(of("optim_step")).toHaveLength(1);
    expect(of("forward_backward")).toHaveLength(0);
  });

  test("a refused one leaves its number to the next", async () => {
    const bad = { status: 422, json: { detail: [{ loc: ["body", "eps"], msg: "greater than 0" }] } };
    const { lane, of } = await serve({ optim_step: [bad, taken("1")] });
    await expect(lane.submit(numbered("optim_step"))).rejects.toThrow(/body\.eps: greater than 0/);
    await lane.submit(numbered("optim_step"));
    expect(of("optim_step").map(({ body }) => body)).toEqual(["1", "1"]);
  });

  test("a save whose answer was lost is made when the server says that it exists", async () => {
    const exists = { status: 409, json: { detail: "Checkpoint 'x' already exists for model 'm'" } };
    const { lane } = await serve({ save_weights: ["lost", exists] });
    expect(await lane.submit(numbered("save_weights"))).toBeUndefined();
  });

  test("a save that finds its name taken at the first try is refused, and a reused number always is", async () => {
    const exists = { status: 409, json: { detail: "Checkpoint 'x' already exists for model 'm'" } };
    const reused = { status: 409, json: { detail: "Training request sequence number was reused" } };
    const { lane } = await serve({ save_weights: [exists], optim_step: ["lost", reused] });
    await expect(lane.submit(numbered("save_weights"))).rejects.toThrow(/already exists/);
    await expect(lane.submit(numbered("optim_step"))).rejects.toThrow(/was reused/);
  });

  test.each<[Act, RegExp]>([
    ["lost", /optim_step 1: expected an answer.*no answer.*Resume the run/s],
    [{ status: 502, text: "bad gateway" }, /502 bad gateway/],
  ])("what a server would do twice is not asked for twice: %j", async (act, why) => {
    const { lane, of } = await serve({ optim_step: [{ status: 429 }, { status: 503 }, act, taken("1")] });
    const error = await lane.submit(numbered("optim_step"), true).catch((error) => error);
    expect(error).toBeInstanceOf(ModelLostError);
    expect(error.message).toMatch(why);
    expect(of("optim_step")).toHaveLength(3);
  });

  test("gives up on a server that stays silent, and names it", async () => {
    const { lane } = await serve({ optim_step: [{ status: 503, text: "starting" }] }, "", impatient);
    await expect(lane.submit(numbered("optim_step"))).rejects.toThrow(/optim_step 1 at http.*503 starting/s);
  });
});

describe("results", () => {
  const pending = { id: "3", what: "optim_step 4" };

  test("are waited for through each form of not ready and each fault that passes", async () => {
    const { session, of } = await serve({
      retrieve_future: [
        { status: 408, json: { detail: "Timeout waiting for result" } },
        { json: { type: "try_again", queue_state: "paused_capacity" } },
        "held",
        { status: 500, text: "Internal Server Error" },
        slow,
        "lost",
        { status: 400, text: "" },
        { json: { metrics: { "skyrl.ai/grad_norm": 12.5 } } },
      ],
    });
    expect(await session.json(pending)).toEqual({ metrics: { "skyrl.ai/grad_norm": 12.5 } });
    expect(of("retrieve_future").length).toBeGreaterThanOrEqual(8);
  });

  test("in protobuf are asked for and handed on as they came", async () => {
    const { session, of } = await serve({ retrieve_future: [{ protobuf: Uint8Array.of(1, 255) }] });
    const reply = await session.result(pending, "protobuf");
    expect([...reply.body]).toEqual([1, 255]);
    expect(reply.isProtobuf).toBe(true);
    expect(of("retrieve_future")[0].headers.accept).toBe("application/x-protobuf");
  });

  test("that never come are given up, the request named", async () => {
    const { session } = await serve({ retrieve_future: [{ json: { type: "try_again" } }] }, "", impatient);
    await expect(session.json(pending)).rejects.toThrow(/optim_step 4.*request 3 still pending/s);
  });

  test("are no longer waited for once the caller ends the work", async () => {
    const { session } = await serve({ retrieve_future: ["held"] });
    const end = new AbortController();
    const result = session.json(pending, end.signal);
    end.abort(new Error("enough"));
    await expect(result).rejects.toThrow("enough");
  });

  test.each([
    ["as status 400", { status: 400, json: { detail: "rank 9 is too large" } }],
    ["as an error inside 200", { json: { error: "rank 9 is too large", category: "user" } }],
  ])("of work that failed, told %s, are its reason", async (_, act) => {
    const { session } = await serve({ retrieve_future: [act] });
    const error = await session.json(pending).catch((error) => error);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).not.toBeInstanceOf(ModelLostError);
    expect(error.message).toMatch(/rank 9 is too large/);
  });

  test.each([
    [{ status: 400, json: { detail: "Model model_4ad29f83 not loaded" } }],
    [{ status: 404, json: { detail: "Future not found" } }],
    [{ status: 410, json: { detail: "promise expired" } }],
  ])("of a model that the server lost say so: %j", async (act) => {
    const { session } = await serve({ retrieve_future: [act] });
    await expect(session.json(pending)).rejects.toThrow(ModelLostError);
  });

  test.each([
    ["no JSON", { text: "<html>" }],
    ["a list", { text: "[1]" }],
    ["JSON without a bottom", { text: "[".repeat(100_000) }],
    ["longer than any answer may be", { text: JSON.stringify({ logprobs: "1".repeat(200_000) }) }],
    ["JSON where protobuf was asked for", { json: { loss_fn_outputs: [] } }],
  ])("that are %s are not believed", async (_, act) => {
    const { session } = await serve({ retrieve_future: [act] });
    const read = session.result(pending, "protobuf").then((reply) => protobufWire.logps(reply, [1]));
    await expect(read).rejects.toThrow(EngineError);
  });
});

test("a redirect is not followed: the key goes nowhere else", async () => {
  const { session } = await serve({ get_info: [{ status: 307, text: "" }] });
  await expect(session.ask("get_info", {})).rejects.toThrow(/307/);
});

test.each(["", "localhost", "ftp://host", "file:///etc"])("%j is no address of a server", (url) => {
  expect(() => new Connection({ url })).toThrow(EngineError);
});
