/**
 * The maths verifier over mechanical variants of real reference answers: right ones written differently, and near
 * misses.
 *
 *   npx tsx scripts/verifier-variants.ts [REFERENCES.jsonl | FOLDER] [--mode math] [--write VARIANTS.jsonl]
 *
 * Of a folder with math500.jsonl, minerva.jsonl and olympiadbench.jsonl (`../shared/data` unless named) 300 are taken.
 * Prints wrong rejections and wrong acceptances by kind. `--write` keeps every case as {gold, pred, expect, kind}
 * for another verifier (bench/peers/math_verify_variants.py). The same references give the same variants.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { grade } from "../src/loop/verdicts/grade.ts";
import { Fuel, Refusal } from "../src/maths/fuel.ts";
import type { Node } from "../src/maths/node.ts";
import { normalise } from "../src/maths/normalise.ts";
import { parse } from "../src/maths/parse.ts";
import { readReferences, spread } from "./references.ts";

export interface Variant {
  readonly gold: string;
  readonly pred: string;
  readonly expect: boolean;
  readonly kind: string;
}

/** Every variant of one reference answer. */
export function variantsOf(gold: string): Variant[] {
  const bare = gold.trim().replace(/^\$(.*)\$$/s, "$1");
  const out: Variant[] = [];
  const add = (expect: boolean, kind: string, pred: string): void => {
    out.push({ gold, pred, expect, kind });
  };
  const box = (answer: string): string => `So we get $\\boxed{${answer}}$.`;
  for (const [kind, pred] of Object.entries(settings(bare))) add(true, kind, pred);
  add(false, "negated", `The answer is not $\\boxed{${bare}}$.`);
  add(false, "no box", "We could not find it.");
  add(false, "empty box", "\\boxed{}");
  const shape = shapeOf(bare);
  for (const [kind, answer] of Object.entries(shape.right)) add(true, kind, box(answer));
  for (const [kind, answer] of Object.entries(shape.wrong)) add(false, kind, box(answer));
  return out;
}

/** One answer set and announced in many ways. */
function settings(x: string): Record<string, string> {
  return {
    box: `So we get $\\boxed{${x}}$.`,
    "box in display": `\\[\n\\boxed{ ${x} }\n\\]`,
    "box in braces": `\\boxed{{${x}}}`,
    "box after a box": `First \\boxed{17171}. No, wait; in the end it is\n\n\\boxed{${x}}`,
    announced: `Therefore, the answer is $${x}$.`,
    "announced in bold": `**Final Answer:** $${x}$`,
    heading: `### Final Answer\n\n$${x}$`,
    tags: `<think>17171?</think><answer>$${x}$</answer>`,
    "tags and box": `<answer>\\boxed{${x}}</answer>`,
    "wide fractions": `\\boxed{${x.replaceAll("\\frac", "\\dfrac")}}`,
    displaystyle: `\\boxed{\\displaystyle ${x}}`,
    "thin space": `\\boxed{\\,${x}\\,}`,
    "full stop": `\\boxed{${x}.}`,
    qed: `\\boxed{${x} \\quad \\blacksquare}`,
    therefore: `\\boxed{\\therefore ${x}}`,
    "left and right": `\\boxed{${x.replace(/(?<!\\left|\\right|\\big)([()])/g, (_, b: string) => (b === "(" ? "\\left(" : "\\right)"))}}`,
  };
}

interface Shape {
  readonly right: Readonly<Record<string, string>>;
  readonly wrong: Readonly<Record<string, string>>;
}

function shapeOf(x: string): Shape {
  const whole = /^-?\d{1,9}$/.exec(x);
  if (whole) return wholeNumber(Number(x));
  const fraction = /^(-?)\\[dt]?frac\{(\d{1,6})\}\{(\d{1,6})\}$/.exec(x);
  if (fraction) return ratio(fraction[1]!, Number(fraction[2]), Number(fraction[3]));
  const interval = /^(?:\\left)?([[(])([^()[\],]+),([^()[\],]+?)(?:\\right)?([\])])$/.exec(x);
  const isOpen = interval !== null && (interval[1] === "[" || interval[4] === "]" || x.includes("infty"));
  if (interval && isOpen) return range(interval[1]!, interval[2]!.trim(), interval[3]!.trim(), interval[4]!);
  const node = nodeOf(x);
  if (node?.kind === "list" && !/[{}()\\]|\band\b|\bor\b/.test(x))
    return several(x.split(",").map((part) => part.trim()));
  return node && isScalar(node) ? scalar(x) : { right: {}, wrong: {} };
}

function wholeNumber(n: number): Shape {
  const grouped = (mark: string): string => String(n).replace(/(?<=\d)(?=(?:\d{3})+$)/g, mark);
  const digits = String(Math.abs(n));
  return {
    right: {
      decimal: `${n}.0`,
      "sum of numbers": `${n} = ${n - 3} + 3`,
      quotient: `\\frac{${2 * n}}{2}`,
      named: `x = ${n}`,
      "named the other way": `${n} = x`,
      probability: `P(A \\cup B) = ${n}`,
      expectation: `\\mathbb{E}[X] = ${n}`,
      size: `|A \\cap B| = ${n}`,
      area: `\\text{Area} = ${n}`,
      integral: `\\int_0^1 f(x)\\,dx = ${n}`,
      derivative: `f'(2) = ${n}`,
      aligned: `\\begin{aligned} x &= ${n} \\end{aligned}`,
      alignment: `x &= ${n}`,
      implies: `\\implies x = ${n}`,
      "counted things": `${n} \\text{ apples}`,
      ways: `${n} \\text{ ways}`,
      "known unit": `${n} \\text{ cm}`,
      "unit fraction": `${n}\\,\\frac{\\text{m}}{\\text{s}}`,
      "roman unit": `${n}\\,\\mathrm{kg\\,m^2}`,
      "unit package": `\\SI{${n}}{cm}`,
      euros: `€${n}`,
      "euros after": `${n} €`,
      dollars: `\\$${n}`,
      brackets: `(${n})`,
      condition: `${n} \\quad (x > 0)`,
      domain: `${n}, n \\in \\mathbb{N}`,
      about: `\\text{exactly } ${n}`,
      "e-notation": `${n}\\mathrm{e}0`,
      "power of ten": `${n / 10}\\times 10^{1}`,
      "power of ten with x": `${n / 10} x 10^1`,
      "first power": `${n}^1`,
      ...(Math.abs(n) >= 1000
        ? { commas: grouped(","), "braced commas": grouped("{,}"), "thin spaces": grouped("\\,") }
        : {}),
      ...(n % 1000 === 0 && n !== 0 ? { thousand: `${n / 1000} \\text{ thousand}` } : {}),
      ...(n >= 0 && n <= 12
        ? {
            words: `\\text{${"zero one two three four five six seven eight nine ten eleven twelve".split(" ")[n]}}`,
          }
        : {}),
    },
    wrong: {
      "one more": `${n + 1}`,
      "one less": `${n - 1}`,
      ...(n === 0
        ? {}
        : {
            opposite: `${-n}`,
            "ten times": `${n}0`,
            half: `\\frac{${n}}{2}`,
            million: `${n} \\text{ million}`,
            "unit of another size": `${n}000 \\text{ dozen}`,
            percentage: `${n}.5\\%`,
          }),
      ...(Math.abs(n) > 1
        ? {
            squared: `${n === Math.abs(n) ? n : `(${n})`} \\text{ squared}`,
            inverse: `\\frac{1}{${n}}`,
            product: `2 \\cdot ${n} = ${2 * n}`,
          }
        : {}),
      hedge: `${n} \\text{ or } ${n + 1}`,
      list: `${n}, ${n + 1}`,
      "at least": `\\text{at least } ${n}`,
      "or more": `${n} \\text{ or more}`,
      inequality: `x > ${n}`,
      unequal: `x \\ne ${n}`,
      interval: `[${n}, ${n + 1}]`,
      "other base": `${digits.replace(/[89]/g, "7")}_{11}`,
      equation: `2x = ${n}`,
      "equation of two": `x + y = ${n}`,
      "named another": `P(A) = ${n + 1}`,
      "near decimal": `${n}.001`,
      "wrong sum": `${n + 1} + 1 = ${n}`,
      words: "\\text{thirty-seven million}",
      word: "\\text{undefined}",
      "point after": `${n}.${n === 0 ? 1 : Math.abs(n)}`,
    },
  };
}

/** Whether a/b has a finite decimal. */
function decimals(a: number, b: number): boolean {
  let rest = b;
  for (const prime of [2, 5]) while (rest !== 0 && rest % prime === 0) rest /= prime;
  return b !== 0 && a % rest === 0;
}

function ratio(sign: string, a: number, b: number): Shape {
  const endsSoon = decimals(a, b);
  const value = a / b;
  return {
    right: {
      slash: `${sign}${a}/${b}`,
      "wide fraction": `${sign}\\dfrac{${a}}{${b}}`,
      "sign above": `\\frac{${sign}${a}}{${b}}`,
      "scaled up": `${sign}\\frac{${3 * a}}{${3 * b}}`,
      named: `x = ${sign}\\frac{${a}}{${b}}`,
      conditional: `P(A \\mid B) = ${sign}\\frac{${a}}{${b}}`,
      product: `${sign}\\frac{1}{${b}} \\cdot ${a}`,
      power: `${sign}${a} \\cdot ${b}^{-1}`,
      unit: `${sign}\\frac{${a}}{${b}} \\text{ cm}`,
      "long decimal": `${sign}${value.toFixed(10)}`,
      ...(endsSoon && Number(value.toFixed(8)) === value
        ? { decimal: `${sign}${value}`, percent: `${sign}${Number((value * 100).toFixed(8))}\\%` }
        : {}),
      ...(a > b && a % b !== 0 ? { mixed: `${sign}${Math.floor(a / b)}\\frac{${a % b}}{${b}}` } : {}),
    },
    wrong: {
      ...(a !== b && a !== 0 ? { inverted: `${sign}\\frac{${b}}{${a}}` } : {}),
      "one above": `${sign}\\frac{${a + 1}}{${b}}`,
      ...(a === 0
        ? {}
        : {
            "one below": `${sign}\\frac{${a}}{${b + 1}}`,
            opposite: `${sign === "" ? "-" : ""}\\frac{${a}}{${b}}`,
            numerator: b === 1 ? `${a + 1}` : `${sign}${a}`,
            squared: a === b ? "2" : `(\\frac{${a}}{${b}})^2`,
          }),
      ...(Number(value.toFixed(3)) === value ? {} : { "cut off": `${sign}${value.toFixed(3)}` }),
      hedge: `${sign}\\frac{${a}}{${b}} \\text{ or } ${sign}\\frac{${a + 1}}{${b}}`,
      pair: `(${a}, ${b})`,
      inequality: `x < ${sign}\\frac{${a}}{${b}}`,
    },
  };
}

function range(open: string, low: string, high: string, close: string): Shape {
  const other = (bracket: string): string => ({ "(": "[", "[": "(", ")": "]", "]": ")" })[bracket]!;
  const [isLowInfinite, isHighInfinite] = [low.includes("infty"), high.includes("infty")];
  const less = (bracket: string): string => (bracket === "[" || bracket === "]" ? "\\le" : "<");
  const more = (bracket: string): string => (bracket === "[" ? "\\ge" : ">");
  const bounds = [
    ...(isLowInfinite ? [] : [`x ${more(open)} ${low}`]),
    ...(isHighInfinite ? [] : [`x ${less(close)} ${high}`]),
  ];
  const both = bounds.length === 2;
  return {
    right: {
      membership: `x \\in ${open}${low}, ${high}${close}`,
      french: `${open === "(" ? "]" : "["}${low}, ${high}${close === ")" ? "[" : "]"}`,
      ...(bounds.length > 0 ? { inequality: bounds.join(" \\text{ and } ") } : {}),
      ...(both ? { chain: `${low} ${less(open)} x ${less(close)} ${high}`, commas: bounds.join(", ") } : {}),
    },
    wrong: {
      ...(isLowInfinite ? {} : { "other left bracket": `${other(open)}${low}, ${high}${close}` }),
      ...(isHighInfinite ? {} : { "other right bracket": `${open}${low}, ${high}${other(close)}` }),
      ...(both
        ? {
            "either bound": bounds.join(" \\text{ or } "),
            "one bound": bounds[0]!,
            ends: `\\{${low}, ${high}\\}`,
          }
        : {}),
      "more on the right": isHighInfinite ? `${open}${low}, 1000${close}` : `${open}${low}, \\infty)`,
      guesses: `${bounds[0] ?? "x > 0"}, ${(bounds[0] ?? "x > 0").replace(/(\S+)$/, "($1) + 1")}`,
    },
  };
}

function several(parts: readonly string[]): Shape {
  const turned = [...parts].reverse();
  return {
    right: {
      turned: turned.join(", "),
      words: parts.length === 2 ? parts.join(" \\text{ and } ") : parts.join(", "),
      set: `\\{${parts.join(", ")}\\}`,
    },
    wrong: {
      ...(new Set(parts).size > 1 ? { "one missing": parts.slice(1).join(", ") } : {}),
      "one more": [...parts, "1717"].join(", "),
      "one changed": ["1717", ...parts.slice(1)].join(", "),
    },
  };
}

function scalar(x: string): Shape {
  const inner = `\\left(${x}\\right)`;
  const roots = /\\sqrt\{(\d+)\}/.test(x);
  const hasUnit = /\\text|\\mathrm|\\mbox|\\%|\\circ/.test(x);
  if (hasUnit) return { right: {}, wrong: {} };
  return {
    right: {
      brackets: inner,
      "twice half": `\\frac{2${inner}}{2}`,
      "plus nothing": `${x} + 0`,
      "sum undone": `${inner} + 7 - 7`,
      named: `T = ${x}`,
      ...(roots
        ? {
            "root sign": x.replace(/\\sqrt\{(\d+)\}/g, "√$1"),
            "root in words": x.replace(/\\sqrt\{(\d+)\}/g, "sqrt($1)"),
            "half power": x.replace(/\\sqrt\{(\d+)\}/g, "($1)^{1/2}"),
          }
        : {}),
    },
    wrong: {
      "plus one": `${x} + 1`,
      doubled: `3${inner}`,
      ...(/^0(?:\.0*)?$/.test(x) ? {} : { opposite: `-${inner}` }),
      inequality: `T > ${x}`,
      hedge: `${x} \\text{ or } ${inner} + 1`,
      ...(roots
        ? {
            "other root": x.replace(/\\sqrt\{(\d+)\}/, (_, n: string) => `\\sqrt{${Number(n) + 1}}`),
            "no root": x.replace(/\\sqrt\{(\d+)\}/, "$1"),
            "cube root": x.replace(/\\sqrt\{(\d+)\}/, "\\sqrt[3]{$1}"),
          }
        : {}),
    },
  };
}

function nodeOf(text: string): Node | undefined {
  try {
    return parse(normalise(text), "thousands", new Fuel(50_000));
  } catch (fault) {
    if (fault instanceof Refusal) return undefined;
    throw fault;
  }
}

/** One number or expression that can be added to. */
function isScalar(node: Node): boolean {
  if (node.kind === "sum") return node.terms.every(isScalar);
  if (node.kind === "product") return node.factors.every(isScalar);
  if (node.kind === "power") return isScalar(node.base) && isScalar(node.exponent);
  if (node.kind === "call")
    return ["binomial", "factorial", "floor", "ceil", "root", "ln", "log", "sin", "cos", "tan"].includes(
      node.name,
    );
  return (
    node.kind === "number" || node.kind === "symbol" || (node.kind === "constant" && node.name !== "infinity")
  );
}

export interface Tally {
  readonly kind: string;
  readonly expect: boolean;
  readonly cases: number;
  readonly failed: readonly Variant[];
}

/** What one mode makes of the variants, by kind. */
export function judged(variants: readonly Variant[], mode: string): Tally[] {
  const tallies = new Map<string, { kind: string; expect: boolean; cases: number; failed: Variant[] }>();
  for (const variant of variants) {
    const name = `${variant.expect} ${variant.kind}`;
    const tally = tallies.get(name) ?? { kind: variant.kind, expect: variant.expect, cases: 0, failed: [] };
    tallies.set(name, tally);
    tally.cases++;
    if ((grade(variant.gold, variant.pred, { mode }).kind === "right") !== variant.expect)
      tally.failed.push(variant);
  }
  return [...tallies.values()];
}

/** Failures of the right forms, or of the near misses, and how many there are. */
export function totals(
  tallies: readonly Tally[],
  expect: boolean,
): { readonly cases: number; readonly failed: number } {
  const of = tallies.filter((tally) => tally.expect === expect);
  return { cases: of.reduce((n, t) => n + t.cases, 0), failed: of.reduce((n, t) => n + t.failed.length, 0) };
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { mode: { type: "string", default: "math" }, write: { type: "string" } },
  });
  const [from = fileURLToPath(new URL("../../shared/data", import.meta.url))] = positionals;
  const references = from.endsWith(".jsonl") ? readReferences(from) : spread(from);
  const variants = references.flatMap(variantsOf);
  if (values.write)
    writeFileSync(values.write, variants.map((variant) => `${JSON.stringify(variant)}\n`).join(""));
  const tallies = judged(variants, values.mode);
  for (const { kind, expect, cases, failed } of tallies.filter((t) => t.failed.length > 0)) {
    const [first] = failed;
    console.log(
      `${expect ? "rejected" : "accepted"}  ${String(failed.length).padStart(4)} of ${String(cases).padStart(4)}  ${kind}   ${first!.gold}   ${first!.pred.replaceAll("\n", " ")}`,
    );
  }
  for (const expect of [true, false]) {
    const { cases, failed } = totals(tallies, expect);
    console.log(
      `${expect ? "wrong rejections " : "wrong acceptances"}  ${failed} of ${cases}   ${((100 * failed) / cases).toFixed(2)} %`,
    );
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
