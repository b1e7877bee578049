/**
 * A position: everything the loop knows between two steps. With the weights and the optimizer beside
 * it, it is all that a run needs to go on as if it had never stopped.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { RunError } from "../errors.ts";
import { writeJson } from "../files/atomic-write.ts";

const count = z.int().min(0);
const schema = z.strictObject({
  version: z.literal(1),
  /** Steps taken. */
  step: count,
  /** Problems (or worked examples) drawn, those thrown away included. */
  draws: count,
  /** Answers sampled, and the tokens in them (or in worked solutions). */
  rollouts: count,
  tokens: count,
  /** Steps that the optimizer has taken. */
  updates: count,
  /** Steps in a row, up to here, that had nothing to learn from. */
  emptySteps: count,
  /** Names the data learnt from: the same positions draw the same problems only from the same data. */
  data: z.string(),
  /** The length of each of the run's files. */
  bytes: z.strictObject({
    ...{ steps: count, rollouts: count, evals: count },
    // runs that were begun before there were such files go on without what they lack
    ...{ tokens: count.default(0), answers: count.default(0) },
  }),
});

export type Position = Readonly<z.infer<typeof schema>>;

const FILE = "position.json";

/** What to do where a checkpoint is damaged. */
export const RESUME_EARLIER =
  "Put the checkpoint back as it was saved, or remove its folder to resume from the one before it.";

export const position = {
  start: {
    version: 1,
    step: 0,
    draws: 0,
    rollouts: 0,
    tokens: 0,
    updates: 0,
    emptySteps: 0,
    data: "",
    bytes: { steps: 0, rollouts: 0, tokens: 0, evals: 0, answers: 0 },
  } as Position,

  write: (folder: string, at: Position): Promise<void> => writeJson(join(folder, FILE), at),

  /** @throws RunError where the checkpoint has no position, or not one of this version */
  async read(folder: string): Promise<Position> {
    const path = join(folder, FILE);
    try {
      return schema.parse(JSON.parse(await readFile(path, "utf8")));
    } catch (cause) {
      throw new RunError({
        where: path,
        expected: "the position a checkpoint was saved at",
        got: cause instanceof z.ZodError ? cause.issues[0]!.message : String((cause as Error).message),
        next: RESUME_EARLIER,
        cause,
      });
    }
  },
};
