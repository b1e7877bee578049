/**
 * The engine's thread: answers requests one after another, for a session's run blocks the thread that it is in.
 */
import { parentPort } from "node:worker_threads";
import { work } from "../onnx/run.ts";
import { EmbeddedModel } from "./embedded-model.ts";
import { postError, type Reply, type Request, type Verb, type Verbs } from "./messages.ts";

const port = parentPort!;
let model: EmbeddedModel | undefined;

/** Progress is for eyes: a message for every tenth of a second is enough. */
const PROGRESS_MS = 100;

async function answer({ id, verb, in: given }: Request): Promise<unknown> {
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
    sample: ({ prompts, sampling }) => model!.sample(prompts, sampling, progress),
    score: ({ sequences, temperature }) => model!.score(sequences, temperature, progress),
    update: (request) => model!.update(request, progress),
    save: ({ folder, optimizer }) => model!.save(folder, optimizer),
    load: ({ folder }) => model!.load(folder),
  };
  return (verbs[verb] as (given: unknown) => Promise<unknown>)(given);
}

let queue = Promise.resolve();
port.on("message", (request: Request) => {
  queue = queue.then(async () => {
    try {
      const before = work.flops;
      const out = await answer(request);
      const flops = work.flops - before;
      port.postMessage({ id: request.id, kind: "result", out, flops } satisfies Reply);
    } catch (error) {
      port.postMessage({ id: request.id, kind: "error", error: postError(error) } satisfies Reply);
    }
  });
});
