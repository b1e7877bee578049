import { inspect } from "node:util";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { judge } from "../../src/loop/verdicts/judge.ts";
import { loadVerifier } from "../../src/loop/verdicts/verifiers.ts";

const verifier = await loadVerifier("code");
const judged = (answer: string, extra: Readonly<Record<string, unknown>>) =>
  judge(verifier, { id: "p", prompt: "", answer: "", extra }, answer);
const fence = (text: string, info = "js") => `\`\`\`${info}\n${text}\n\`\`\`\n`;

/** Two whole numbers on a line, then a line of text: their sum, and the text in capitals. */
const extra = {
  tests: [
    { input: "1 2\nab\n", output: "3\nAB\n" },
    { input: "40 2\né\n", output: "42\nÉ" },
  ],
};
const solve = `const solve = (text) => {
  const [numbers, word] = text.trim().split("\\n");
  const [a, b] = numbers.split(" ").map(Number);
  return (a + b) + "\\n" + word.toUpperCase();
};\n`;
const both = "const [first, second] = lines; console.log(solve(first + '\\n' + second));";

describe("a program that reads and prints is right", () => {
  test.each([
    ["by readFileSync of 0", "console.log(solve(require('fs').readFileSync(0, 'utf8')))"],
    ["by readFileSync of a path", "console.log(solve(require('fs').readFileSync('/dev/stdin').toString()))"],
    [
      "by a module's import",
      "import { readFileSync } from 'node:fs';\nconsole.log(solve(readFileSync(0, { encoding: 'utf-8' })))",
    ],
    [
      "by a promise of a file",
      "require('fs').promises.readFile('/dev/stdin', 'utf8').then((text) => console.log(solve(text)))",
    ],
    [
      "by data and end",
      "let text = ''; process.stdin.setEncoding('utf8'); process.stdin.on('data', (c) => (text += c)).on('end', () => console.log(solve(text)))",
    ],
    [
      "by chunks of bytes",
      "const all = []; process.stdin.on('data', (c) => all.push(c)); process.stdin.on('end', () => process.stdout.write(solve(Buffer.concat(all).toString())))",
    ],
    [
      "by readable",
      "let text = ''; process.stdin.on('readable', () => { let c; while ((c = process.stdin.read()) !== null) text += c; }); process.stdin.on('end', () => console.log(solve(text)))",
    ],
    [
      "by an iteration of stdin",
      "(async () => { let text = ''; for await (const c of process.stdin) text += c; console.log(solve(text)); })()",
    ],
    [
      "by lines",
      "const lines = []; const rl = require('readline').createInterface({ input: process.stdin, terminal: false }); rl.on('line', (l) => lines.push(l)); rl.on('close', () => { BOTH })",
    ],
    [
      "by lines, closing",
      "const lines = []; const rl = require('readline').createInterface(process.stdin); rl.on('line', (l) => { lines.push(l); if (lines.length === 2) rl.close(); }).on('close', () => { BOTH })",
    ],
    [
      "by an iteration of lines, at the top of a module",
      "import readline from 'readline';\nconst lines = []; for await (const l of readline.createInterface({ input: process.stdin })) lines.push(l);\nBOTH",
    ],
    [
      "by questions",
      "const rl = require('readline').createInterface({ input: process.stdin }); rl.question('', (a) => rl.question('', (b) => { const lines = [a, b]; BOTH rl.close(); }))",
    ],
    [
      "by promised questions",
      "const rl = require('readline/promises').createInterface({ input: process.stdin }); (async () => { const lines = [await rl.question(''), await rl.question('')]; BOTH rl.close(); })()",
    ],
    ["as in a shell of V8", "const lines = [readline(), readline()]; print(solve(lines.join('\\n')))"],
    [
      "in main",
      "function main() { console.log(solve(require('fs').readFileSync(0, 'utf8'))) }\nif (require.main === module) main()",
    ],
    ["before it exits", "console.log(solve(require('fs').readFileSync(0, 'utf8'))); process.exit(0)"],
    ["in a timer", "setTimeout(() => console.log(solve(require('fs').readFileSync(0, 'utf8'))), 500)"],
    ["in pieces", "for (const c of solve(require('fs').readFileSync(0, 'utf8'))) process.stdout.write(c)"],
    [
      "with words for the reader on the other stream",
      "console.error('debug'); console.log(solve(require('fs').readFileSync(0, 'utf8')))",
    ],
  ])("%s", async (_, program) => {
    expect(await judged(fence(solve + program.replace("BOTH", both)), extra)).toMatchObject({
      kind: "right",
    });
  });

  test("in TypeScript, with an example of its use and its output after it", async () => {
    const program =
      "import * as fs from 'fs';\nconst text: string = fs.readFileSync(0, 'utf8');\nconsole.log(solve(text));";
    const answer =
      fence(solve.replace("(text)", "(text: string): string") + program, "ts") +
      fence("console.log('3')") +
      fence("3\nAB", "");
    expect(await judged(answer, extra)).toMatchObject({ kind: "right" });
  });
});

describe("a program that reads and prints is wrong", () => {
  test.each([
    ["that prints something else", "console.log(1)", /test 1 of 2 prints "1\\n", not "3\\nAB\\n"/],
    ["that prints for its first test only", "console.log('3\\nAB')", /test 2 of 2/],
    ["that throws", "console.log('3\\nAB'); null.x", /TypeError/],
    ["that throws in a timer", "console.log('3\\nAB'); setTimeout(() => null.x)", /TypeError/],
    ["that prints nothing", "const x = 1", /prints ""/],
    ["that never ends", "setInterval(() => {}, 1)", /too long/],
    ["that reads another file", "require('fs').readFileSync('input.txt')", /ENOENT/],
    ["that prints without end", "for (;;) console.log('x'.repeat(1e5))", /too long/],
  ])("%s", async (_, program, because) => {
    expect(await judged(fence(program), extra)).toMatchObject({
      kind: "wrong",
      because: expect.stringMatching(because),
    });
  });
});

describe("what is printed", () => {
  const prints = (text: string, output: string) =>
    judged(`process.stdout.write(${JSON.stringify(text)})`, { tests: [{ input: "", output }] });

  test.each([
    ["1  2 \n3", "1 2\n3\n\n", "right"],
    ["1 2 3", "1 2\n3", "wrong"],
    ["0.3333333333", "0.333333", "right"],
    ["0.3334", "0.333333", "wrong"],
    ["3", "3.0", "right"],
    ["3.0", "3", "right"],
    ["3.1", "3", "wrong"],
    ["1000000000000000001", "1000000000000000000", "wrong"],
    ["1e-7", "0.0000001", "right"],
    ["Yes", "YES", "wrong"],
    ["", "", "right"],
    ["1", "", "wrong"],
    ["Case #1: 5", "Case #1: 5", "right"],
  ] as const)("as %j, where %j is asked, is %s", async (text, output, kind) => {
    expect(await prints(text, output)).toMatchObject({ kind });
  });

  test("by console.log is what Node prints", async () => {
    const values = [
      "[1, 2, 3]",
      "[]",
      "{}",
      "[[1, 2], [3, [4, [5]]]]",
      "{ a: 1, 'b-c': 'x\\'y', d: [undefined, null] }",
      "Array.from({ length: 30 }, (_, i) => i * i)",
      "Array.from({ length: 120 }, (_, i) => i)",
      "new Map([[1, 'a']])",
      "new Set(['a', 2])",
      "-0",
      "[-0, 10n, 1.5, NaN]",
      "[,1,,]",
      "Symbol('s')",
      "() => 1",
      "class A {}",
      "[function f() {}]",
      "new (class P { x = 1 })",
      "['a'.repeat(30), 'b'.repeat(30), 'c'.repeat(30)]",
      "{ a: { b: { c: { d: 1 } } } }",
      "Array.from({ length: 9 }, (_, i) => 'w'.repeat(i))",
      "new Date(0)",
      "/a/g",
      "new Uint8Array(3)",
      "Object.create(null)",
      "{ f() {}, get g() { return 1 }, [Symbol('k')]: 2 }",
      "'a\\nb'",
      "['a\\nb']",
      "true",
      "null",
      "Array.from({ length: 7 }, () => [1, 2])",
      "{ long: 'x'.repeat(60), other: 'y'.repeat(20) }",
      "[[], {}, '']",
      "new Array(3)",
      "[1.25, -3, 100]",
    ];
    const output = values.map((value) => {
      const given: unknown = new Function(`return (${value})`)();
      return typeof given === "string" ? given : inspect(given);
    });
    const answer = `${values.map((value) => `console.log(${value});`).join("\n")}\nconsole.log("%s is %d or %i%%, %j", "a", 1.5, 2.7, { b: 1 }, "rest", [1]);`;
    const last = 'a is 1.5 or 2%, {"b":1} rest [ 1 ]';
    expect(
      await judged(answer, { tests: [{ input: "", output: [...output, last].join("\n") }] }),
    ).toMatchObject({ kind: "right" });
  });
});

describe("rows of other data sets", () => {
  const sum =
    "const [a, b] = require('fs').readFileSync(0, 'utf8').split(/\\s+/).map(Number); console.log(a + b)";
  const add = "var add = function(a, b) { return a + b; };";
  /** As Python's pickle of a text, deflated, in base64. */
  const packed = (text: string): string => {
    const bytes = Buffer.from(text);
    const head = Buffer.from([0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, 0x58, 0, 0, 0, 0]);
    head.writeUInt32LE(bytes.length, 12);
    return deflateSync(Buffer.concat([head, bytes, Buffer.from([0x94, 0x2e])])).toString("base64");
  };
  const [stdin, functional] = ["stdin", "functional"].map((testtype) => [
    { input: testtype === "stdin" ? "1 2\n" : "1\n2", output: "3", testtype },
  ]);

  test.each<[string, string, Record<string, unknown>]>([
    [
      "APPS and TACO",
      sum,
      { input_output: JSON.stringify({ inputs: ["1 2\n", "3 4\n"], outputs: ["3\n", "7\n"] }) },
    ],
    [
      "APPS, as lists of lines",
      sum,
      { input_output: JSON.stringify({ inputs: [["1 2"]], outputs: [["3"]] }) },
    ],
    [
      "APPS with a function",
      add,
      { input_output: JSON.stringify({ fn_name: "add", inputs: [[1, 2]], outputs: [[3]] }) },
    ],
    [
      "TACO with a function",
      add,
      {
        input_output: {
          fn_name: "add",
          inputs: [
            [1, 2],
            [3, 4],
          ],
          outputs: [3, 7],
        },
      },
    ],
    [
      "LiveCodeBench",
      sum,
      {
        public_test_cases: JSON.stringify(stdin),
        private_test_cases: packed(JSON.stringify(stdin)),
        metadata: "{}",
      },
    ],
    [
      "LiveCodeBench with a function",
      add,
      {
        public_test_cases: JSON.stringify(functional),
        private_test_cases: packed(JSON.stringify(functional)),
        metadata: '{"func_name": "add"}',
      },
    ],
    [
      "CodeContests",
      sum,
      { public_tests: { input: ["1 2"], output: ["3"] }, private_tests: { input: [], output: [] } },
    ],
    ["open-r1", sum, { official_tests: [{ input: "1 2", output: "3" }] }],
    [
      "PrimeIntellect",
      sum,
      {
        verification_info: JSON.stringify({
          language: "javascript",
          test_cases: [{ type: "stdin_stdout", input: "1 2", output: "3" }],
        }),
      },
    ],
    [
      "PrimeIntellect with a function",
      add,
      {
        verification_info: {
          test_cases: [{ type: "function_call", fn_name: "add", input: [1, 2], output: 3 }],
        },
      },
    ],
    ["DeepCoder", add, { tests: JSON.stringify(functional), metadata: { func_name: "add" } }],
    [
      "verl",
      sum,
      { reward_model: { ground_truth: JSON.stringify({ inputs: ["1 2"], outputs: ["3"] }), style: "rule" } },
    ],
  ])("%s are judged", async (_, answer, row) => {
    expect(await judged(fence(answer), row)).toMatchObject({ kind: "right" });
    expect(await judged(fence("var add = () => 4; console.log(4)"), row)).toMatchObject({ kind: "wrong" });
  });

  test("private tests count", async () => {
    const row = {
      public_test_cases: JSON.stringify(stdin),
      private_test_cases: packed(JSON.stringify([{ input: "5 6", output: "11", testtype: "stdin" }])),
    };
    expect(await judged("console.log(3)", row)).toMatchObject({
      because: expect.stringMatching(/test 2 of 2/),
    });
  });

  test.each([
    [{ entry: "f", tests: [{ input: "[1", output: "2" }] }, /not its arguments in JSON/],
    [{ entry: "f", tests: [{ args: [1] }] }, /no `expected`/],
    [{ entry: "f", tests: "none" }, /no `tests`/],
    [{}, /no `tests`/],
  ])("%j is an error of the row", async (row, because) => {
    expect(await judged("const f = 1", row)).toMatchObject({
      kind: "error",
      because: expect.stringMatching(because),
    });
  });
});
