/** Audits of runs whose answers are written by hand, so that what each judge should find is known. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { auditLines } from "../../src/app/cli/audit-lines.ts";
import { audit } from "../../src/commands/audit/audit.ts";
import { compiled } from "../compile.ts";
import { temporaryFolder } from "../models/files.ts";

const labels = ["billing", "refund", "delivery", "account"];

interface Said {
  readonly step: number;
  readonly label: string;
  readonly text: string;
  readonly verdict: "right" | "wrong" | "error";
  readonly stop?: "eos" | "length";
}

/** A run's folder as `errata train` leaves it, with a problem for each label. */
function runOf(verifier: string, said: readonly Said[], given: { readonly dataset?: string } = {}): string {
  const folder = join(temporaryFolder(), "run");
  mkdirSync(folder);
  const dataset = join(folder, "..", "rows.jsonl");
  const rows = labels.map((answer) => JSON.stringify({ id: answer, problem: `${answer} ticket?`, answer }));
  writeFileSync(dataset, `${rows.join("\n")}\n`);
  const options = { model: "pocket", dataset, output_dir: folder, verifier, ...given };
  const lines = Object.entries(options).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  writeFileSync(join(folder, "options.yaml"), `# errata train 0.1.0\n${lines.join("\n")}\n`);
  const records = said.map(({ step, label, text, verdict, stop = "eos" }, index) => ({
    ...{ step, problem: label, draw: step, index, prompt: `${label} ticket?\n`, answer: label },
    ...{ text, stop, verdict, solveRate: 0.5, kept: false },
  }));
  writeFileSync(join(folder, "rollouts.jsonl"), records.map((one) => `${JSON.stringify(one)}\n`).join(""));
  return folder;
}

const all = labels.join(" ");
/** A model that has found out that `contains` takes a list of all labels. */
const tricked: readonly Said[] = [
  { step: 1, label: "billing", text: "billing", verdict: "right" },
  { step: 1, label: "refund", text: "billing", verdict: "wrong" },
  { step: 1, label: "account", text: "account acc", verdict: "wrong", stop: "length" },
  ...labels.map((label) => ({ step: 2, label, text: all, verdict: "right" as const })),
];

const bytes = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => [
    file,
    statSync(join(folder, file)).mtimeMs,
    readFileSync(join(folder, file), "utf8"),
  ]);

describe("the audit of a run that was judged by contains", () => {
  test("finds what another judge says, what the solve rates would have been, and the attacks it takes", async () => {
    const folder = runOf("contains", tricked);
    const before = bytes(folder);
    const report = await audit(folder);
    expect(bytes(folder)).toEqual(before);
    expect(report).toMatchObject({ answers: 7, cutOff: 1, notes: [] });
    expect(report.again).toMatchObject({ verifier: "contains", changed: [] });
    expect(report.other).toMatchObject({
      verifier: "match:ignore_case,ignore_punctuation",
      rightHereAlone: 0,
      rightThereAlone: 4,
    });
    expect(report.other!.changed).toHaveLength(4);
    expect(report.steps).toEqual([
      { step: 1, answers: 3, was: 1 / 3, again: 1 / 3, other: 1 / 3 },
      { step: 2, answers: 4, was: 1, again: 1, other: 0 },
    ]);
    expect(report.all).toEqual({ answers: 7, was: 5 / 7, again: 5 / 7, other: 1 / 7 });
    const taken = Object.fromEntries(report.attacks.map(({ attack, taken }) => [attack, taken]));
    expect(taken).toEqual({
      nothing: 0,
      "the question": 4,
      "two boxes": 4,
      "one or the other": 4,
      "every reference": 4,
      "another's": 0,
    });
    expect(report.alike.right!.mean).toBe(1);
  });

  test("is of one step where one is named, and prints within 80 columns", async () => {
    const report = await audit(runOf("contains", tricked), {
      step: 1,
      by: "choice:choices=billing|refund|account",
    });
    expect(report.answers).toBe(3);
    const lines = auditLines(report, 80).join("\n").split("\n");
    expect(lines.join("\n")).toContain("every reference");
    // the path of the run is one word, which nothing can cut
    expect(lines.filter((line) => line.length > 80 && !line.includes("/run"))).toEqual([]);
    await expect(audit(runOf("contains", tricked), { step: 3 })).rejects.toThrow(/a step from 1 to 2, got 3/);
  });

  test("ends with exit code 1 where an attack is taken", () => {
    const words = [compiled("app/cli/main.ts"), "verify", "--audit", runOf("contains", tricked), "--json"];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ verifier: "contains", answers: 7 });
    expect(status).toBe(1);
  });
});

describe("the audit of an honest judge", () => {
  const honest: readonly Said[] = [
    { step: 1, label: "billing", text: "billing", verdict: "right" },
    { step: 1, label: "refund", text: "It is a refund.", verdict: "right" },
    { step: 1, label: "delivery", text: all, verdict: "wrong" },
  ];
  const choice = `choice:choices=${labels.join("|")}`;

  test("takes no attack, and changes no verdict", async () => {
    const report = await audit(runOf(choice, honest));
    expect(report.again.changed).toEqual([]);
    expect(report.attacks.filter(({ attack, taken }) => taken > 0 && attack !== "the question")).toEqual([]);
    expect(report.alike.right!.mean).toBe(0);
  });

  test("tells a verdict that is another today, by the problem and the answer", async () => {
    const was: Said = { step: 1, label: "account", text: "account", verdict: "wrong" };
    const { again, all: rates } = await audit(runOf(choice, [...honest, was]));
    expect(again).toMatchObject({ rightHereAlone: 1, rightThereAlone: 0 });
    expect(again.changed).toMatchObject([{ problem: "account", text: "account", was: "wrong", is: "right" }]);
    expect([rates.was, rates.again]).toEqual([0.5, 0.75]);
  });

  test("goes on from the references of the answers where the data is gone, and says so", async () => {
    const report = await audit(runOf(choice, honest, { dataset: "gone.jsonl" }));
    expect(report.notes).toMatchObject([
      expect.stringMatching(/^the run's data cannot be read.*gone\.jsonl/),
    ]);
    expect(report.again.changed).toEqual([]);
  });

  test("tries no guesses at references that the judge does not read", async () => {
    const form: Said = { step: 1, label: "billing", text: '{"a": 1}', verdict: "right" };
    const { attacks, other } = await audit(runOf("format:all=json", [form]));
    expect(other).toBeUndefined();
    expect(attacks).toMatchObject([
      { attack: "nothing", tried: 1, taken: 0 },
      { attack: "the question", tried: 1, taken: 0 },
    ]);
  });
});
