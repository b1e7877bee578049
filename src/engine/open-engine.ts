/**
 * Opening an engine, whichever it is: on this machine's processor, in a thread of this process, or on a server.
 */
import { openEmbeddedEngine } from "./embedded/embedded-engine.ts";
import type { Engine, EngineOptions } from "./engine.ts";
import type { ServerOptions } from "./remote/open-remote.ts";

export interface AnyEngineOptions extends EngineOptions {
  /** The Tinker server that runs the model; left out, this machine does. */
  readonly server?: ServerOptions | undefined;
}

/**
 * Loads a model into an engine.
 *
 * @throws ModelError where its files are missing, damaged or not supported; EngineError where the server cannot be
 *   reached, or does not offer what is asked of it
 */
export async function openEngine({ server, ...options }: AnyEngineOptions): Promise<Engine> {
  if (server === undefined) return openEmbeddedEngine(options);
  // loaded where it is needed: most runs ask no server
  const { openRemoteEngine } = await import("./remote/open-remote.ts");
  return openRemoteEngine({ ...options, server });
}
