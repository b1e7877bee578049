/**
 * The list of what a run or an evaluation does not use: `left-out.jsonl` in its folder.
 */
import { join } from "node:path";
import { writeWhole } from "../../files/atomic-write.ts";
import type { OnEvent } from "../../run/events.ts";
import type { LeftOut } from "../types.ts";

/** Writes a line for each, where there are any: what warnings count, this lists. @throws RunError */
export async function listLeftOut(folder: string, leftOut: readonly LeftOut[], tell: OnEvent): Promise<void> {
  if (leftOut.length === 0) return;
  const path = join(folder, "left-out.jsonl");
  const lines = leftOut.map((one) => `${JSON.stringify(one)}\n`).join("");
  await writeWhole(path, (handle) => handle.writeFile(lines));
  tell({ kind: "note", text: `${path} lists each of the ${leftOut.length} rows and problems left out` });
}
