import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { arms, comparisons, methodsOf, requestFor } from "../scripts/evidence/arms.ts";
import { collect } from "../scripts/evidence/collect.ts";
import { reached } from "../scripts/evidence/cost.ts";
import { paired, stepsAlike } from "../scripts/evidence/measures.ts";
import { type ComparisonRecord, readRecords, recordPath, recordText } from "../scripts/evidence/record.ts";
import { combined, decide } from "../scripts/evidence/verdict.ts";
import { evidenceFiles } from "../scripts/evidence.ts";
import { compare } from "../src/commands/compare/compare.ts";
import { temporaryFolder, tinyRun } from "./loop/tiny.ts";

const docs = fileURLToPath(new URL("../docs", import.meta.url));
const page = readFileSync(join(docs, "evidence.md"), "utf8");
const recorded = comparisons.filter((name) => existsSync(recordPath(join(docs, "evidence"), name)));

/** A record as plain JSON, read without the code under test. */
const raw = (comparison: string) =>
  JSON.parse(readFileSync(join(docs, `evidence/${comparison}.json`), "utf8"));

/** The cells of the first line that begins with a name, in a claim's section. */
function cells(claim: string, name: string): string[] {
  const section = page.slice(page.indexOf(`## ${claim}: `)).split("\n## ")[0]!;
  const line = section.split("\n").find((each) => new RegExp(`^\\| ${name} +\\|`).test(each))!;
  return line.split("|").map((cell) => cell.trim());
}

const numbersIn = (cell: string) => [...cell.matchAll(/-?\d+(\.\d+)?/g)].map(([text]) => Number(text));

/** 97.5 % quantiles of Student's t, from a printed table, by the number of values. */
const t: Record<number, number> = { 2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776 };

function byHand(values: number[]): number[] {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b) / n;
  const deviation = Math.sqrt(values.map((v) => (v - mean) ** 2).reduce((a, b) => a + b) / (n - 1));
  const half = (t[n]! * deviation) / Math.sqrt(n);
  return [mean, mean - half, mean + half];
}

describe("docs/evidence.md", () => {
  test("and its plots are what the committed records make", () => {
    for (const [path, text] of Object.entries(evidenceFiles())) {
      expect(readFileSync(join(docs, path), "utf8"), `${path}: run npx tsx scripts/evidence.ts`).toBe(text);
    }
  });

  test("has means and intervals that plain arithmetic gives", () => {
    const { runs } = raw("main");
    for (const [label, method] of [
      ["NFT", "nft"],
      ["RFT", "rft"],
    ] as const) {
      const own = runs.filter((run: { method: string }) => run.method === method);
      const finals = own.map((run: { evals: { accuracy: number[] } }) => 100 * run.evals.accuracy.at(-1)!);
      const [, , seeds, , after] = cells("C1", label);
      expect(Number(seeds)).toBe(own.length);
      const shown = numbersIn(after!);
      for (const [i, value] of byHand(finals).entries()) expect(shown[i]).toBeCloseTo(value, 0.9);
    }
  });

  test("has differences of the same seeds, and the verdict that its rule gives them", () => {
    const final = (method: string, seed: number) =>
      raw("main")
        .runs.find((run: { method: string; seed: number }) => run.method === method && run.seed === seed)
        ?.evals.accuracy.at(-1);
    const differences = [42, 43, 44, 45, 46]
      .map((seed) => 100 * (final("nft", seed) - final("rft", seed)))
      .filter(Number.isFinite);
    const [mean, low, high] = byHand(differences) as [number, number, number];
    const [, , pairs, shown, paper, , verdict] = cells("C1", "NFT less RFT");
    expect(Number(pairs)).toBe(differences.length);
    const [shownMean, shownLow, shownHigh] = numbersIn(shown!);
    expect(Math.abs(shownMean! - mean)).toBeLessThan(0.06);
    expect(Math.abs(shownLow! - low)).toBeLessThan(0.06);
    expect(Math.abs(shownHigh! - high)).toBeLessThan(0.06);
    expect(paper).toBe("+3.4");
    expect(verdict).toBe(low > 0 ? "holds" : high < 1 ? "does not hold here" : "cannot tell");
    expect(page).toContain(`| C1 | NFT ends higher than RFT | ${verdict} |`);
  });

  test("counts the tokens of a step as they were recorded", () => {
    const own = raw("main").runs.filter((run: { method: string }) => run.method === "nft");
    const perStep = own.map(
      (run: { spent: { tokens: number[] }; evals: { step: number[] } }) =>
        run.spent.tokens.reduce((a, b) => a + b) / run.evals.step.at(-1)!,
    );
    const mean = perStep.reduce((a: number, b: number) => a + b) / perStep.length;
    const line = page.split("\n").find((each) => each.startsWith("| NFT  "))!;
    expect(Math.abs(Number(line.split("|")[11]) - mean)).toBeLessThan(0.51);
  });

  test("says how to make it again with names that are there", () => {
    for (const name of comparisons) expect(page).toContain(`| \`${name}\` | \`${methodsOf(name)[0]}\``);
    expect(page).toContain("scripts/evidence-runs.ts");
    expect(existsSync(fileURLToPath(new URL("../scripts/evidence-runs.ts", import.meta.url)))).toBe(true);
  });
});

describe("the records", () => {
  test("are small, have arms alone, and one run of a seed", () => {
    const size = recorded.reduce(
      (sum, name) => sum + readFileSync(join(docs, `evidence/${name}.json`)).length,
      0,
    );
    expect(size).toBeLessThan(300_000);
    for (const name of recorded) {
      const runs: { method: string; seed: number }[] = raw(name).runs;
      expect(runs.filter(({ method }) => !methodsOf(name).includes(method))).toEqual([]);
      expect(new Set(runs.map(({ method, seed }) => `${method} ${seed}`)).size).toBe(runs.length);
    }
  });

  test("of one seed begin from the same base on the same problems, whatever the comparison", () => {
    const unlike = ["truncated"];
    const first = new Map<number, number>();
    for (const record of readRecords(join(docs, "evidence"))) {
      if (unlike.includes(record.comparison)) continue;
      for (const { seed, evals } of record.runs) {
        if (!first.has(seed)) first.set(seed, evals.accuracy[0]!);
        expect(evals.accuracy[0], `${record.comparison}, seed ${seed}`).toBe(first.get(seed));
      }
    }
  });

  test("that are damaged are refused with what to do", () => {
    const folder = temporaryFolder();
    expect(() => readRecords(folder)).toThrow(/--collect/);
    writeFileSync(recordPath(folder, "main"), '{"comparison": "main", "runs": 3}');
    expect(() => readRecords(folder)).toThrow(/main\.json: expected the record of a comparison/);
    writeFileSync(recordPath(folder, "main"), "{");
    expect(() => readRecords(folder)).toThrow(/main\.json/);
  });
});

describe("a verdict", () => {
  const interval = (low: number, high: number) => ({ mean: (low + high) / 2, low, high });
  const above = { is: "above", margin: 0.01 } as const;

  test("of more is for intervals above 0, and against those that leave no effect that counts", () => {
    expect(decide(interval(0.001, 0.004), above)).toBe("holds");
    expect(decide(interval(-0.02, 0.009), above)).toBe("does not hold here");
    expect(decide(interval(-0.02, 0.011), above)).toBe("cannot tell");
    expect(decide(interval(-0.3, -0.1), { is: "below", margin: 0 })).toBe("holds");
    expect(decide(interval(0.1, 0.3), { is: "below", margin: 0 })).toBe("does not hold here");
    expect(decide(interval(-0.1, 0.3), { is: "below", margin: 0 })).toBe("cannot tell");
  });

  test("of no difference is for narrow intervals about 0 alone", () => {
    const alike = { is: "alike", margin: 0.01 } as const;
    expect(decide(interval(-0.009, 0.009), alike)).toBe("holds");
    expect(decide(interval(-0.02, 0.02), alike)).toBe("cannot tell");
    expect(decide(interval(0.011, 0.02), alike)).toBe("does not hold here");
    expect(decide(interval(-0.03, -0.02), { is: "no worse", margin: 0.01 })).toBe("does not hold here");
    expect(decide(interval(-0.005, 0.5), { is: "no worse", margin: 0.01 })).toBe("holds");
  });

  test("of a share tells it from the other, and of a limit stays under it", () => {
    const share = { is: "about", value: 0.8, not: 1 } as const;
    expect(decide(interval(0.7, 0.9), share)).toBe("holds");
    expect(decide(interval(0.7, 1.1), share)).toBe("cannot tell");
    expect(decide(interval(0.9, 1.1), share)).toBe("does not hold here");
    expect(decide(interval(0, 0), { is: "under", limit: 0.01 })).toBe("holds");
    expect(decide(interval(0.5, 0.7), { is: "under", limit: 0.01 })).toBe("does not hold here");
  });

  test("is none of one seed or of none", () => {
    const open = { mean: 5, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
    const nothing = { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
    for (const expected of [above, { is: "about", value: 0.8, not: 1 }, { is: "under", limit: 1 }] as const) {
      expect(decide(open, expected)).toBe("cannot tell");
      expect(decide(nothing, expected)).toBe("cannot tell");
    }
  });

  test("of a claim holds where all of it does, and fails where any of it does", () => {
    expect(combined(["holds", "holds"])).toBe("holds");
    expect(combined(["holds", "cannot tell"])).toBe("cannot tell");
    expect(combined(["cannot tell", "does not hold here", "holds"])).toBe("does not hold here");
  });
});

describe("the way to a rate", () => {
  test("is found between evaluations, or not at all", () => {
    const run = (accuracy: number[]) => ({ evals: { accuracy } }) as Parameters<typeof reached>[0];
    expect(reached(run([0.3, 0.4, 0.5]), 0.45)).toBeCloseTo(1.5, 12);
    expect(reached(run([0.5, 0.6]), 0.45)).toBe(0);
    expect(reached(run([0.3, 0.4]), 0.45)).toBeUndefined();
  });
});

describe("collecting", () => {
  test("keeps of runs what they measured, and how far NFT and GRPO went apart", async () => {
    const { folder, options } = await tinyRun(24);
    const regime = join(folder, "regime.yaml");
    writeFileSync(
      regime,
      [
        ...[`model: ${options.model}`, `dataset: ${options.dataset}`, `eval_dataset: ${options.dataset}`],
        ...[`verifier: ${options.verifier}`, "prompts_per_step: 16", "num_generations: 4"],
        ...["max_completion_length: 16", "eval_steps: 10", "learning_rate: 1e-3", "threads: 1"],
      ].join("\n"),
    );
    const into = join(folder, "on-policy");
    const request = requestFor("on-policy", regime, into);
    const { methods } = request;
    const { results } = await compare({ ...request, seeds: 1 });
    const record: ComparisonRecord = await collect(into, regime);
    expect(record).toMatchObject({ comparison: "on-policy", evalProblems: 24, jobs: 2 });
    expect(record.runs.map(({ method, seed }) => [method, seed])).toEqual(methods.map((name) => [name, 42]));
    for (const [i, run] of record.runs.entries()) {
      const { steps, evals } = results.runs[i]!;
      expect(run.evals).toEqual(evals);
      const sum = (from: number, to: number) =>
        steps.tokens.slice(from, to).reduce<number>((a, b) => a + (b ?? 0), 0);
      expect(run.evals.step).toEqual([0, 10, 20]);
      expect(run.spent.tokens).toEqual([sum(0, 10), sum(10, 20)]);
      expect(run.trajectory!.answers).toHaveLength(20);
      expect(run.trajectory!.moved).toBeGreaterThan(0);
    }
    // what the claim C9 says, to a few roundings of float32
    const [[nft, grpo, rft]] = paired([record], ["nftOnce", "grpoOnce", "rftOnce"]) as [typeof record.runs];
    expect(stepsAlike(nft!, grpo!)).toBe(20);
    expect(nft!.trajectory!.apart[arms.grpoOnce.method]! / nft!.trajectory!.moved).toBeLessThan(0.01);
    expect(nft!.trajectory!.apart[arms.rftOnce.method]! / nft!.trajectory!.moved).toBeGreaterThan(0.05);
    expect(stepsAlike(nft!, rft!)).toBeLessThan(20);

    const out = temporaryFolder();
    writeFileSync(recordPath(out, "on-policy"), recordText(record));
    expect(readRecords(out)).toEqual([record]);

    writeFileSync(
      regime,
      readFileSync(regime, "utf8").replace("prompts_per_step: 16", "prompts_per_step: 17"),
    );
    await expect(collect(into, regime)).rejects.toThrow(/prompts_per_step/);
    await expect(collect(folder, regime)).rejects.toThrow(/one of main/);
  }, 300_000);
});

test("a claim has one verdict on the page, in the list and under its own heading", () => {
  const page = readFileSync("docs/evidence.md", "utf8");
  const list = [...page.matchAll(/^\| (C\d+) \| .* \| ([a-z ]+) \| \d+ \| \d+ \|$/gm)].map(
    ([, id, verdict]) => [id, verdict],
  );
  const own = page
    .split(/^## (?=C\d)/m)
    .slice(1)
    .map((section) => [/^C\d+/.exec(section)![0], /^\*\*Verdict: (.*)\.\*\*$/m.exec(section)![1]]);
  expect(list.length).toBeGreaterThan(0);
  expect(list).toEqual(own);
});
