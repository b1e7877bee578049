/**
 * The engine's thread: answers requests one after another, for a session's run blocks the thread that it is in.
 */
import { parentPort } from "node:worker_threads";
import { work } from "../onnx/run.ts";
import { EmbeddedModel } from "./embedded-model.ts";
import { type Abort, postError, type Reply, type Request, type Verb, type Verbs } from "./worker-protocol.ts";

const port = parentPort!;
let model: EmbeddedModel | undefined;

/** Progress is for eyes: a message for every tenth of a second is enough. */
const PROGRESS_MS = 100;

async function answer({ id, verb, in: given }: Request, signal: AbortSignal): Promise<unknown> {
  let last = 0;
  const progress = (done: number, total: number) => {
    const now = Date.now();
    if (now - last < PROGRESS_MS && done < total) return;
    last = now;
    port.postMessage({ id, kind: "progress", done, total } satisfies Reply);
  };
  const verbs: { [V in Verb]: (given: Verbs[V]["in"]) => Promise<Verbs[V]["out"]> } = {
    open: async (options) => {
      model = await EmbeddedModel.open(options);
      return model.facts;
    },
    sample: ({ prompts, sampling, streams }) =>
      model!.sample(prompts, sampling, progress, {
        signal,
        ...(streams
          ? { onTokens: (tokens) => port.postMessage({ id, kind: "tokens", tokens } satisfies Reply) }
          : {}),
      }),
    score: ({ sequences, temperature }) => model!.score(sequences, temperature, progress),
    update: (request) => model!.update(request, progress),
    save: ({ folder }) => model!.save(folder),
    load: ({ folder }) => model!.load(folder),
  };
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
      port.postMessage({ id: request.id, kind: "result", out, flops } satisfies Reply);
    } catch (error) {
      port.postMessage({ id: request.id, kind: "error", error: postError(error) } satisfies Reply);
    } finally {
      aborts.delete(request.id);
    }
  });
});
