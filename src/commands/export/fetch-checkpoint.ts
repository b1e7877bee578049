/**
 * A checkpoint on a server → its adapters on this machine, which give the server's own log-probs.
 */
import { openEngine } from "../../engine/open-engine.ts";
import { fetchAdapters } from "../../engine/remote/adapter-archive.ts";
import { readRemoteHandle } from "../../engine/remote/handle.ts";
import { ModelError } from "../../errors.ts";
import type { ModelFiles } from "../../formats/model-files.ts";
import { openModel } from "../../formats/open-model.ts";
import { serverAt } from "../../loop/session/open-policy.ts";
import { logpDifference } from "../../loop/session/self-checks.ts";
import { parameterCount } from "../../models/parameter-shapes.ts";
import type { Options } from "../../options/options.ts";
import { answersOf } from "./proof.ts";

/** Bytes of the archive's own. */
const AROUND = 2 ** 24;

/**
 * @param files   of the checkpoint: its base's config and tokenizer, and where it is
 * @param folder  an empty one, which the adapters are written into
 * @throws EngineError where the server does not send them; ModelError where they are damaged, or give other log-probs
 *   than the server does
 */
export async function fetchCheckpoint(
  files: ModelFiles,
  { engine, threads }: Options<"export">,
  folder: string,
): Promise<ModelFiles> {
  const handle = await readRemoteHandle(files.path);
  const server = serverAt(engine ?? handle.url);
  const most = 4 * parameterCount(files.config) + AROUND;
  await fetchAdapters(handle, server, most, folder);
  const model = await openModel(folder);
  const { tokens, logps } = await answersOf(model, threads);
  const there = await openEngine({ model: files, server });
  try {
    const sequences = tokens.map((ids) => ({ prompt: ids.slice(0, 1), completion: ids.slice(1) }));
    const scores = await there.score(sequences, 1);
    const { max } = logpDifference(
      logps.map((each) => ({ logps: each })),
      scores,
    );
    if (max <= there.facts.logpTolerance) return model;
    throw new ModelError({
      where: folder,
      expected: `the server's log-probs, within ${there.facts.logpTolerance} nats`,
      got: `a difference of ${max}`,
      next: "Check that the base model here is the server's own, to the same weights and the same precision.",
    });
  } finally {
    await there.close();
  }
}
