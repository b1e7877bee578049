import { describe, expect, test } from "vitest";
import type { Problem } from "../../src/loop/types.ts";
import { judge as judgeAs } from "../../src/loop/verdicts/judge.ts";
import { VerifierPool } from "../../src/loop/verdicts/verifier-pool.ts";
import { loadVerifier } from "../../src/loop/verdicts/verifiers.ts";
import { processorTime } from "../processor-time.ts";

const verifier = await loadVerifier("code");
const code = (problem: Problem, answer: string) => judgeAs(verifier, problem, answer);

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

/** Programs that never end, or take all they can get; `add` is called with small arguments. */
const hostile: Record<string, string> = {
  "typed arrays": "const add = () => { const k = []; for (;;) k.push(new Uint8Array(1e6).fill(7)) }",
  "small typed arrays": "const add = () => { const k = []; for (;;) k.push(new Uint8Array(100)) }",
  "array buffers": "const add = () => { const k = []; for (;;) k.push(new ArrayBuffer(1e5)) }",
  strings: "const add = () => { const k = []; for (let i = 0; ; i++) k.push('x'.repeat(1000) + i) }",
  "doubled strings": "const add = () => { const k = []; for (;;) k.push('x'.repeat(1e6).split('')) }",
  arrays: "const add = () => { const k = []; for (;;) k.push(new Array(1e6).fill(1)) }",
  "small arrays": "const add = () => { const k = []; for (;;) k.push([1, 2, 3]) }",
  "nested arrays": "const add = () => { let k = []; for (;;) k = [k] }",
  objects: "const add = () => { const k = []; for (;;) k.push({ a: 1, b: { c: 2 } }) }",
  keys: "const add = () => { const k = {}; for (let i = 0; ; i++) k['key' + i] = i }",
  maps: "const add = () => { const k = new Map(); for (let i = 0; ; i++) k.set(i, i) }",
  closures: "const add = () => { let f = () => 0; for (;;) { const g = f; f = () => g() } }",
  symbols: "const add = () => { const k = []; for (;;) k.push(Symbol('s'.repeat(100))) }",
  "big integers":
    "const add = () => { const k = []; for (let b = 3n; ; ) k.push((b = (b * b) % 2n ** 9999n)) }",
  promises: "const add = () => { const k = []; for (;;) k.push(new Promise(() => {})) }",
  generators: "const add = () => { function* g() { yield* g() } const k = []; for (;;) k.push(g()) }",
  expressions:
    "const add = () => { const k = []; for (let i = 0; ; i++) k.push(new RegExp('a{' + i + '}')) }",
  errors: "const add = () => { const k = []; for (;;) k.push(new Error('e'.repeat(1000))) }",
  globals: "for (let i = 0; ; i++) globalThis['g' + i] = new Array(1000).fill(i)",
  "an empty loop": "const add = () => { for (;;); }",
  "recursion that catches": "function add() { try { add() } catch (e) { add() } }",
  "recursion in finally": "function add() { try { add() } finally { add() } }",
  "recursion through toString": "const add = () => String({ toString() { for (;;) String(this) } })",
  "filled arrays thrown away": "const add = () => { for (;;) new Array(1e5).fill(1) }",
  "joined arrays": "const add = () => { for (;;) new Array(1e6).join('x') }",
  "printed arrays": "const a = new Array(1e5).fill(1), add = () => { for (;;) JSON.stringify(a) }",
  "sorted arrays": "const add = () => { for (;;) Array.from({ length: 1e5 }, (_, i) => -i).sort() }",
  "an array as long as can be": "const add = () => [].includes.call({ length: 2 ** 53 - 1 }, 1)",
  "a search without end": "const add = () => 'a'.repeat(1e6).lastIndexOf('b'.repeat(5e5)) + add()",
  "a regular expression": "const add = () => /(a+)+$/.test('a'.repeat(40) + 'b')",
  "a proxy": "const add = () => { for (const k in new Proxy({}, { ownKeys: () => { for (;;); } })); }",
  "a getter of the result": "const add = () => ({ get a() { for (;;); } })",
  "before any call": "for (;;) new Array(1e6).join('x')",
};

/** Those that take the most of a processor for their fuel, and three of other kinds: out of all of it within 2 s. */
const slow: Record<string, string> = {
  "places all over memory":
    "const add = () => { const m = new Map(); for (let i = 1; ; i = (i * 1103515245 + 12345) % 1000003) m.set(i, i) }",
  "local dates": "const add = () => { for (;;) new Date(2020, 1, 1).toString() }",
  "large integers as text": "const add = () => { const b = 2n ** 200000n; for (;;) String(b) }",
  "copied bytes": "const add = () => { const a = new Uint8Array(2e7); for (;;) a.copyWithin(1, 0) }",
  timers: "setInterval(() => {}, 0); const add = () => new Promise(() => {})",
};

describe("a hostile program", () => {
  test.each(Object.entries(hostile))("of %s is wrong, with little memory", async (_, program) => {
    const before = process.memoryUsage().rss;
    // less than usual: what it runs out of is the same
    const scarce = { ...problem, extra: { ...problem.extra, options: { fuel: 1 } } };
    expect(await code(scarce, program)).toMatchObject({
      kind: "wrong",
      because: expect.stringMatching(/too long|memory|stack|too large|gave up/),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  });

  test.each(Object.entries(slow))("of %s is wrong within 2 s of a processor", async (_, program) => {
    const seconds = processorTime();
    expect(await judge(program)).toMatchObject({ because: expect.stringMatching(/too long/) });
    expect(seconds()).toBeLessThan(2);
  });

  test("that catches what it is refused holds no more, and what it held is given back", async () => {
    const before = process.memoryUsage().rss;
    for (const one of [
      "new Uint8Array(1e6).fill(7)",
      "'x'.repeat(1e6) + k.length",
      "new Array(1e5).fill(1)",
    ]) {
      const held = `const k = []; try { for (;;) k.push(${one}) } catch (e) {} const add = (a, b) => a + b`;
      for (let i = 0; i < 2; i++) expect((await judge(held)).kind).not.toBe("error");
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
    expect(await judge("const add = (a, b) => a + b")).toMatchObject({ kind: "right" });
  });

  test("is wrong through a pool too and no error, and the next is judged", async () => {
    const pool = await VerifierPool.open("code", { workers: 1 });
    const names = ["typed arrays", "recursion that catches", "an array as long as can be"];
    const programs = [...names.map((name) => hostile[name]!), "const add = (a, b) => a + b"];
    const verdicts = await pool.verify(programs.map((answer) => ({ problem, answer })));
    await pool.close();
    expect(verdicts.map(({ kind }) => kind)).toEqual(["wrong", "wrong", "wrong", "right"]);
  });

  test("that recurses as deep as Node lets it is right through a pool", async () => {
    const pool = await VerifierPool.open("code", { workers: 1 });
    const answer = "const sum = (n) => (n === 0 ? 0 : 1 + sum(n - 1)); const add = () => sum(9000) - 8997";
    const one = { ...problem, extra: { entry: "add", tests: [{ args: [1, 2], expected: 3 }] } };
    const verdicts = await pool.verify([{ problem: one, answer }]);
    await pool.close();
    expect(verdicts).toMatchObject([{ kind: "right" }]);
  });

  test("uses up the same fuel each time, so that its verdict is the same on any machine", async () => {
    const answer =
      "let n = 0; const add = (a, b) => { for (const end = Math.random() * 3e5; n < end; n++); return Date.now() }";
    const said = await Promise.all([1, 2].map(() => judge(answer)));
    expect(said[0]).toEqual(said[1]);
  });
});

describe("code", () => {
  test.each([
    "function add(a, b) { return a + b; }",
    "const add = (a, b) => a + b;",
    "var add = (...n) => n.reduce((x, y) => x + y)",
  ])("accepts %s", async (program) => {
    expect(await judge(program)).toMatchObject({ kind: "right" });
  });

  const fence = (text: string, info = "js", mark = "```") => `${mark}${info}\n${text}\n${mark}\n`;
  const add = "function add(a, b) { return a + b; }";
  test.each([
    ["a block that uses it after it", `${fence(add)}Example:\n${fence("add(1, 2) // 3")}`],
    ["what it prints after it", `${fence(add)}Output:\n${fence("3", "")}`],
    ["console.log in its block", fence(`${add}\nconsole.log(add(1, 2));`)],
    ["module.exports", fence(`${add}\nmodule.exports = { add };`)],
    ["a title beside the language", fence(add, 'js title="a.js"')],
    ["another word for the language", fence(add, "mjs")],
    ["fences of tildes", fence(add, "js", "~~~")],
    ["a module of its own name", fence(`const module = {};\n${add}`)],
    ["a first attempt before it", fence("const add = () => 0;") + fence(add)],
  ])("accepts a function with %s", async (_, answer) => {
    expect(await code(problem, answer)).toMatchObject({ kind: "right" });
  });

  test("takes the last of two functions of that name, also where it is the wrong one", async () => {
    expect(await code(problem, fence(add) + fence("const add = () => 0;"))).toMatchObject({ kind: "wrong" });
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
    ["an empty block", "", /no code/],
  ])("calls %s wrong and says so", async (_, program, because) => {
    expect(await judge(program)).toMatchObject({ kind: "wrong", because: expect.stringMatching(because) });
  });

  test.each([
    ["process.env.HOME", /undefined/],
    ["process.version", /v20\.0\.0/],
    ["process.binding('fs')", /not a function/],
    ["require('node:fs').readFileSync('/etc/passwd', 'utf8')", /ENOENT/],
    ["require('child_process')", /Cannot find module/],
    ["import('node:fs').then((fs) => fs.readFileSync('/etc/passwd'))", /could not load/],
    ["fetch('http://localhost')", /not defined/],
    ["globalThis.constructor.constructor('return process')().mainModule.require", /undefined/],
    [
      "(() => { try { setTimeout(0) } catch (e) { return e.constructor.constructor('return process')().cwd() } })()",
      /"\/"/,
    ],
    ["WebAssembly.compile", /not defined/],
    ["Deno.version", /not defined/],
    ["os.getenv('HOME')", /not defined/],
    ["std.loadFile('/etc/passwd')", /not defined/],
  ])("reaches nothing of the host through %s", async (expression, because) => {
    expect(await judge(`const add = () => ${expression}`)).toMatchObject({
      kind: "wrong",
      because: expect.stringMatching(because),
    });
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
