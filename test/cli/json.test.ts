import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/index.ts";
import { compiled } from "../compile.ts";

const main = compiled("app/cli/main.ts");
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "errata-json-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const noise = "console.log('noise');\nprocess.stdout.write('noise\\n');\n";
const verifier = join(folder, "noisy.mjs");
writeFileSync(
  verifier,
  `${noise}export default ({ answer }, text) => { ${noise} return text.includes(answer); };\n`,
);
const objective = join(folder, "noisy-objective.mjs");
writeFileSync(
  objective,
  `${noise}export default { columns: [], loss: ({ logp }, { neg }) => { ${noise} return { loss: neg(logp) }; } };\n`,
);
const cases = join(folder, "cases.jsonl");
writeFileSync(cases, '{"id":"a","gold":"1/2","pred":"0.5","expect":true,"kind":"bare-answer"}\n');

/** The lines of stdout, each read as JSON. */
function json(...words: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...words, "--json"], {
    cwd: root,
    env: { ...process.env, npm_lifecycle_event: "", ERRATA_DEBUG: "" },
    encoding: "utf8",
    input: "",
  });
  const lines = stdout.split("\n").slice(0, -1);
  return { values: lines.map((line) => JSON.parse(line)), stderr, status };
}

const pocket = [
  "--model",
  "models/pocket",
  "--dataset",
  "pocket",
  "--threads",
  "1",
  "--max-completion-length",
  "32",
];
const small = ["max_steps=1", "prompts_per_step=4", "num_generations=4", "mini_batch_size=4"];

describe("--json", { timeout: 240_000 }, () => {
  test("of a run prints each event as a line, whatever verifier and objective print; the story is on stderr", () => {
    const held = ["eval_dataset=pocket", "eval_dataset_size=4", `output_dir=${join(folder, "run")}`];
    const { values, stderr, status } = json(
      "train",
      ...pocket,
      ...small,
      ...held,
      "--verifier",
      verifier,
      "--objective",
      objective,
    );
    expect(stderr).toMatch(/^step 1\/1 /m);
    expect(stderr).toContain("noise");
    expect(status).toBe(0);
    const events = values as RunEvent[];
    const kinds = events.map(({ kind }) => kind);
    for (const kind of ["note", "check", "start", "step", "eval", "saved"]) expect(kinds).toContain(kind);
    expect(kinds).not.toContain("progress");
    expect(events.at(-1)).toMatchObject({ kind: "end", reason: "finished", folder: join(folder, "run") });
  });

  test.each([
    [
      "eval",
      [...pocket, "dataset_size=4", "--verifier", verifier, `output_dir=${join(folder, "eval")}`],
      { finished: true },
    ],
    ["check", ["pocket", "--size", "4", "--verifier", verifier], { passed: 4, refused: [], leftOut: [] }],
    ["verify", ["1/2", "0.5"], { kind: "right", mode: "math" }],
    ["verify", ["--file", cases], { cases: 1, agreed: 1 }],
    ["presets", ["nft-7b"], { name: "nft-7b", command: "train" }],
    ["chat", ["--model", "models/pocket", "3+4=?"], { stop: "eos" }],
    [
      "train",
      [...pocket, ...small, "--dry-run"],
      { options: { maxSteps: 1 }, model: { architecture: "llama" } },
    ],
    ["doctor", [], { problems: 0 }],
    [
      "plan",
      ["--answer-length", "100"],
      { lines: expect.arrayContaining([expect.objectContaining({ name: "sampled" })]) },
    ],
  ] as const)("of %s %j prints one value", (command, words, expected) => {
    const { values, stderr, status } = json(command, ...words);
    expect(status, stderr).toBe(0);
    expect(values).toHaveLength(1);
    expect(values[0]).toMatchObject(expected);
  });

  test("of compare prints the events of its runs and the comparison", () => {
    const words = ["nft", objective, ...pocket, ...small, "--seeds", "1", "eval_on_start=false"];
    const held = ["eval_dataset=pocket", "eval_dataset_size=4", `output_dir=${join(folder, "compare")}`];
    const { values, status, stderr } = json("compare", ...words, ...held);
    expect(status, stderr).toBe(0);
    expect(new Set(values.slice(0, -1).map(({ run }) => run)).size).toBe(2);
    expect(values.at(-1)).toMatchObject({ kind: "comparison", finished: true });
  });
});
