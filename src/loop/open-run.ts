/**
 * Opening a run: its model and data before its folder, so that what cannot begin leaves nothing behind;
 * but a run that is resumed before its model, which is in it.
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { RunError } from "../errors.ts";
import type { OpenedModel } from "./open-engine.ts";
import type { Options } from "./options.ts";
import { openRun, type Run, refuseOccupied } from "./run.ts";
import type { Tell } from "./tell.ts";

/** What a run learns from, prepared for its model. */
export interface Prepared {
  /** `fingerprint` of the problems or examples in their order. */
  readonly data: string;
  /** Steps in all. */
  readonly steps: number;
}

interface Opening<P extends Prepared> {
  readonly command: "train" | "sft";
  readonly options: Options;
  /** The folder of the run to go on with. */
  readonly resumes: string | undefined;
  /** Of a new run under `runs/`. */
  readonly name: string;
  readonly tell: Tell;
  /** Takes what closes the engine and the run. */
  readonly closers: (() => Promise<void>)[];
  readonly openModel: (checkpoint: string | undefined) => Promise<OpenedModel>;
  readonly prepare: (model: OpenedModel) => P;
}

/** @throws RunError where the run's folder cannot be used, or was begun with other data */
export async function openRunWith<P extends Prepared>(
  opening: Opening<P>,
): Promise<P & OpenedModel & { readonly run: Run }> {
  const { command, options, resumes, name, tell, closers } = opening;
  const open = async () => {
    const run = await openRun(command, options, resumes, name);
    closers.push(() => run.close());
    return run;
  };
  if (resumes === undefined) await refuseOccupied(options.outputDir);
  const resumed = resumes === undefined ? undefined : await open();
  tell({ kind: "phase", phase: "open", step: resumed?.position.step ?? 0 });
  const model = await opening.openModel(resumed?.checkpoint);
  closers.push(() => model.engine.close());
  if (resumed?.checkpoint !== undefined) await model.engine.load(resumed.checkpoint);

  const prepared = opening.prepare(model);
  const run = resumed ?? (await open());
  if (run.position.data !== "" && run.position.data !== prepared.data) {
    throw new RunError({
      where: `dataset ${options.dataset}`,
      expected: `the problems that the run in ${run.folder} began with`,
      got: "others, or in another order",
      next: `Put the data set back as it was, or begin a new run with --model ${run.folder}.`,
    });
  }
  tell({
    kind: "start",
    folder: run.folder,
    resumedAt: run.position.step,
    steps: prepared.steps,
    model: basename(options.model),
  });
  return { ...prepared, ...model, run };
}

/** Names a list of tokens and texts by what is in it: sixteen hexadecimal digits. */
export function fingerprint(rows: readonly (readonly (string | Int32Array)[])[]): string {
  const hash = createHash("sha256");
  for (const row of rows) {
    for (const part of row)
      hash
        .update(`${part.length}:`)
        .update(
          typeof part === "string" ? part : new Uint8Array(part.buffer, part.byteOffset, part.byteLength),
        );
  }
  return hash.digest("hex").slice(0, 16);
}
