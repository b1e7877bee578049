import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { grade, modes } from "../../src/loop/verdicts/grade.ts";
import { equal, verify } from "../../src/maths/verify.ts";
import { processorTime } from "../processor-time.ts";
import { shared } from "../shared.ts";

/** Answers of every shape, and where the data sets lie beside the repository, theirs. */
const written = [
  "\\frac{14}{3}",
  "3\\sqrt{13}",
  "\\left( 3, \\frac{\\pi}{2} \\right)",
  "x^5 - x^4 + x^3 - x^2 + x - 1",
  "1 \\pm \\sqrt{19}",
  "2516_8",
  "\\begin{pmatrix} -1/3 \\\\ 2/3 \\end{pmatrix}",
  "(0,9) \\cup (9,36)",
  "x \\in [-2,7]",
  "\\text{(C)}",
  "\\text{Evelyn}",
  "11,\\! 111,\\! 100",
  "15\\mbox{ cm}^2",
  "\\{1\\pm\\sqrt{5},-2\\}",
  "5x - 7y + 11z + 4 = 0",
  "\\$32,\\!348",
  "6 - 5i",
  "137 \\frac{1}{2}",
  "28\\%",
  "90^\\circ",
  "2^{1009}",
  "\\binom{2n}{n}",
  "\\lfloor\\sqrt{n-1}\\rfloor",
  "f(x)=2 x",
  "\\frac{\\log 2}{\\log 2-\\log 3}",
  "8.7e8",
  "7:32",
  "\\sin^2 x",
  "|x-1| < 2",
  "0.\\overline{3}",
];
const fromData = ["math500", "minerva", "olympiadbench"].flatMap((set) => {
  const file = shared(`data/${set}.jsonl`);
  if (file === undefined) return [];
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { answer: string }).answer.trim());
});
const golds = [...new Set([...written, ...fromData])].filter((gold) => gold !== "");

/** A seeded sequence of whole numbers below `limit`. */
function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return Math.floor((((state ^ (state >>> 13)) >>> 0) / 2 ** 32) * limit);
  };
}

/** MUTATIONS=100000 tries more of them. */
const mutations = Number(process.env.MUTATIONS ?? 20_000);

const fragments = [
  ..."0123456789{}()[]^_+-*/=<>,.;:!%$&|~ \n\\",
  "\\frac",
  "\\sqrt",
  "\\boxed{",
  "\\text{",
  "\\left(",
  "\\pm",
  "\\\\",
  "\\infty",
  "½",
  "²",
  "e",
  "i",
  "x",
  "and",
  "or",
  "√",
  " million",
  "\\text{ km}",
  "€",
  " base 8",
  "...",
  "P(A|B)=",
  "five",
  "a.m.",
  "\u0000",
  "\ud800",
  "9^{9^9}",
  "!!",
];

function mutated(text: string, roll: (limit: number) => number): string {
  let out = text;
  for (let times = 1 + roll(4); times > 0; times--) {
    const at = roll(out.length + 1);
    const end = at + roll(4);
    const piece = fragments[roll(fragments.length)]!;
    const kinds = [
      () => out.slice(0, at) + piece + out.slice(at),
      () => out.slice(0, at) + out.slice(end),
      () => out.slice(0, at) + piece + out.slice(end),
      () => out + out.slice(at, at + 12),
      () => out.slice(at) + out.slice(0, at),
    ];
    out = kinds[roll(kinds.length)]!();
  }
  return out;
}

describe("mutated answers", () => {
  test(`${mutations} of them raise nothing and are judged quickly`, { timeout: 120_000 }, () => {
    const roll = dice(7);
    const slow: string[] = [];
    const times: number[] = [];
    for (let i = 0; i < mutations; i++) {
      const gold = golds[roll(golds.length)]!;
      const answer = mutated(golds[roll(golds.length)]!, roll);
      const seconds = processorTime();
      const { kind } =
        i % 2 === 0 ? equal(gold, answer) : verify(gold, `\\boxed{${answer}}`, { mode: "math-lenient" });
      const took = seconds();
      times.push(took);
      if (took > 0.25) slow.push(answer);
      // the references are sound, so every verdict is one about the answer
      if (fromData.length === 0) expect(kind, answer).not.toBe("error");
    }
    expect(slow).toEqual([]);
    times.sort((x, y) => x - y);
    expect(times[Math.floor(0.99 * mutations)]).toBeLessThan(0.01);
  });

  test("raise nothing in any official mode", () => {
    const roll = dice(11);
    for (let i = 0; i < 2000; i++) {
      const gold = mutated(golds[roll(golds.length)]!, roll);
      grade(gold, `The answer: ${mutated(gold, roll)} \\boxed{${mutated(gold, roll)}}`, {
        mode: modes[i % modes.length]!,
      });
    }
  });

  test("raise nothing as references", () => {
    const roll = dice(13);
    for (let i = 0; i < 3000; i++)
      equal(mutated(golds[roll(golds.length)]!, roll), golds[roll(golds.length)]!);
  });
});

/** Pairs that are equal though they are written differently: by unit, name, brackets or dollars. */
function plain(answer: string): string {
  return answer.replace(
    /\\\$|\$|\^\{?\\circ\}?|\\%|%|^[a-z](?:\([a-z]\))?\s*=|[()]|\s|\\(?:text|mbox)\{[^}]*\}|[.]$/g,
    "",
  );
}

test("pairs of different references are accepted only where they are equal", () => {
  const roll = dice(17);
  const accepted: string[] = [];
  for (let i = 0; i < 15_000; i++) {
    const [gold, answer] = [golds[roll(golds.length)]!, golds[roll(golds.length)]!];
    if (gold === answer || plain(gold) === plain(answer)) continue;
    const judgement = equal(gold, answer);
    // what exact arithmetic settles needs no second look
    if (judgement.kind === "right" && judgement.reason !== "exact")
      accepted.push(`${gold}   ${answer}   ${judgement.reason}`);
  }
  expect(accepted).toEqual([]);
});
