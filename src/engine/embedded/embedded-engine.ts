/**
 * The engine on this machine: a thread that holds the model, others that sample beside it, all spoken to by messages.
 */
import { parameterShapes } from "../../models/parameter-shapes.ts";
import type { Engine, EngineFacts, EngineOptions } from "../engine.ts";
import { checkExamples } from "../objective-inputs.ts";
import { traceOnce } from "../objective-program.ts";
import { EngineThread } from "./engine-thread.ts";
import { SamplingThreads } from "./sampling-threads.ts";
import { openWeights } from "./weight-files.ts";

/**
 * Loads a model into a thread of its own.
 *
 * @throws ModelError where its files are missing, damaged or not supported
 */
export async function openEmbeddedEngine(options: EngineOptions): Promise<Engine> {
  const { model, ...rest } = options;
  const { origin, read } = await openWeights({ model, lora: rest.lora });
  const flops = { sample: 0, score: 0, update: 0 };
  const thread = new EngineThread(flops);
  let facts: EngineFacts;
  try {
    for (const name of parameterShapes(origin.config).keys()) {
      const data = await read(name);
      await thread.ask("take", { name, data }, {}, [data.buffer as ArrayBuffer]);
    }
    facts = await thread.ask("open", { origin, options: rest });
  } catch (error) {
    await thread.close();
    throw error;
  }
  const threads = new SamplingThreads(thread, { origin, options: rest }, flops);
  let last: Promise<unknown> = Promise.resolve();
  /** One request after another: no weights change while several threads sample by them. */
  const inTurn = <T>(request: () => Promise<T>): Promise<T> => {
    const own = last.then(request);
    last = own.catch(() => {});
    return own;
  };
  let updates = 0;
  return {
    facts,
    flops,
    get updates() {
      return updates;
    },
    sample: (prompts, sampling, watch = {}) => inTurn(() => threads.sample(prompts, sampling, watch)),
    score: (sequences, temperature, watch) =>
      inTurn(() => thread.ask("score", { sequences, temperature }, watch)),
    async update(examples, objective, step, watch) {
      checkExamples(examples, objective);
      const { program, key } = traceOnce(objective);
      const coupled = objective.coupled ?? false;
      return inTurn(async () => {
        threads.outdate();
        const given = { examples, objective: program, key, coupled, step };
        const report = await thread.ask("update", given, watch);
        updates = step.number;
        return report;
      });
    },
    save: (folder, watch) => inTurn(() => thread.ask("save", { folder }, watch)),
    load: (folder, watch) =>
      inTurn(async () => {
        threads.outdate();
        updates = await thread.ask("load", { folder }, watch);
      }),
    close: async () => {
      await Promise.all([thread.close(), threads.close()]);
    },
  };
}
