import { describe, expect, test } from "vitest";
import { judge } from "../../src/loop/verdicts/judge.ts";
import { loadVerifier } from "../../src/loop/verdicts/verifiers.ts";

const verifier = await loadVerifier("code");
const tests = [
  { args: [1, 2], expected: 3 },
  { args: [5, -5], expected: 0 },
];
const judged = (answer: string, extra: Readonly<Record<string, unknown>> = { entry: "add", tests }) =>
  judge(verifier, { id: "p", prompt: "", answer: "", extra }, answer);
const fence = (text: string, info = "js") => `\`\`\`${info}\n${text}\n\`\`\`\n`;
const add = "function add(a, b) { return a + b; }";

describe("a program for a function is right", () => {
  test.each([
    [
      "with its parts in several blocks",
      `${fence("const plus = (a, b) => a + b;")}Then:\n${fence("const add = (a, b) => plus(a, b);")}`,
    ],
    [
      "with a part that follows it",
      fence("function add(a, b) { return plus(a, b); }") + fence("function plus(a, b) { return a + b; }"),
    ],
    [
      "with an earlier attempt that has parts of the same names",
      fence("const k = 1;\nconst add = () => k;") + fence(`const k = 0;\nconst add = (a, b) => a + b + k;`),
    ],
    ["in a list, its fence indented", `1. Write it:\n\n   ${fence(add).replaceAll("\n", "\n   ")}\n2. Done.`],
    ["after another language", fence("def add(a, b):\n    return a + b", "python") + fence(add)],
    ["with commands after it", `${fence(add)}Run it:\n${fence("node add.js", "bash")}`],
    ["in a block without a word before one of output", fence(add, "") + fence("3", "")],
    ["in a block that is never closed", `\`\`\`js\n${add}`],
    ["in a span of code", "Use `const add = (a, b) => a + b`, as `add(1, 2)`."],
    ["after thinking that has another", `<think>${fence("const add = () => 0")}</think>${fence(add)}`],
    ["whose example fails", fence(`${add}\nconsole.log(add(1, 2)); document.title = add(1, 2);`)],
    [
      "whose example asserts",
      fence(`${add}\nconst assert = require("assert");\nassert.deepStrictEqual([add(1, 2)], [3]);`),
    ],
    ["whose main reads what is not there", fence(`${add}\nif (require.main === module) main();`)],
    ["exported by name", fence("exports.add = (a, b) => a + b;")],
    ["exported under another name", fence("const plus = (a, b) => a + b;\nmodule.exports = { add: plus };")],
    ["exported alone, without a name", fence("module.exports = (a, b) => a + b;")],
    ["exported as a module", fence(`export ${add}`)],
    ["exported as a module's default", fence("export default function (a, b) { return a + b; }")],
    ["exported as a list", fence("const plus = (a, b) => a + b;\nexport { plus as add };")],
    [
      "that imports",
      fence(
        `import assert from "node:assert";\nimport { inspect } from "util";\nassert(inspect({}) === "{}");\nexport ${add}`,
      ),
    ],
    [
      "that requires",
      fence(`const { format } = require("util");\nconst add = (a, b) => Number(format("%d", a + b));`),
    ],
    ["with types", fence("export const add = (a: number, b: number): number => (a as number) + b!;", "ts")],
    [
      "with types in a block of JavaScript",
      fence(
        "interface Pair { a: number }\nfunction add(a: number, b: number): number { const p: Pair = { a }; return p.a + b; }",
      ),
    ],
    [
      "with generics that read as comparisons",
      fence("const same = <T,>(x: T): T => x;\nconst add = (a, b) => same<number>(a) + b;", "typescript"),
    ],
    [
      "with an enum",
      fence("enum Sign { Plus = 1 }\nconst add = (a: number, b: number) => a + Sign.Plus * b;", "ts"),
    ],
    ["of a class", fence("class Solution { add(a, b) { return a + b; } }")],
    [
      "of a class with types",
      fence(
        "class Solution {\n  constructor(private readonly zero = 0) {}\n  add(a: number, b: number): number { return a + b + this.zero; }\n}",
        "ts",
      ),
    ],
    ["as an asynchronous function", fence("async function add(a, b) { return a + b; }")],
    [
      "as a promise",
      fence("const add = (a, b) => new Promise((resolve) => setTimeout(() => resolve(a + b), 1000));"),
    ],
    [
      "that waits at the top",
      fence("const plus = await Promise.resolve((a, b) => a + b);\nexport const add = (a, b) => plus(a, b);"),
    ],
    [
      "with timers in order",
      fence(
        "async function add(a, b) {\n  const seen = [];\n  setTimeout(() => seen.push(b), 20);\n  setTimeout(() => seen.push(a), 10);\n  setImmediate(() => seen.push('now'));\n  await new Promise((done) => setTimeout(done, 30));\n  return seen.join() === 'now,' + [a, b] ? a + b : seen;\n}",
      ),
    ],
    [
      "that waits by the clock",
      fence(
        "const add = (a, b) => { const from = Date.now(); while (Date.now() - from < 5); return a + b; }",
      ),
    ],
    [
      "that copies, encodes and sorts",
      fence(
        "const add = (a, b) => { const o = structuredClone({ n: [a, b] }); return new TextEncoder().encode('é').length === 2 && atob(btoa('x')) === 'x' && ['b', 'A', 'á'].sort((x, y) => x.localeCompare(y)).join('') === 'AáÁb'.replace('Á', '') ? o.n[0] + o.n[1] : null; }",
      ),
    ],
    ["as a static method", fence("class Solution { static add(a, b) { return a + b; } }")],
    [
      "that a test in another block requires",
      fence(`${add}\nmodule.exports = add;`) +
        fence("const add = require('./add');\ntest('adds', () => expect(add(1, 2)).toBe(3));"),
    ],
    [
      "whose example runs where it is started",
      fence(
        `import { fileURLToPath } from "url";\nexport ${add}\nif (process.argv[1] === fileURLToPath(import.meta.url)) throw new Error();`,
      ),
    ],
    [
      "that promisifies a timer",
      fence(
        "const sleep = require('util').promisify(setTimeout);\nconst add = async (a, b) => { await sleep(50); return a + b; };",
      ),
    ],
    ["whose fence follows words and closes after code", `**Solution:** \`\`\`js\n${add}\`\`\``],
    ["with other ends of lines", `${fence(add)}Output:\n${fence("3", "")}`.replaceAll("\n", "\r\n")],
    ["that is strict", fence(`"use strict";\n${add}`)],
    ["that is sloppy", fence("add = function (a, b) { total = a + b; return total; }")],
    [
      "as a generator's sum",
      fence(
        "function* both(a, b) { yield a; yield b; }\nconst add = (a, b) => [...both(a, b)].reduce((x, y) => x + y);",
      ),
    ],
  ])("%s", async (_, answer) => {
    expect(await judged(answer)).toMatchObject({ kind: "right" });
  });
});

describe("a program for a function is wrong", () => {
  test.each([
    ["that never keeps its promise", "const add = () => new Promise(() => {})", /never kept/],
    ["whose promise breaks", "const add = async () => { throw new TypeError('no') }", /TypeError: no/],
    ["that is only thought of", `<think>${fence(add)}`, /no code/],
    ["whose types are no types", fence("const add = (a: ) => a", "ts"), /SyntaxError/],
    ["that exports a number", "module.exports = { add: 3 }", /not defined/],
    ["whose types are endless to read", fence(`${"<T>(".repeat(40)}1${")".repeat(40)}`, "ts"), /SyntaxError/],
    ["that exits", "const add = () => process.exit(0)", /add\(1,2\)/],
  ])("%s", async (_, answer, because) => {
    expect(await judged(answer)).toMatchObject({ kind: "wrong", because: expect.stringMatching(because) });
  });
});

describe("a result", () => {
  const gives = (expression: string, expected: unknown) =>
    judged(`const f = () => (${expression})`, { entry: "f", tests: [{ args: [], expected }] });

  test.each([
    ["3n", 3],
    ["0.1 + 0.2", 0.3],
    ["({ a: [1e-7 / 3, { c: 1 }] })", { a: [3.3333333333333334e-8, { c: 1 }] }],
    ["new Uint8Array([1, 2])", [1, 2]],
    ["({ b: 1, a: undefined })", { b: 1 }],
    ["new Date(0)", "1970-01-01T00:00:00.000Z"],
    ["(1234567.5).toLocaleString()", "1,234,567.5"],
    ["Math.random() === Math.random()", false],
    [
      "require('util').inspect(new Map([[1, { a: [1, [2, [3]]] }]]))",
      "Map(1) { 1 => { a: [ 1, [Array] ] } }",
    ],
  ])("%s is %j", async (expression, expected) => {
    expect(await gives(expression, expected)).toMatchObject({ kind: "right" });
  });

  test("of URL is what Node gives", async () => {
    const addresses = [
      "http://a.b/c/../d?x=1&y=a%20b#h",
      "https://u:p@Host:443/",
      "http://h:8080?q",
      "mailto:a@b",
      "file:///x/y",
    ];
    const relative = ["/r", "r?z=1", "#f", "../up", "//other/x", "?q=2"];
    const all = [...addresses.map((one) => [one]), ...relative.map((one) => [one, "http://a.b/c/d/e?x#y"])];
    const parts = (given: readonly string[]): unknown[] => {
      const { href, origin, host, port, pathname, search, hash, searchParams } = new URL(given[0]!, given[1]);
      return [href, origin, host, port, pathname, search, hash, [...searchParams]];
    };
    const extra = { entry: "f", tests: all.map((given) => ({ args: [given], expected: parts(given) })) };
    expect(await judged(`const f = ${parts}`, extra)).toMatchObject({ kind: "right" });
  });

  test.each([
    ["undefined", null],
    ["NaN", null],
    ["0.3001", 0.3],
    ["3.0000000001", 3],
    ["[1, 2, 3]", [1, 2]],
    ["({ a: 1, b: 2 })", { a: 1 }],
    ["({ 0: 1 })", [1]],
    ["'3'", 3],
    ["[1, 2]", [2, 1]],
  ])("%s is not %j", async (expression, expected) => {
    expect(await gives(expression, expected)).toMatchObject({ kind: "wrong" });
  });
});
