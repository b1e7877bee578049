/**
 * results.jsonl, read back: one line for each problem, as far as whole lines go.
 */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { RunError } from "../../errors.ts";
import type { Problem } from "../../loop/types.ts";
import type { ResultRecord } from "../../run/records.ts";

const schema = z.strictObject({
  dataset: z.string(),
  problem: z.string(),
  key: z.string(),
  reference: z.string(),
  answers: z
    .array(
      z.strictObject({
        text: z.string(),
        stop: z.enum(["eos", "length"]),
        tokens: z.int().min(1),
        entropy: z.number().optional(),
        verdict: z.enum(["right", "wrong", "error"]),
        because: z.string().optional(),
        extracted: z.string().optional(),
        score: z.number().min(0).max(1).optional(),
        isAmbiguous: z.literal(true).optional(),
      }),
    )
    .min(1),
});

/** Bytes; all lines are held at once. */
const LONGEST = 2 ** 29 - 1;

export interface ResultLine {
  readonly record: ResultRecord;
  /** Where the line ends in the file, in bytes. */
  readonly end: number;
}

/** The name of a problem by what is asked and what is right, the same in every file that holds it. */
export function problemKey({ prompt, answer }: Problem): string {
  const turns = typeof prompt === "string" ? [{ role: "user", content: prompt }] : prompt;
  const asked = turns.map(({ role, content }) => [role, content]);
  return createHash("sha256")
    .update(JSON.stringify([asked, answer]))
    .digest("hex")
    .slice(0, 16);
}

/**
 * The whole lines of a file, none where it is not there; a line cut off at the end is left out.
 *
 * @throws RunError where the file cannot be read or a whole line is no result
 */
export async function readResults(path: string): Promise<readonly ResultLine[]> {
  const data = await readBytes(path);
  const lines: ResultLine[] = [];
  for (let start = 0; ; ) {
    const end = data.indexOf("\n", start) + 1;
    if (end === 0) return lines;
    lines.push({ record: parse(path, data.toString("utf8", start, end), lines.length + 1), end });
    start = end;
  }
}

function parse(path: string, line: string, place: number): ResultRecord {
  try {
    return schema.parse(JSON.parse(line)) as ResultRecord;
  } catch (cause) {
    const why = cause instanceof z.ZodError ? issue(cause) : (cause as Error).message;
    throw changed(path, "the answers to one problem as errata wrote them", `line ${place}: ${why}`, cause);
  }
}

function issue({ issues }: z.ZodError): string {
  const { path, message } = issues[0]!;
  return `${path.join(".")} ${message}`;
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > LONGEST) throw changed(path, `at most ${LONGEST} bytes`, String(size));
    return await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    if (cause instanceof RunError) throw cause;
    throw changed(path, "a file that can be read", (cause as Error).message, cause);
  }
}

export function changed(path: string, expected: string, got: string, cause?: unknown): RunError {
  return new RunError({
    where: path,
    expected,
    got,
    next: "The file was changed by something else. Put it back as it was, or begin in another output_dir.",
    cause,
  });
}
