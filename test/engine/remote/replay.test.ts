/** Two whole NFT rollout steps against recorded answers of SkyRL 0.4.0, its requests compared with ours. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Engine } from "../../../src/engine/engine.ts";
import { readRemoteHandle } from "../../../src/engine/remote/handle.ts";
import { ForwardBackwardRequest } from "../../../src/engine/remote/messages.ts";
import { openRemoteEngine } from "../../../src/engine/remote/open-remote.ts";
import { EngineError } from "../../../src/errors.ts";
import { nft } from "../../../src/loop/objectives/nft.ts";
import { type LinearLayer, linearLayers } from "../../../src/models/lora.ts";
import { describeShared, golden } from "../../shared.ts";

interface Exchange {
  readonly request: { readonly path: string; readonly base64?: string; readonly json?: Record<string, Json> };
  readonly response: { readonly status: number; readonly base64?: string; readonly json?: Json };
}
interface Roll {
  readonly prompt: number[];
  readonly tokens: number[];
  readonly correct: boolean;
  readonly solve: number;
  readonly old: number[];
  readonly now: number[];
}
interface Update {
  readonly step: number;
  readonly loss: number;
  readonly metrics: Record<string, number>;
  readonly rolls: Roll[];
}

let server: Server;
let engine: Engine;
afterAll(async () => {
  await engine?.close();
  server?.closeAllConnections();
  server?.close();
});

/** Whatever JSON holds. */
type Json = ReturnType<typeof JSON.parse>;

/** What a pass asks for, without the numbers that name it. */
function content(pass: Uint8Array) {
  const { loss_fn, forward_only, data } = ForwardBackwardRequest.toObject(
    ForwardBackwardRequest.decode(pass),
    {
      defaults: true,
    },
  );
  const bytes = (blob: Uint8Array) => Uint8Array.from(blob).buffer;
  return {
    ...{ loss_fn, forward_only },
    data: data.map((datum: Json) => {
      const { target_tokens, ...inputs } = datum.loss_fn_inputs;
      return {
        tokens: [...new Int32Array(bytes(datum.model_input[0].encoded_text.tokens))],
        targets: [...new BigInt64Array(bytes(target_tokens.dense))].map(Number),
        inputs: Object.fromEntries(
          Object.entries<Json>(inputs).map(([name, { dense }]) => [
            name,
            [...new Float32Array(bytes(dense))],
          ]),
        ),
      };
    }),
  };
}

function close(ours: Json, theirs: Json, at = ""): void {
  if (typeof theirs === "number") {
    if (Math.abs(ours - theirs) > 1e-5 * Math.max(1, Math.abs(theirs)))
      throw new Error(`${at}: ${ours}, recorded ${theirs}`);
  } else if (typeof theirs === "object" && theirs !== null) {
    expect(Object.keys(ours).sort(), at).toEqual(Object.keys(theirs).sort());
    for (const key of Object.keys(theirs)) close(ours[key], theirs[key], `${at}.${key}`);
  } else expect(ours, at).toEqual(theirs);
}

describeShared("tinker", "recorded NFT steps", (folder) => {
  test("log-probs, passes and gradient norms are the server's", { timeout: 60_000 }, async () => {
    const exchanges: Exchange[] = readFileSync(`${folder}/skyrl-nft-llama.jsonl`, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => JSON.parse(line));
    const left = exchanges.filter(({ request: { json } }) => json?.path === undefined);
    const results = new Map(
      exchanges
        .filter(({ request }) => request.path.endsWith("retrieve_future"))
        .map(({ request, response }) => [request.json!.request_id, response]),
    );
    const own = results.get("3")!.json.model_id;
    /** The next id of what was not recorded: three requests before the first recorded one, of id 3, and later ones. */
    let unrecorded = 0;
    const faults: unknown[] = [];
    const checkpoints: Json[] = [];
    server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const body = Buffer.concat(parts);
      const path = request.url!;
      const json =
        request.headers["content-type"] === "application/json" ? JSON.parse(body.toString()) : undefined;
      const send = (answer: Json, status = 200) => {
        const isJson = answer?.json !== undefined;
        response.writeHead(status, {
          "content-type": isJson ? "application/json" : "application/x-protobuf",
        });
        response.end(isJson ? JSON.stringify(answer.json) : Buffer.from(answer?.base64 ?? "", "base64"));
      };
      if (path.endsWith("healthz")) return send({ json: { status: "ok" } });
      if (path.endsWith("session_heartbeat")) return send({ json: {} });
      if (path.endsWith("retrieve_future")) return send(results.get(json.request_id) ?? results.get("3"));
      const takeOn = () => send({ json: { request_id: `${unrecorded++}`, model_id: own } });
      if (path.endsWith("unload_model")) return takeOn();
      // each model is made after one that forgets a gradient, which was not recorded
      const isRecorded = path.endsWith("create_model") && json.model_seq_id === 1;
      const forgets = path.endsWith("create_model") && json.model_seq_id % 2 === 0;
      if (forgets || json?.adam_params?.learning_rate === 0) return takeOn();
      if (isRecorded) [json.model_seq_id, unrecorded] = [0, 1000];
      // beyond the recorded steps: a checkpoint, saved and loaded
      if (json?.path !== undefined || (engine?.updates === 4 && path.endsWith("create_model"))) {
        checkpoints.push({ verb: path.slice("/api/v1/".length), ...json });
        return takeOn();
      }
      const at = left.findIndex(
        ({ request: recorded }) =>
          recorded.path === path &&
          (json?.prompt === undefined ||
            JSON.stringify(recorded.json!.prompt) === JSON.stringify(json.prompt)),
      );
      if (at < 0) return send({ json: { detail: `not recorded: ${path}` } }, 422);
      const [found] = left.splice(at, 1);
      try {
        if (found.request.base64 !== undefined)
          close(content(body), content(Buffer.from(found.request.base64, "base64")), path);
        else if (json !== undefined) {
          const same = ({ seq_id, ...rest }: Json) =>
            rest.sampling_params ? { ...rest, sampling_params: { ...rest.sampling_params, seed: 0 } } : rest;
          expect(same(json)).toEqual(same(found.request.json));
        }
      } catch (error) {
        faults.push(error);
      }
      send(found.response);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    engine = await openRemoteEngine({
      model: golden("models/llama-tiny"),
      server: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, isTried: true },
      lora: {
        ...{ rank: 4, alpha: 32, rankStabilized: false, seed: 1 },
        targets: Object.keys(linearLayers) as LinearLayer[],
      },
    });
    const { steps } = JSON.parse(readFileSync(`${folder}/skyrl-nft-llama.trace.json`, "utf8")) as {
      steps: Update[];
    };
    for (const step of [0, 1]) {
      const updates = steps.filter((each) => each.step === step);
      const prompts = [
        { tokens: Int32Array.of(99, 206, 239, 189), key: 0 },
        { tokens: Int32Array.of(10, 20, 30), key: 1 },
      ];
      const sampling = { answers: 4, maxTokens: 6, temperature: 1, topP: 1, topK: 0, seed: 1, step };
      const groups = await engine.sample(prompts, sampling);
      const sampled = groups.flat();
      const scores = await engine.score(
        groups.flatMap((answers, i) =>
          answers.map(({ tokens }) => ({ prompt: prompts[i].tokens, completion: tokens })),
        ),
        1,
      );
      for (const { rolls, loss, metrics } of updates) {
        const examples = rolls.map(({ prompt, tokens, correct, solve, old }) => {
          const at = sampled.findIndex((answer) => `${[...answer.tokens]}` === `${tokens}`);
          close([...scores[at].logps], old, "old");
          return {
            ...{ prompt: Int32Array.from(prompt), completion: Int32Array.from(tokens) },
            logpsOld: scores[at].logps,
            columns: { right: Number(correct), solveRate: solve },
          };
        });
        const report = await engine.update(examples, nft(), {
          ...{ number: engine.updates + 1, learningRate: 0.01, weightDecay: 0, beta1: 0.9, beta2: 0.999 },
          ...{ epsilon: 1e-8, maxGradNorm: 1e9, lossScale: 1, temperature: 1 },
        });
        const norm = metrics["skyrl.ai/grad_norm"];
        expect(Math.abs(report.gradNorm! / norm - 1)).toBeLessThan(1e-5);
        expect(report.loss).toBeCloseTo(loss, 5);
      }
    }
    expect(faults).toEqual([]);
    expect(engine.updates).toBe(4);

    const run = mkdtempSync(join(tmpdir(), "remote-"));
    await engine.save(run);
    const [{ path: name }] = checkpoints;
    const handle = await readRemoteHandle(run);
    expect(handle).toMatchObject({ model: "llama-tiny", rank: 4, alpha: 32, seed: 1, updates: 4 });
    expect(handle.training).toBe(`tinker://model_0e1d3703/weights/${name}`);
    expect(handle.sampler).toBe(`tinker://model_0e1d3703/sampler_weights/${name}`);
    await engine.load(run);
    expect(checkpoints).toMatchObject([
      { verb: "save_weights", path: name },
      { verb: "save_weights_for_sampler", path: name },
      { verb: "create_model", model_seq_id: 3, lora_config: { rank: 4, seed: 1 } },
      { verb: "load_weights", path: handle.training, optimizer: true, seq_id: 1 },
    ]);
    await expect(engine.load(tmpdir())).rejects.toThrow(EngineError);
    expect(engine.updates).toBe(4);
    const sequence = { prompt: Int32Array.of(1), completion: Int32Array.of(260) };
    await expect(engine.score([sequence], 1)).rejects.toThrow(/from 0 to 259/);
    await expect(engine.score([sequence], 0.7)).rejects.toThrow(/temperature/);
    rmSync(run, { recursive: true });
  });
});
