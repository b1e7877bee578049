import { describe, expect, test } from "vitest";
import { mathVerifier } from "../../src/loop/verdicts/math.ts";
import { sameAnswer } from "../../src/loop/verdicts/same-answer.ts";
import type { JudgedAnswer } from "../../src/run/records.ts";
import { majority } from "../../src/statistics/majority.ts";
import { passAt } from "../../src/statistics/pass-at-k.ts";
import { measure } from "../../src/statistics/rates.ts";
import { processorTime } from "../processor-time.ts";

const text = () => sameAnswer({});
const maths = () => sameAnswer(mathVerifier("math"));

/** An answer that was right (with `=`), wrong, or an error (`!`): "42=", "41", "!". */
function answered(word: string): JudgedAnswer {
  const verdict = word.endsWith("=") ? "right" : word === "!" ? "error" : "wrong";
  const extracted = word.replace(/[=!]$/, "");
  const what = extracted === "" ? {} : { extracted };
  return { text: word, stop: extracted === "…" ? "length" : "eos", tokens: 2, entropy: 1, verdict, ...what };
}

const problem = (words: string) => words.split(" ").map(answered);

/** Every choice of k places out of n. */
function choices(n: number, k: number): number[][] {
  if (k === 0) return [[]];
  if (n < k) return [];
  return [...choices(n - 1, k), ...choices(n - 1, k - 1).map((rest) => [...rest, n - 1])];
}

function binomial(n: number, k: number): number {
  return k === 0 ? 1 : (binomial(n - 1, k - 1) * n) / k;
}

describe("pass@k", () => {
  test("is the share of all choices of k answers that hold a right one", () => {
    for (let n = 1; n <= 8; n++) {
      for (let c = 0; c <= n; c++) {
        for (let k = 1; k <= n; k++) {
          const all = choices(n, k);
          const holding = all.filter((places) => places.some((place) => place < c)).length;
          expect(passAt(n, c, k), `n ${n}, c ${c}, k ${k}`).toBeCloseTo(holding / all.length, 12);
        }
      }
    }
  });

  test("has 1 - (1 - p)^k as its mean over what n answers of a rate p may bring", () => {
    const n = 10;
    for (const p of [0.03, 0.3, 0.8]) {
      for (const k of [1, 2, 4, 8, 10]) {
        let mean = 0;
        for (let c = 0; c <= n; c++) mean += binomial(n, c) * p ** c * (1 - p) ** (n - c) * passAt(n, c, k);
        expect(mean).toBeCloseTo(1 - (1 - p) ** k, 10);
      }
    }
  });

  test("of one answer is avg@k, and of all is whether one is right", () => {
    const problems = [problem("7= 8 9 7="), problem("1 2 3 4"), problem("5= 5= 5= 5=")];
    const { avgAtK, passAtK, passAt: curve } = measure(problems, 4, text);
    expect(avgAtK.mean).toBeCloseTo(0.5);
    expect(curve!.map(({ k }) => k)).toEqual([1, 2, 4]);
    expect(curve![0]!.mean).toBeCloseTo(avgAtK.mean);
    // of 6 pairs of the first problem's answers one holds none that is right
    expect(curve![1]!.mean).toBeCloseTo((5 / 6 + 0 + 1) / 3);
    expect(passAtK!.mean).toBeCloseTo(2 / 3);
    expect(curve![2]!.mean).toBe(passAtK!.mean);
  });

  test("is of the problems with k verdicts, and not there where none has", () => {
    const problems = [problem("7= 8 9 !"), problem("1 2 3 4=")];
    const { passAtK, passAt: curve } = measure(problems, 4, text);
    expect(passAtK!.mean).toBe(1);
    expect(curve![1]!.mean).toBeCloseTo((passAt(3, 1, 2) + passAt(4, 1, 2)) / 2);
    const failing = measure([problem("7= 8 9 !")], 4, text);
    expect(failing).not.toHaveProperty("passAtK");
    expect(failing.passAt!.map(({ k }) => k)).toEqual([1, 2]);
  });
});

describe("avg@k", () => {
  test("counts problems, whatever the errors among their answers", () => {
    const problems = [problem("7= ! ! !"), problem("1 2 3 4"), problem("! ! ! !")];
    const measures = measure(problems, 4, text);
    expect(measures.avgAtK.mean).toBe(0.5);
    expect(measures).toMatchObject({ verifierErrors: 7, right: [1, 0, 0], judged: [1, 4, 0] });
  });

  test("comes with how many answers were cut off, their length and entropy", () => {
    const measures = measure([problem("7= …"), problem("1 2")], 2, text);
    expect(measures).toMatchObject({ truncated: 1, meanTokens: 2, entropy: 0.5 });
  });
});

describe("maj@k", () => {
  const winner = (answers: readonly (string | undefined)[]) =>
    majority(answers, (one, other) => one === other);

  test("is the commonest answer, by counting, for every sequence of five answers", () => {
    const letters = ["A", "B", "C", undefined];
    for (let code = 0; code < 4 ** 5; code++) {
      const answers = Array.from({ length: 5 }, (_, i) => letters[Math.floor(code / 4 ** i) % 4]);
      const times = (letter: string) => answers.filter((answer) => answer === letter).length;
      const given = ["A", "B", "C"].filter((letter) => times(letter) > 0);
      // the most votes, then the first to be given
      given.sort((a, b) => times(b) - times(a) || answers.indexOf(a) - answers.indexOf(b));
      expect(winner(answers), answers.join()).toBe(
        given.length === 0 ? undefined : answers.indexOf(given[0]),
      );
    }
  });

  test("of three answers of rate p is p³ + 3p²(1 - p) where the wrong ones agree", () => {
    const p = 0.3;
    let mean = 0;
    for (let code = 0; code < 8; code++) {
      const words = [0, 1, 2].map((bit) => ((code >> bit) & 1 ? "7=" : "8"));
      const c = words.filter((word) => word === "7=").length;
      mean += p ** c * (1 - p) ** (3 - c) * measure([problem(words.join(" "))], 3, text).majAtK!.mean;
    }
    expect(mean).toBeCloseTo(p ** 3 + 3 * p ** 2 * (1 - p), 12);
  });

  test("lets answers of one value vote together under a maths verifier, and not by their text alone", () => {
    const words = "0.5= 3 \\frac{1}{2}= 3 1/2=";
    expect(measure([problem(words)], 5, maths).majAtK!.mean).toBe(1);
    expect(measure([problem(words)], 5, text).majAtK!.mean).toBe(0);
  });

  test("gives a tie to the answer given first", () => {
    expect(measure([problem("7= 8 8 7=")], 4, text).majAtK!.mean).toBe(1);
    expect(measure([problem("8 7= 7= 8")], 4, text).majAtK!.mean).toBe(0);
  });

  test("has no vote of errors and of answers that put nothing forward; without any vote it is wrong", () => {
    const silent = { ...answered("x"), extracted: undefined };
    const { extracted: _, ...nothing } = silent;
    expect(measure([[nothing, nothing, answered("!"), answered("7=")]], 4, text).majAtK!.mean).toBe(1);
    expect(measure([[nothing, nothing], problem("7= 7=")], 2, text).majAtK!.mean).toBe(0.5);
    expect(measure([problem("! !"), problem("7= 7=")], 2, text).majAtK!.mean).toBe(1);
  });

  test("is not there of one answer, and where the verifier does not say what it read", () => {
    expect(measure([problem("7=")], 1, text)).not.toHaveProperty("majAtK");
    const { extracted: _, ...nothing } = answered("7=");
    expect(measure([[nothing, nothing]], 2, text)).not.toHaveProperty("majAtK");
  });

  test("is 0 where no answer is right, though all were cut off or put nothing forward", () => {
    const { extracted: _, ...cut } = answered("…");
    expect(
      measure(
        [
          [cut, cut],
          [cut, answered("!")],
        ],
        2,
        maths,
      ).majAtK,
    ).toMatchObject({ mean: 0 });
    expect(measure([problem("! !")], 2, maths)).not.toHaveProperty("majAtK");
  });

  test("is found in bounded time among answers made to be hard to compare", () => {
    const set = (step: number) => Array.from({ length: 300 }, (_, i) => (i * step) % 301).join(",");
    const answers = Array.from({ length: 64 }, (_, i) => answered(`\\{${set(i + 1)},${i}\\}`));
    const seconds = processorTime();
    measure([answers], 64, maths);
    expect(seconds()).toBeLessThan(20);
  });
});
