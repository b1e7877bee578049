/**
 * Opening an engine, whichever it is.
 */
import { openEmbeddedEngine } from "./embedded/embedded-engine.ts";
import type { Engine, EngineOptions } from "./engine.ts";

/** Every engine there is, by name, as what opens it. */
const engines = {
  /** On this machine's processor, in a thread of this process. */
  embedded: openEmbeddedEngine,
} as const satisfies Record<string, (options: EngineOptions) => Promise<Engine>>;

export type EngineName = keyof typeof engines;

/**
 * Loads a model into an engine.
 *
 * @throws ModelError where its files are missing, damaged or not supported
 */
export function openEngine(options: EngineOptions, name: EngineName = "embedded"): Promise<Engine> {
  return engines[name](options);
}
