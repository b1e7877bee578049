/**
 * `errata check`: every reference answer of a data set put to its own verifier.
 */
import { OptionError, printable } from "../../../errors.ts";
import { readFields } from "../../../loop/problems/fields.ts";
import {
  goldOutcome,
  howToTry,
  type Refused,
  refusedReferences,
  unreadReferences,
} from "../../../loop/verdicts/gold-answers.ts";
import { readsMaths, readsReference, verifierNames } from "../../../loop/verdicts/verifiers.ts";
import { texts } from "../arguments.ts";
import { wrap } from "../columns.ts";
import type { Call, CliCommand } from "../command.ts";
import { showDownloads } from "../downloads.ts";
import { exitCodes } from "../exit-codes.ts";
import { progressLine } from "../progress.ts";

export const command: CliCommand = {
  usage: "DATASET [--verifier VERIFIER] [--split SPLIT] [--size N] [--data-fields MAP]",
  about:
    "DATASET is what train takes: a file, a folder, a data set of the hub, or the name of a generator. A model cannot be right where the reference is not: this finds such problems before a run does. Rows that cannot be read are named and left out, as a run leaves them out; the exit code is of the others.",
  examples: [
    "errata check problems.jsonl",
    "errata check own.csv --data-fields problem=question,answer=gold",
  ],
  flags: [
    {
      name: "verifier",
      value: "WORD",
      help: `${verifierNames.join(", ")}, or the path of a module; math unless given`,
    },
    {
      name: "split",
      value: "WORD",
      help: "of a generator, or a set that does not name its own: train, or test; train unless given",
    },
    {
      name: "size",
      value: "N",
      help: "problems to check; all of a file and 1,000 of a generator unless given",
    },
    {
      name: "data-fields",
      value: "MAP",
      help: "columns with other names: problem=question, answer=solution.final",
    },
  ],
  run,
};

/** Refused answers that are printed. */
const MOST_PRINTED = 50;

async function run({ words, flags, terminal }: Call): Promise<number> {
  const { loadProblems } = await import("../../../loop/problems/load.ts");
  const { VerifierPool } = await import("../../../loop/verdicts/verifier-pool.ts");
  const [dataset] = texts("check", words, ["DATASET"]);
  const { verifier = "math", split = "train", size = "0", "data-fields": map = "" } = flags;
  const asked = { split: splitOf(split), size: sizeOf(size) };
  const show = showDownloads(terminal);
  const { name, problems, notices, leftOut } = await loadProblems(dataset!, {
    ...asked,
    generatedSize: 1000,
    seed: 42,
    need: readsReference(verifier) === true ? "answer" : "nothing",
    fields: readFields(map, "--data-fields"),
    hub: {
      onNote: (text) => show({ kind: "note", text }),
      onProgress: (done, total) => show({ kind: "download", name: dataset!, done, total }),
    },
  });
  for (const notice of notices) terminal.line(printable(notice));
  const pool = await VerifierPool.open(verifier);
  try {
    const began = performance.now();
    const found = await refusedReferences(pool, problems, (done, total) => {
      const seconds = (performance.now() - began) / 1000;
      terminal.status(done === total ? undefined : progressLine("checking", done, total, seconds));
    });
    const unread = readsMaths(verifier) ? unreadReferences(problems) : [];
    const { tried, refused } = found;
    const outcome = goldOutcome(pool, found);
    const passed = tried - refused.length;
    if (terminal.json)
      terminal.result({ dataset: name, verifier, tried, passed, outcome, refused, unread, leftOut });
    if (tried === 0)
      terminal.line(wrap(`${name} has no reference answers to try with ${verifier}`, terminal.width));
    else terminal.line(`${passed} of ${tried} reference answers of ${name} pass ${verifier}`);
    list(refused.map(line));
    list(unread.map(({ id, answer }) => `  ${id}   read by its spelling alone: ${answer.slice(0, 160)}`));
    const isDoubtful = outcome === "untried" || outcome === "unsure";
    if (isDoubtful) terminal.aside(wrap(howToTry(pool), terminal.width));
    // a verifier that takes none of them may be right to: only what it takes in part shows that it reads them so
    return refused.length === 0 || (isDoubtful && passed === 0) ? exitCodes.done : exitCodes.failed;
  } finally {
    terminal.status(undefined);
    await pool.close();
  }

  function list(lines: readonly string[]): void {
    for (const one of lines.slice(0, MOST_PRINTED)) terminal.line(printable(one));
    if (lines.length > MOST_PRINTED) terminal.line(`  and ${lines.length - MOST_PRINTED} more`);
  }
}

function line({ problem, verdict }: Refused): string {
  return `  ${problem.id}   ${verdict.kind}: ${verdict.because ?? ""}   ${problem.answer.slice(0, 160)}`;
}

/** What is neither is refused: the other split would pass, and say nothing of the one that was meant. */
function splitOf(word: string): "train" | "test" {
  if (word === "train" || word === "test") return word;
  throw new OptionError({
    where: "--split",
    expected: "train or test",
    got: JSON.stringify(word),
    next: "Of a data set with splits of other names, name one with it: data/gsm8k:validation.",
  });
}

function sizeOf(word: string): number {
  const size = Number(word);
  if (word.trim() !== "" && Number.isSafeInteger(size) && size >= 0) return size;
  throw new OptionError({
    where: "--size",
    expected: "a whole number from 0 up (problems)",
    got: JSON.stringify(word),
    next: "0, or no --size, is all of a file.",
  });
}
