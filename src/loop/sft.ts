import { InternalError } from "../errors.ts";
import type { RunContext } from "./events.ts";
import type { GivenOptions } from "./options.ts";
import type { RunResult } from "./train.ts";

export async function sft(_given: GivenOptions, _context: RunContext = {}): Promise<RunResult> {
  throw new InternalError("sft is being written");
}
