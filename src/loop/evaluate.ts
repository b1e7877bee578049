import { InternalError } from "../errors.ts";
import type { RunContext } from "./events.ts";
import type { GivenOptions } from "./options.ts";
import type { EvalRecord } from "./records.ts";

/** `errata eval`: a model on held-out problems, nothing written. */
export async function evaluate(_given: GivenOptions, _context: RunContext = {}): Promise<EvalRecord> {
  throw new InternalError("evaluate is being written");
}
