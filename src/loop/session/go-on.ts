/**
 * Going on where the engine has lost the model: the session is opened again from the run's checkpoint, as whoever
 * resumes a killed run does.
 */
import { ModelLostError } from "../../engine/remote/server-errors.ts";
import type { Session } from "./open-session.ts";

/**
 * @param open  the session; from the folder of a run, where one is given
 * @throws what `run` throws; ModelLostError where the model is lost again with no checkpoint in between
 */
export async function goOn<S extends Session, R>(
  open: (resumes: string | undefined) => Promise<S>,
  run: (session: S) => Promise<R>,
): Promise<R> {
  let lostAt: string | undefined;
  for (let resumes: string | undefined; ; ) {
    const session = await open(resumes);
    try {
      return await run(session);
    } catch (cause) {
      const at = session.run.checkpoint ?? "the start";
      if (!(cause instanceof ModelLostError) || at === lostAt) throw cause;
      lostAt = at;
      resumes = session.run.folder;
      session.tell({
        kind: "warning",
        text: `the server lost the model (${cause.got}): going on from ${at}`,
      });
    } finally {
      await session.close();
    }
  }
}
