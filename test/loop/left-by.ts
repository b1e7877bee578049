/** All that a run left on the disk, to be compared with what another left. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";

type Json = { readonly [key: string]: unknown };

/**
 * Every file of a run's or an evaluation's folder, by its path: its hash; or its lines, less what a clock makes different.
 */
export function leftBy(folder: string): Record<string, unknown> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    // what happened, with its times, of which a resumed run has more
    .filter((path) => path !== "events.jsonl")
    .sort();
  return Object.fromEntries(paths.map((path) => [path, contentOf(folder, path)]));
}

function contentOf(folder: string, path: string): unknown {
  const bytes = readFileSync(join(folder, path));
  const lines = () =>
    bytes
      .toString()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Json);
  switch (basename(path)) {
    case "steps.jsonl":
      return lines().map(({ metrics, ...rest }) => ({ ...rest, metrics: untimed(metrics as Json) }));
    case "evals.jsonl":
      return lines().map(({ seconds: _, ...rest }) => rest);
    case "position.json": {
      // the lengths of the files hold the clock's digits
      const { bytes: _, ...position } = JSON.parse(bytes.toString()) as Json;
      return position;
    }
    case "options.yaml":
      return bytes.toString().split(folder).join("RUN");
    default:
      return createHash("sha256").update(bytes).digest("hex");
  }
}

function untimed(metrics: Json): Json {
  return Object.fromEntries(Object.entries(metrics).filter(([key]) => !/^(timing_s|perf)\//.test(key)));
}
