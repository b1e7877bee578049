/**
 * A thread of the engine: answers requests one after another, for a session's run blocks the thread that it is in.
 */
import { parentPort } from "node:worker_threads";
import type { SampledToken } from "../engine.ts";
import { work } from "../onnx/run.ts";
import { EmbeddedModel } from "./embedded-model.ts";
import { Parameters } from "./parameters.ts";
import {
  type Abort,
  type Close,
  postError,
  type Reply,
  type Request,
  type Verb,
  type Verbs,
} from "./worker-protocol.ts";

const port = parentPort!;
const post = (reply: Reply) => port.postMessage(reply);
const weights = new Map<string, Float32Array>();
let model: EmbeddedModel | undefined;

/** Progress is for eyes: a message for every tenth of a second is enough. */
const PROGRESS_MS = 100;

async function answer({ id, verb, in: given }: Request, signal: AbortSignal): Promise<unknown> {
  let last = 0;
  const onProgress = (done: number, total: number) => {
    const now = Date.now();
    if (now - last < PROGRESS_MS && done < total) return;
    last = now;
    post({ id, kind: "progress", done, total });
  };
  const watch = { onProgress, signal };
  const verbs: { [V in Verb]: (given: Verbs[V]["in"]) => Promise<Verbs[V]["out"]> } = {
    take: async ({ name, data }) => {
      // what layers hold of the weights are these very arrays
      if (model === undefined) weights.set(name, data);
      else {
        weights.get(name)!.set(data);
        model.outdate();
      }
    },
    open: async ({ origin, options }) => {
      model = new EmbeddedModel(origin, new Parameters(origin.config, weights), options);
      return model.facts;
    },
    sample: async ({ asked, sampling, inFlight, streams }) => {
      const onTokens = streams
        ? (tokens: readonly SampledToken[]) => post({ id, kind: "tokens", tokens })
        : undefined;
      await model!.sample(asked, sampling, inFlight, {
        ...watch,
        onTokens,
        onAnswers: (at, answers) => post({ id, kind: "answers", at, answers }),
      });
      return undefined;
    },
    weights: async ({ all }) => model!.weights(all),
    score: ({ sequences, temperature }) => model!.score(sequences, temperature, watch),
    update: (request) => model!.update(request, watch),
    save: ({ folder }) => model!.save(folder),
    load: ({ folder }) => model!.load(folder),
  };
  signal.throwIfAborted();
  return (verbs[verb] as (given: unknown) => Promise<unknown>)(given);
}

/** Weights are copied once, on their way out. */
const moved = (verb: Verb, out: unknown): ArrayBuffer[] =>
  verb === "weights" ? [...(out as Verbs["weights"]["out"]).values()].map(({ buffer }) => buffer) : [];

let queue = Promise.resolve();
/** Of the requests that wait or are under way. */
const aborts = new Map<number, AbortController>();
port.on("message", (request: Request | Abort | Close) => {
  if ("close" in request) process.exit(0);
  if ("abort" in request) {
    aborts.get(request.abort)?.abort();
    return;
  }
  const abort = new AbortController();
  aborts.set(request.id, abort);
  queue = queue.then(async () => {
    try {
      const before = work.flops;
      const out = await answer(request, abort.signal);
      const flops = work.flops - before;
      port.postMessage(
        { id: request.id, kind: "result", out, flops } satisfies Reply,
        moved(request.verb, out),
      );
    } catch (error) {
      post({ id: request.id, kind: "error", error: postError(error) });
    } finally {
      aborts.delete(request.id);
    }
  });
});
