import { describe, expect, test } from "vitest";
import { refusedReferences } from "../../src/loop/verdicts/gold-answers.ts";
import { judge } from "../../src/loop/verdicts/judge.ts";
import { judgeOne, openVerifier } from "../../src/loop/verdicts/open-verifier.ts";
import {
  loadVerifier,
  readsMaths,
  readsReference,
  verifierNames,
} from "../../src/loop/verdicts/verifiers.ts";
import { processorTime } from "../processor-time.ts";

const topics = "choice:choices=billing|refund|not spam|spam";

/** Verifier, reference, answer, and what is said of it. */
const cases: readonly (readonly [string, string, string, "right" | "wrong" | "error"])[] = [
  ["match", "billing", "  billing\n", "right"],
  ["match", "billing", "Billing", "wrong"],
  ["match", "billing", "billing.", "wrong"],
  ["match", "billing", "billing refund", "wrong"],
  ["match", "billing", "", "wrong"],
  ["match", "", "billing", "error"],
  ["match", "New  York", "New York", "right"],
  ["match", "billing", "<think>refund?</think> billing", "right"],
  ["match", "billing", "<think>billing", "wrong"],
  ["match", '["NYC", "New York"]', "New York", "right"],
  ["match", '["NYC", "New York"]', "York", "wrong"],
  ["match:ignore_case", "billing", "BILLING", "right"],
  ["match:ignore_case,ignore_punctuation", "it's late", "It’s late!", "right"],
  ["match:ignore_case=false,ignore_punctuation", "billing", "Billing!", "wrong"],

  ["contains", "Paris", "It is Paris, of course.", "right"],
  ["contains", "Paris", "It is paris.", "wrong"],
  ["contains:ignore_case", "Paris", "It is PARIS.", "right"],
  ["contains", "art", "a party", "wrong"],
  ["contains", "4", "14", "wrong"],
  ["contains", "4", "4.5", "wrong"],
  ["contains", "4", "It is 4.", "right"],
  ["contains", '["Paris", "Lyon"]', "Lyon", "right"],
  ["contains", "C++", "C++ it is", "right"],

  [topics, "billing", "billing", "right"],
  [topics, "billing", "The label is Billing.", "right"],
  [topics, "billing", "**Answer:** `billing`\nBecause no refund is asked.", "right"],
  [topics, "billing", "It is \\boxed{\\text{billing}}, no refund", "right"],
  [topics, "billing", "billing or refund", "wrong"],
  [topics, "billing", "Answer: billing/refund", "wrong"],
  [topics, "billing", "It is not billing.", "wrong"],
  [topics, "refund", "It isn't billing but a refund.", "right"],
  [topics, "billing", "billings", "wrong"],
  [topics, "billing", "no idea", "wrong"],
  [topics, "spam", "not spam", "wrong"],
  [topics, "not spam", "not spam", "right"],
  [topics, "sales", "billing", "error"],
  ["choice", "billing", "billing", "error"],
  ["choice:choices=A|B|C|D", "A", "Answer: A", "right"],
  ["choice:choices=A|B|C|D", "A", "(A)", "right"],
  ["choice:choices=A|B|C|D", "A", "The answer is a matter of taste", "wrong"],
  ["choice:choices=A|B|C|D", "B", "<answer>B</answer>", "right"],

  ["number", "5000", "It is 5,000.", "right"],
  ["number", "0.1", "1e-1", "right"],
  ["number", "0.5", "1/2", "right"],
  ["number", "3e8", "3 \\times 10^{8}", "right"],
  ["number", "-4", "−4", "right"],
  ["number", "5", "5 or 6", "wrong"],
  ["number", "5", "the answer is 6", "wrong"],
  ["number", "6", "3 + 3, so the answer is 6.", "right"],
  ["number", "5", "none", "wrong"],
  ["number", "5", "5 million", "wrong"],
  ["number", "2000000", "2 million", "right"],
  ["number", "5 km", "5000 m", "right"],
  ["number", "5 km", "5000 metres", "right"],
  ["number", "5 km", "5 m", "wrong"],
  ["number", "5 km", "5 kg", "wrong"],
  ["number", "5 km", "5", "right"],
  ["number", "12 MW", "12 mW", "wrong"],
  ["number", "36 km/h", "10 m/s", "right"],
  ["number", "1 m^2", "10000 cm²", "right"],
  ["number", "1 \\text{ km}", "\\boxed{1000\\,\\text{m}}", "right"],
  ["number", "1 ha", "10,000 m^2", "right"],
  ["number", "1 kWh", "3.6 MJ", "right"],
  ["number", "2 OZ", "2 oz", "right"],
  ["number", "20 °C", "20 °F", "wrong"],
  ["number", "20 °C", "20 °C", "right"],
  ["number", "123456789012", "123456789013", "wrong"],
  ["number:relative=0.01", "100", "99", "right"],
  ["number:relative=0.01", "100", "98.9", "wrong"],
  ["number:absolute=0.5", "100", "100.5", "right"],
  ["number:absolute=0.5", "100", "100.6", "wrong"],
  ["number", "5", "1/0", "wrong"],
  ["number", "many", "5", "error"],
  ["number", "1/0", "5", "error"],

  ["json", '{"name":"Bo","age":3}', '{"age": 3, "name": " Bo "}', "right"],
  ["json", '{"name":"Bo","age":3}', '```json\n{"age": 3, "name": "Bo"}\n```', "right"],
  ["json", '{"name":"Bo","age":3}', 'Here: {"age": 3, "name": "Bo"} as asked', "right"],
  ["json", '{"name":"Bo","age":3}', '{"name": "Bo"}', "wrong"],
  ["json", '{"name":"Bo","age":3}', '{"age": "3", "name": "Bo"}', "wrong"],
  ["json", '{"name":"Bo"}', '{"name": "Bo", "age": 3}', "wrong"],
  ["json:fields=name", '{"name":"Bo"}', '{"name": "Bo", "age": 3}', "right"],
  ["json:fields=name,ignore_case", '{"name":"Bo","age":4}', '{"name": "BO", "age": 3}', "right"],
  ["json:absolute=0.1", '{"xs":[1,{"y":2}]}', '{"xs":[1.05,{"y":1.95}]}', "right"],
  ["json", "[1,2]", "[2,1]", "wrong"],
  ["json", "null", "null", "right"],
  ["json", '{"name":"Bo"}', "{name: Bo}", "wrong"],
  ["json", '{"name":"Bo"}', "[".repeat(100_000), "wrong"],
  ["json", "{name", "{}", "error"],

  ["regex:pattern=^Label: \\w+$", "", "Label: billing", "right"],
  ["regex:pattern=^Label: \\w+$", "", "label: billing", "wrong"],
  ["regex:pattern=^Label: \\w+$,ignore_case", "", "label: billing", "right"],
  ["regex:pattern=^\\d{1,3}$", "", "123", "right"],
  ["regex:pattern=Label: (?<answer>\\w+)", "billing", "Label: billing", "right"],
  ["regex:pattern=Label: (?<answer>\\w+)", "billing", "Label: billing\nLabel: refund", "wrong"],
  ["regex:pattern=Label: (?<answer>\\w+)", "", "Label: billing", "error"],
  ["regex", "", "x", "error"],

  ["format:all=json", "", '{"a": 1}', "right"],
  ["format:all=json", "", "a: 1", "wrong"],
  ["format:all=think|boxed", "", "<think>hm</think>\\boxed{3}", "right"],
  ["format:all=think|boxed", "", "\\boxed{3}", "wrong"],
  ["format:all=think|boxed", "", "<think>hm</think>\\boxed{3} \\boxed{4}", "wrong"],
  ["format:any=json|code", "", "```js\n1\n```", "right"],
  ["format:any=json|code", "", "so", "wrong"],
  ["format:all=answer|one_line", "", "<answer>3</answer>", "right"],
  ["format:all=max_words:3", "", "one two three", "right"],
  ["format:all=max_words:3", "", "one two three four", "wrong"],

  ["all:math;format:all=think|boxed", "0.5", "<think>half</think>\\boxed{1/2}", "right"],
  ["all:math;format:all=think|boxed", "0.5", "\\boxed{1/2}", "wrong"],
  ["all:math;format:all=think|boxed", "0.5", "<think>half</think>\\boxed{2}", "wrong"],
  ["all:math; length:words=2", "7", "\\boxed{7}", "right"],
  ["all:math;length:words=2", "7", "I say it is \\boxed{7}", "wrong"],
  ["all:choice:choices=a;match", "a", "b", "wrong"],
  ["any:match;number:relative=0.01", "100", "99", "right"],
  ["any:match;number", "many", "many", "right"],
  ["any:match;number", "many", "5", "error"],
  ["any:match;contains:ignore_case", "Paris", "in paris", "right"],
  ["mean:3*math;1*length:words=2,most=6", "7", "I say it is \\boxed{7}", "right"],
  ["mean:math;3*length:words=2,most=4", "7", "I say it is \\boxed{7}", "wrong"],
  ["mean:3*math;1*format:all=think", "7", "<think>7</think> 8", "wrong"],
  ["mean:math;json", "{x", "7", "error"],
  ["all:regex:pattern=^a;b$;match", "a;b", "a;b", "right"],
  ["length:words=3", "", "one two three", "right"],
  ["length:words=3", "", "one two three four", "wrong"],
  ["length:words=2,most=6", "", "one two three four", "right"],
  ["length:words=2,most=6", "", "one two three four five", "wrong"],
  ["length", "", "x", "error"],
];

test("a verifier that is not told what it needs says so", async () => {
  expect(await judgeOne("format", { answer: "" }, "x")).toMatchObject({
    kind: "error",
    because: expect.stringContaining("expected all=… or any=… of json"),
  });
});

test.each(cases)("%s: %j, answered %j, is %s", async (verifier, answer, said, kind) => {
  const judged = await judge(await loadVerifier(verifier), { id: "a", prompt: "", answer }, said);
  expect(judged).toMatchObject({ kind });
});

test.each([
  [
    "all:math;format:all=think|boxed",
    "\\boxed{7}",
    { kind: "wrong", score: 0.5, because: "format:all=think|boxed: it lacks think", extracted: "7" },
  ],
  [
    "all:math;format:all=think|boxed",
    "\\boxed{8}",
    { kind: "wrong", score: 0, because: "math: not equal to the reference answer" },
  ],
  ["all:math;number", "\\boxed{7}", { kind: "right", score: undefined }],
  ["any:math;format:all=think|boxed", "\\boxed{8}", { kind: "wrong", score: 0.5 }],
  ["any:format:all=think;math", "\\boxed{7}", { kind: "right", score: 1, because: "math: the same text" }],
  ["mean:0.7*math;0.2*format:all=boxed;0.1*length:words=5", "\\boxed{7}", { kind: "right", score: 1 }],
  [
    "mean:3*math;length:words=1,most=3",
    "so \\boxed{7}",
    { kind: "right", score: 0.875, because: "math 1, length:words=1,most=3 0.5" },
  ],
])(
  "%s scores %j as the least, the greatest or the weighted mean of its parts",
  async (name, said, expected) => {
    const verdict = await judge(await loadVerifier(name), { id: "a", prompt: "", answer: "7" }, said);
    expect({ score: undefined, ...verdict }).toMatchObject(expected);
  },
);

test("a combination reads references where a part does, and compares answers as that part", async () => {
  expect(readsReference("all:format:all=json;length:words=9")).toBe(false);
  expect(readsReference("all:format:all=think;math")).toBe(true);
  expect(readsMaths("mean:2*math;length:words=9")).toBe(true);
  const opened = await openVerifier("all:format:all=think;math", { workers: 1 });
  expect(await opened.compare(["1/2", "0.5", "x"])).toEqual([0, 0, 2]);
  await opened.close();
});

test("a row has settings of its own, before those of the name", async () => {
  const verifier = await loadVerifier("number:relative=0.01");
  const row = {
    id: "a",
    prompt: "",
    answer: "100",
    extra: { options: { relative: 0.1, targets: ["latex"] } },
  };
  expect(await judge(verifier, row, "91")).toMatchObject({ kind: "right" });
  const { judge: chosen } = await loadVerifier("choice");
  for (const extra of [{ choices: ["red", "blue"] }, { options: ["red", "blue"] }]) {
    const problem = { id: "a", prompt: "", answer: "red", extra };
    expect(await chosen(problem, "It is Red")).toMatchObject({ kind: "right", extracted: "red" });
    expect(await chosen(problem, "blue")).toMatchObject({ kind: "wrong" });
  }
});

test.each([
  ["match:case", /settings among ignore_case, ignore_punctuation, got case/],
  ["number:relative=much", /relative=a number from 0 up, got "much"/],
  ["format:all=jsn", /all=… or any=… of json, .*got jsn/],
  ["format:all=max_words", /got max_words/],
  ["regex:pattern=(", /pattern=… as JavaScript writes it, got Invalid regular expression/],
  ["choise:choices=a|b", /expected one of math.*choice/],
  ["all:math;formt:all=json", /expected one of math.*got formt:all=json/],
  ["all:math;./mine.ts", /expected one of math.*got math;/],
  ["all", /verifiers by name, parted by semicolons, got none/],
  ["all:3*math;match", /Weights are for mean/],
  ["mean:0*math", /weights above 0 .*got 0\*math/],
  ["any:math;all:match;number", /combinations are not combined/],
  ["length:words=9,most=3", /got words=9, most=3/],
  ["length:most=3", /got no words/],
])("%s is refused when it is opened", async (verifier, message) => {
  await expect(loadVerifier(verifier)).rejects.toThrow(message);
});

describe("before a run", () => {
  const tried = async (name: string, rows: readonly object[]) => {
    const verifier = await openVerifier(name, { workers: 1 });
    const problems = rows.map((row, i) => ({ id: `p${i}`, prompt: "", answer: "", ...row }));
    const { refused, ...counts } = await refusedReferences(verifier, problems);
    await verifier.close();
    return { ...counts, refused: refused.length };
  };

  test.each([
    ["match", [{ answer: "billing" }, { answer: '["a", "b"]' }]],
    ["contains", [{ answer: "Paris" }, { answer: "C++" }]],
    [topics, [{ answer: "billing" }, { answer: "not spam" }]],
    ["choice:choices=A|B", [{ answer: "A" }, { answer: "B" }]],
    ["number", [{ answer: "5 km" }, { answer: "1,000" }]],
    ["json", [{ answer: '{"a":[1]}' }, { answer: '"x"' }]],
    ["all:math;format:all=think|boxed", [{ answer: "7" }, { answer: "\\frac12" }]],
    ["all:json;format:all=json|code|think", [{ answer: '{"a":[1]}' }]],
    ["all:choice:choices=A|B;format:all=answer|one_line", [{ answer: "A" }]],
    ["mean:3*number;1*length:words=9", [{ answer: "5 km" }]],
  ])("the references of %s are put to it as it asks for them, and pass", async (name, rows) => {
    expect(await tried(name, rows)).toEqual({ tried: rows.length, refused: 0 });
  });

  test("what asks for a form is tried with solutions alone, and needs no references", async () => {
    const format = "format:all=think|boxed";
    expect(await tried(format, [{ answer: "3" }, {}])).toEqual({ tried: 0, refused: 0 });
    const solutions = [{ solution: "<think>1+2</think>\\boxed{3}" }, { solution: "3" }];
    expect(await tried(format, solutions)).toEqual({ tried: 2, refused: 1 });
    expect(readsReference(format)).toBe(false);
    expect(readsReference("regex:pattern=x")).toBe(false);
    expect(readsReference("regex:pattern=(?<answer>x)")).toBe(true);
  });
});

test("no answer is an error or slow: long, deep, odd", async () => {
  const settings: Readonly<Record<string, string>> = {
    choice: ":choices=a|bb",
    regex: ":pattern=a+b",
    format: ":all=json|boxed|think|answer|code|one_line|max_words:9",
    length: ":words=9,most=12",
    all: ":match;format:all=boxed",
    any: ":match;contains",
    mean: ":3*match;length:words=9",
  };
  const gold: Readonly<Record<string, string>> = { choice: "bb", number: "5 km", json: '{"a":1}' };
  const pieces = [
    "a",
    "bb ",
    "1",
    "1,000,",
    "5 km/",
    "{",
    '{"a":',
    "\\boxed{",
    "<think>",
    "</think>",
    "```\n",
    "answer: ",
    "not ",
    "<answer>",
    "\ud800",
    "İ",
  ];
  for (const name of verifierNames.slice(verifierNames.indexOf("match"))) {
    const verifier = await loadVerifier(name + (settings[name] ?? ""));
    for (const piece of pieces) {
      const extra = { entry: "bb", tests: [{ args: [], expected: 1 }] };
      const problem = { id: "a", prompt: "", answer: gold[name] ?? "bb", extra };
      const seconds = processorTime();
      const verdict = await judge(verifier, problem, piece.repeat(Math.ceil(20_000 / piece.length)));
      const took = seconds();
      expect(verdict, `${name} ${piece}`).not.toMatchObject({ kind: "error" });
      expect(took, `${name} ${piece}`).toBeLessThan(0.5);
    }
  }
});
