import { describe, expect, test } from "vitest";
import { code } from "../../src/loop/verdicts/code.ts";

const problem = {
  id: "add",
  prompt: "Write a function add(a, b).",
  answer: "function add(a, b) { return a + b; }",
  extra: {
    entry: "add",
    tests: [
      { args: [1, 2], expected: 3 },
      { args: ["a", "b"], expected: "ab" },
    ],
  },
};
const judge = (program: string) => code(problem, `Here it is:\n\`\`\`js\n${program}\n\`\`\`\nDone.`);

describe("code", () => {
  test.each([
    "function add(a, b) { return a + b; }",
    "const add = (a, b) => a + b;",
    "var add = (...n) => n.reduce((x, y) => x + y)",
  ])("accepts %s", async (program) => {
    expect(await judge(program)).toMatchObject({ kind: "right" });
  });

  test("accepts its reference answer, which stands outside a block", async () => {
    expect(await code(problem, problem.answer)).toMatchObject({ kind: "right" });
  });

  test.each([
    ["a wrong result", "const add = (a, b) => a - b", /gives -1, not 3/],
    ["an exception", "const add = () => { throw new RangeError('no') }", /RangeError: no/],
    ["a syntax error", "function add(", /SyntaxError/],
    ["a missing function", "const plus = 1", /ReferenceError/],
    ["an endless loop", "const add = () => { for (;;); }", /too long/],
    ["an endless loop before any call", "for (;;);", /too long/],
    ["endless recursion", "const add = (a, b) => add(a, b)", /stack overflow/],
    ["a string without end", "const add = () => { let s = 'x'; for (;;) s += s }", /too long|memory/],
    [
      "a catastrophic regular expression",
      "const add = () => /(a+)+$/.test('a'.repeat(40) + 'b')",
      /too long/,
    ],
    ["nothing", "", /no code/],
  ])("calls %s wrong and says so", async (_, program, because) => {
    expect(await judge(program)).toMatchObject({ kind: "wrong", because: expect.stringMatching(because) });
  });

  test.each([
    "process.version",
    "require('node:fs')",
    "fetch('http://localhost')",
    "globalThis.constructor.constructor('return process')().pid",
    "setTimeout(() => {})",
    "WebAssembly.compile",
    "Deno.version",
    "os.getenv('HOME')",
    "std.loadFile('/etc/passwd')",
  ])("reaches nothing of the host through %s", async (expression) => {
    expect(await judge(`const add = () => ${expression}`)).toMatchObject({
      kind: "wrong",
      because: expect.stringMatching(/not defined|undefined/),
    });
  });

  test("imports nothing", async () => {
    expect(await judge("import fs from 'node:fs'; const add = () => 3")).toMatchObject({ kind: "wrong" });
    expect(await judge("const add = () => import('node:fs')")).toMatchObject({ kind: "wrong" });
  });

  test("is not fooled by a JSON of the answer's own, nor by what one test leaves behind", async () => {
    expect(
      await judge("JSON.stringify = () => '3'; JSON.parse = () => [1, 2]; const add = () => 4"),
    ).toMatchObject({ kind: "wrong" });
    expect(await judge("let n = 0; const add = () => [3, 'ab'][n++]; n = 1")).toMatchObject({
      kind: "wrong",
    });
  });

  test("leaves the next answer unharmed", async () => {
    await judge("Array.prototype.length = 0; globalThis.add = 5; Object.freeze(globalThis)");
    expect(await judge("const add = (a, b) => a + b")).toMatchObject({ kind: "right" });
  });

  test("calls a problem without tests an error", async () => {
    expect(await code({ ...problem, extra: { entry: "add" } }, "x")).toMatchObject({ kind: "error" });
    expect(await code({ ...problem, extra: { entry: "a b", tests: [] } }, "x")).toMatchObject({
      kind: "error",
    });
  });

  test("compares objects whatever the order of their keys", async () => {
    const pair = { ...problem, extra: { entry: "f", tests: [{ args: [], expected: { a: 1, b: [2] } }] } };
    expect(await code(pair, "const f = () => ({ b: [2], a: 1 })")).toMatchObject({ kind: "right" });
  });
});
