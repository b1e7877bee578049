/** Clients that begin on one server at once: none learns from the gradient that another left in its place. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gradientDatum } from "../../../src/engine/remote/channel.ts";
import { Connection } from "../../../src/engine/remote/connection.ts";
import { dialects } from "../../../src/engine/remote/dialects.ts";
import { RemoteModel } from "../../../src/engine/remote/remote-model.ts";
import { Session } from "../../../src/engine/remote/session.ts";
import { EngineError } from "../../../src/errors.ts";
import { createModel } from "../../../src/formats/create-model.ts";
import { characterTokenizer } from "../../../src/formats/tokenizer/character-tokenizer.ts";
import { temporaryFolder, tinyConfig } from "../../models/files.ts";
import { brisk } from "./limits.ts";
import { TinkerServer } from "./tinker-server.ts";

const dialect = dialects["skyrl-jax"];
const request = { model: "", rank: 2, seed: 1 };
let server: TinkerServer;
/** What happens before a request is taken on. */
let before: (path: string, sessionId: string | undefined) => void | Promise<void> = () => {};
const sessions: Session[] = [];

beforeAll(async () => {
  const folder = temporaryFolder();
  const model = join(folder, "model");
  const tokenizer = characterTokenizer([]);
  await createModel(model, { ...tinyConfig, vocabSize: tokenizer.vocabulary }, tokenizer, 1);
  server = await TinkerServer.start({
    ...{ model, folder: join(folder, "server") },
    onRequest: (path, body) => before(path, body?.session_id),
  });
  sessions.push(...(await Promise.all([client(), client()])));
});
afterAll(async () => {
  for (const session of sessions) await session.close();
  await server.kill();
});

const client = () => Session.open(new Connection(server, brisk));
const create = (session: Session) => RemoteModel.create(session, dialect, request);

/** Passes over one sequence, times a factor, with a gradient. */
async function pass(model: RemoteModel, factor: number): Promise<void> {
  const sequence = { prompt: Int32Array.of(5, 6), completion: Int32Array.of(7, 8) };
  const weights = Float32Array.of(factor, -factor);
  const data = [gradientDatum(sequence, weights, new Float32Array(3), dialect.channel, 1)];
  await model.pass(data, { loss: dialect.channel.loss, forwardOnly: false });
}

async function norm(model: RemoteModel): Promise<number> {
  await pass(model, 1);
  return (await model.step({ learningRate: 0, beta1: 0, beta2: 0, epsilon: 1, weightDecay: 0 }))!;
}

/** Two models, each in a place of its own, passed over and not stepped with. */
async function leaveGradients(): Promise<void> {
  const models = [await create(sessions[0]!), await create(sessions[1]!)];
  for (const model of models) await pass(model, 100);
  for (const model of models) await model.unload();
}

test("a model that gets another place than the one that was cleared for it is made anew", async () => {
  const alone = await create(sessions[0]!);
  const expected = await norm(alone);
  await alone.unload();
  await leaveGradients();
  // the second client takes the place that the first has just cleared, as it makes its own model
  let [made, refused] = [0, 0];
  let taken = () => {};
  const other = new Promise<void>((done) => {
    taken = done;
  });
  before = async (path, id) => {
    if (path !== "create_model") return;
    if (id === sessions[1]!.id) setTimeout(taken, 0);
    else if (++made === 2) await other;
    else if (made > 2) refused++;
  };
  const first = create(sessions[0]!);
  await expect.poll(() => made).toBe(2);
  const models = await Promise.all([first, create(sessions[1]!)]);
  expect(refused).toBeGreaterThan(0);
  for (const model of models) expect(await norm(model)).toBe(expected);
  before = () => {};
  for (const model of models) await model.unload();
});

test("where another client always comes in between, none is trusted and none is left", async () => {
  before = async (path) => {
    if (path === "unload_model") await (await client()).close();
  };
  const error = await create(sessions[0]!).catch((error: unknown) => error);
  before = () => {};
  expect(error).toBeInstanceOf(EngineError);
  expect((error as EngineError).message).toMatch(/create_model: .*requests of other clients.*6 times/s);
  expect(server.models).toBe(0);
});
