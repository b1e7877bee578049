/**
 * The engine's thread: answers requests one after another, for a session's run blocks the thread that it is in.
 */
import { parentPort } from "node:worker_threads";
import { work } from "../onnx/run.ts";
import { EmbeddedModel } from "./embedded-model.ts";
import { Parameters } from "./parameters.ts";
import { type Abort, postError, type Reply, type Request, type Verb, type Verbs } from "./worker-protocol.ts";

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
    take: async ({ name, data }) => void weights.set(name, data),
    open: async ({ origin, options }) => {
      model = new EmbeddedModel(origin, new Parameters(origin.config, weights), options);
      return model.facts;
    },
    sample: async ({ prompts, sampling, streams }) => {
      await model!.sample(prompts, sampling, {
        ...watch,
        onTokens: streams ? (tokens) => post({ id, kind: "tokens", tokens }) : undefined,
        onGroup: (prompt, answers) => post({ id, kind: "group", prompt, answers }),
      });
      return undefined;
    },
    score: ({ sequences, temperature }) => model!.score(sequences, temperature, watch),
    update: (request) => model!.update(request, watch),
    save: ({ folder }) => model!.save(folder),
    load: ({ folder }) => model!.load(folder),
  };
  signal.throwIfAborted();
  return (verbs[verb] as (given: unknown) => Promise<unknown>)(given);
}

let queue = Promise.resolve();
/** Of the requests that wait or are under way. */
const aborts = new Map<number, AbortController>();
port.on("message", (request: Request | Abort) => {
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
      post({ id: request.id, kind: "result", out, flops });
    } catch (error) {
      post({ id: request.id, kind: "error", error: postError(error) });
    } finally {
      aborts.delete(request.id);
    }
  });
});
