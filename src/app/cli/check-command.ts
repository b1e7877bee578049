/**
 * `errata check`: every reference answer of a data set put to its own verifier.
 */
import type { Command } from "commander";
import {
  loadProblems,
  OptionError,
  readFields,
  refusedReferences,
  unreadReferences,
  VerifierPool,
  verifierNames,
} from "../../index.ts";
import { showDownloads } from "./downloads.ts";
import { openTerminal, printable } from "./terminal.ts";

interface Flags {
  readonly verifier: string;
  readonly split: string;
  readonly size: string;
  readonly dataFields: string;
}

/** Refused answers that are printed. */
const mostPrinted = 50;

/** Adds the verb to the command; it sets the exit code: 0 where every row is good and its reference answer passes, else 1. */
export function checkCommand(program: Command): void {
  program
    .command("check")
    .summary("put every reference answer of a data set to its own verifier")
    .description(
      "A model cannot be right where the reference is not: this finds such problems before a run does.",
    )
    .argument(
      "<dataset>",
      "as of `errata train`: a file, a folder, a data set of the hub, a generator's name",
    )
    .option("--verifier <verifier>", `${verifierNames.join(", ")}, or the path of a module`, "math")
    .option("--split <split>", "of a generator, or a set that does not name its own: train or test", "train")
    .option("--size <n>", "problems to check; 0 is all of them", "0")
    .option("--data-fields <map>", "columns with other names: problem=question,answer=solution.final", "")
    .action(async (dataset: string, flags: Flags) => {
      process.exitCode = await check(dataset, flags);
    });
}

async function check(dataset: string, { verifier, split, size, dataFields }: Flags): Promise<number> {
  const asked = { split: splitOf(split), size: sizeOf(size) };
  const terminal = openTerminal();
  const show = showDownloads(terminal);
  const { name, problems, notices, leftOut } = await loadProblems(dataset, {
    ...asked,
    generatedSize: 1000,
    seed: 42,
    need: "answer",
    fields: readFields(dataFields, "--data-fields"),
    hub: {
      onNote: (text) => show({ kind: "note", text }),
      onProgress: (done, total) => show({ kind: "download", name: dataset, done, total }),
    },
  });
  for (const notice of notices) terminal.line(printable(notice));
  const pool = await VerifierPool.open(verifier);
  try {
    const refused = await refusedReferences(pool, problems);
    const lines = refused
      .slice(0, mostPrinted)
      .map(
        ({ problem, verdict }) =>
          `  ${problem.id}   ${verdict.kind}: ${verdict.because ?? ""}   ${problem.answer.slice(0, 160)}`,
      );
    const unread = verifier.startsWith("math") ? unreadReferences(problems) : [];
    const notes = unread.map(
      ({ id, answer }) => `  ${id}   read by its spelling alone: ${answer.slice(0, 160)}`,
    );
    const passed = problems.length - refused.length;
    const more = refused.length > mostPrinted ? [`  and ${refused.length - mostPrinted} more`] : [];
    process.stdout.write(
      `${[`${passed} of ${problems.length} reference answers of ${name} pass ${verifier}`, ...lines.map(printable), ...more, ...notes.slice(0, mostPrinted).map(printable)].join("\n")}\n`,
    );
    return refused.length + leftOut.length === 0 ? 0 : 1;
  } finally {
    await pool.close();
  }
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
