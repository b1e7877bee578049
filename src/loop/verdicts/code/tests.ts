/**
 * The tests of a row, as the field's data sets write them.
 *
 *   ours           entry, tests: [{ args, expected }]
 *   input, output  tests: [{ input, output }] in APPS, TACO, LiveCodeBench, CodeContests, open-r1 and verl's rows, as JSON
 *                  or as text of it: calls where the row names a function, else what is read and printed
 */
import type { Problem } from "../../types.ts";
import { unpacked } from "./packed-tests.ts";

export interface Call {
  readonly args: readonly unknown[];
  /** Any of them is right. */
  readonly expected: readonly unknown[];
}

export type Tests =
  | { readonly kind: "calls"; readonly entry: string; readonly calls: readonly Call[] }
  | { readonly kind: "runs"; readonly runs: readonly { readonly input: string; readonly output: string }[] };

/** Columns that hold tests; those of a row that has several are all used. */
const testColumns: readonly string[] = [
  ...["tests", "input_output", "test_cases", "public_test_cases", "private_test_cases", "public_tests"],
  ...[
    "private_tests",
    "generated_tests",
    "official_tests",
    "verification_info",
    "ground_truth",
    "reward_model",
  ],
];
/** Columns that name the function, of the row, of its tests or of its `metadata`. */
const entryNames = ["entry", "entry_point", "fn_name", "func_name"];

type Row = Readonly<Record<string, unknown>>;

/** A test before it is known whether it calls or runs. */
interface Pair {
  readonly input: unknown;
  readonly output: unknown;
  /** It says itself that it reads and prints. */
  readonly isRun: boolean;
}

/** @returns what is wrong with the row in words, where it has no tests */
export function readTests({ extra = {} }: Problem): Tests | string {
  const held = testColumns.flatMap((name) => (extra[name] == null ? [] : [unpackedValue(extra[name])]));
  const pairs = held.flatMap(pairsIn);
  const calls = held.flatMap(callsIn);
  const incomplete = calls.find((call) => typeof call === "string");
  if (incomplete !== undefined) return incomplete as string;
  const entry = [extra, unpackedValue(extra.metadata), ...held]
    .map(entryIn)
    .find((name) => name !== undefined);
  const isRun = calls.length === 0 && (pairs.some((pair) => pair.isRun) || entry === undefined);
  if (calls.length + pairs.length === 0) return "the problem has no `tests`";
  if (isRun)
    return {
      kind: "runs",
      runs: pairs.map(({ input, output }) => ({ input: textOf(input), output: textOf(output) })),
    };
  if (entry === undefined || !/^[A-Za-z_$][\w$]*$/.test(entry))
    return "the problem's `entry` is no function's name";
  const read = pairs.map(callOf);
  if (read.some((call) => call === undefined))
    return "a test's `input` is not its arguments in JSON, one a line";
  return { kind: "calls", entry, calls: [...(calls as Call[]), ...(read as Call[])] };
}

const isRow = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value that may be JSON, or packed, in a text. */
function unpackedValue(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return unpacked(value);
  }
}

function entryIn(value: unknown): string | undefined {
  if (Array.isArray(value)) return entryIn(value[0]);
  if (!isRow(value)) return undefined;
  const name = entryNames.map((column) => value[column]).find((one) => typeof one === "string" && one !== "");
  return (
    (name as string | undefined) ?? entryIn(value.test_cases) ?? entryIn(unpackedValue(value.ground_truth))
  );
}

/** Tests of our own form; a text where one is incomplete. */
function callsIn(held: unknown): (Call | string)[] {
  if (!Array.isArray(held)) return [];
  return held.flatMap((test: unknown): (Call | string)[] => {
    if (!isRow(test)) return ["a test is no object"];
    if ("input" in test && "output" in test) return [];
    return Array.isArray(test.args) && test.expected !== undefined
      ? [{ args: test.args, expected: [test.expected] }]
      : ["a test has no `args`, a list, or no `expected`; nor `input` and `output`"];
  });
}

function pairsIn(held: unknown): Pair[] {
  if (Array.isArray(held))
    return held.flatMap((test: unknown) =>
      isRow(test) && "input" in test && "output" in test
        ? [{ input: test.input, output: test.output, isRun: saysRun(test) }]
        : [],
    );
  if (!isRow(held)) return [];
  const [inputs, outputs] = [held.inputs ?? held.input, held.outputs ?? held.output];
  if (Array.isArray(inputs) && Array.isArray(outputs))
    return outputs
      .slice(0, inputs.length)
      .map((output, i) => ({ input: inputs[i], output, isRun: saysRun(held) }));
  return [held.test_cases, held.ground_truth].flatMap((inner) =>
    inner == null ? [] : pairsIn(unpackedValue(inner)),
  );
}

const saysRun = ({ testtype, type }: Row): boolean => /stdin/.test(String(testtype ?? type ?? ""));

/** What is read or printed: a text, or its lines. */
const textOf = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(textOf).join("\n")
    : typeof value === "string"
      ? value
      : JSON.stringify(value);

/** Arguments in a list, or in text one JSON a line; the result as JSON or in JSON, or, as in APPS, alone in a list. */
function callOf({ input, output }: Pair): Call | undefined {
  const args = Array.isArray(input)
    ? input
    : typeof input === "string"
      ? input
          .split("\n")
          .filter((line) => line.trim() !== "")
          .map(jsonOf)
      : undefined;
  if (args === undefined || args.includes(undefined)) return undefined;
  const result = typeof output === "string" ? [jsonOf(output), output] : [output];
  const alone = Array.isArray(output) && output.length === 1 ? [output[0]] : [];
  return { args, expected: [...result.filter((one) => one !== undefined), ...alone] };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
