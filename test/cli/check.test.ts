import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { compiled } from "../compile.ts";
import { dapoFile, save } from "../problems/parquet-file.ts";

const main = compiled("app/cli/main.ts");
const folder = mkdtempSync(join(tmpdir(), "errata-cli-"));
// three processes, on a machine that may be busy with others
const patience = 240_000;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(name: string, content: string | ArrayBuffer, ...words: string[]) {
  const path = join(folder, name);
  if (typeof content === "string") writeFileSync(path, content);
  else save(path, content);
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, "check", path, ...words], {
    encoding: "utf8",
  });
  return { lines: stdout.trimEnd().split("\n"), stderr, status };
}

test("check reads parquet as it is published", { timeout: patience }, () => {
  const problems = [
    { problem: "1+1?", answer: "2" },
    { problem: "What is $x$?", answer: "\\frac{1}{2}" },
  ];
  const { lines, status } = check("aime.parquet", dapoFile(problems, 32));
  expect(lines).toEqual([
    "aime: 62 of 64 rows ask the same again, with the same answer; each of the 2 different problems is used once",
    "2 of 2 reference answers of aime pass math",
  ]);
  expect(status).toBe(0);
});

test("check lists the bad rows of a table whose columns have other names", { timeout: patience }, () => {
  const table = 'q,meta\n1+1?,"{""gold"": 2}"\n2+2?,"{""gold"": ""4""}"\n3+3?,{}\n';
  const { lines, status } = check("own.csv", table, "--data-fields", "problem=q,answer=meta.gold");
  expect(lines).toEqual([
    "own: 1 row is left out: line 4 has no meta.gold (it has q, meta)",
    "2 of 2 reference answers of own pass math",
  ]);
  expect(status).toBe(0);
});

test("check ends as what it used fares: bad rows are told, a reference that fails is a failure", {
  timeout: patience,
}, () => {
  const rows = ['{"problem":"1+1?","answer":"2"}', '{"problem":"2+2?","answer":"4"}', "{oops"];
  const passing = check("rows.jsonl", rows.join("\n"));
  expect(passing.lines[0]).toBe("rows: 1 row is left out: line 3 is not JSON");
  expect(passing.status).toBe(0);
  writeFileSync(join(folder, "two.mjs"), "export default (_, answer) => answer === '2';");
  const failing = check("rows.jsonl", rows.join("\n"), "--verifier", join(folder, "two.mjs"));
  expect(failing.lines[1]).toMatch(/^1 of 2 reference answers of rows pass /);
  expect(failing.status).toBe(1);
});

test("check does not wait long for a verifier that hangs", { timeout: patience }, () => {
  writeFileSync(
    join(folder, "hangs.mjs"),
    "export default () => new Promise(() => setInterval(() => {}, 1e6));",
  );
  const rows = Array.from({ length: 42 }, (_, i) => `{"problem":"${i}?","answer":"${i}"}`).join("\n");
  const { stderr, status } = check("many.jsonl", rows, "--verifier", join(folder, "hangs.mjs"));
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^VerifierError: verifier .*hangs\.mjs: .* got 4 of 4 answers without one, such as that of row-1 /,
  );
});

test("check tells a map that maps nothing from a file that cannot be read", { timeout: patience }, () => {
  const unmapped = check("own.csv", "problem,answer\n1,2\n", "--data-fields", "gold");
  expect(unmapped.status).toBe(2);
  expect(unmapped.stderr).toMatch(/^OptionError: --data-fields: expected problem, answer, solution, id/);
  const broken = check("broken.parquet", "PAR1 and no more than that PAR1");
  expect(broken.status).toBe(1);
  expect(broken.stderr).toMatch(
    /^DataError: .*broken\.parquet: expected a parquet file that can be read, got /,
  );
});

test("check refuses a split or a size that is none, and checks nothing else instead", {
  timeout: patience,
}, () => {
  const good = '{"problem":"1+1?","answer":"2"}\n';
  const split = check("good.jsonl", good, "--split", "tset");
  expect(split).toMatchObject({ status: 2, lines: [""] });
  expect(split.stderr).toMatch(/^OptionError: --split: expected train or test, got "tset"/);
  for (const size of ["abc", "-1"]) {
    const { stderr, status } = check("good.jsonl", good, `--size=${size}`);
    expect(status, size).toBe(2);
    expect(stderr).toMatch(/^OptionError: --size: expected a whole number from 0 up/);
  }
});

test("check takes judges by name, and rows without a reference where none is read", {
  timeout: patience,
}, () => {
  const labels = '{"problem":"a?","answer":"billing"}\n{"problem":"b?","answer":"refund"}\n';
  const choice = check("labels.jsonl", labels, "--verifier", "choice:choices=billing|refund|sales");
  expect(choice.lines).toEqual([
    "2 of 2 reference answers of labels pass choice:choices=billing|refund|sales",
  ]);
  const forms = check("forms.jsonl", '{"problem":"a?"}\n', "--verifier", "format:all=json");
  expect(forms.lines).toEqual(["forms has no reference answers to try with format:all=json"]);
  expect(forms.stderr).toMatch(/It reads no references; a column "solution"/);
  expect([choice.status, forms.status]).toEqual([0, 0]);
});

test("check does not fail a verifier that may ask for another form, and says how to try it", {
  timeout: patience,
}, () => {
  writeFileSync(join(folder, "label.mjs"), "export default (_, answer) => JSON.parse(answer).label === 'a';");
  const rows = '{"problem":"a?","answer":"a"}\n{"problem":"b?","answer":"b"}\n';
  const { lines, stderr, status } = check("named.jsonl", rows, "--verifier", join(folder, "label.mjs"));
  expect(lines[0]).toMatch(/^0 of 2 reference answers of named pass /);
  expect(stderr).toMatch(/If it asks for another, let it say so: export default \{ judge, goldForms/);
  expect(status).toBe(0);
});
