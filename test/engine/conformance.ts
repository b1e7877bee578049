/**
 * What any engine owes (`engine.ts`), as clauses that hold one to it: a way to open it goes in, tests come out.
 *
 * An engine is held to its own facts: to the bit where it says it is deterministic, else to its tolerance. What an
 * update did is seen from outside alone, in its report and in the log-probs that follow.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Completion, Engine, EngineOptions, Example, Score, Step } from "../../src/engine/engine.ts";
import { GrammarBuilder } from "../../src/engine/grammar/grammar.ts";
import { canSpellWith } from "../../src/engine/grammar/spelling.ts";
import type { Objective } from "../../src/engine/objective.ts";
import { traceObjective } from "../../src/engine/objective-program.ts";
import { surrogate, surrogateOf } from "../../src/engine/surrogate.ts";
import { ContextError, EngineError } from "../../src/errors.ts";
import { nft } from "../../src/loop/objectives/nft.ts";

/** Opens the engine anew, with the same weights each time: random ones will do. */
export type Open = (cut?: Pick<EngineOptions, "microBatchTokens" | "maxAnswersInFlight">) => Promise<Engine>;

export interface Clause {
  readonly name: string;
  readonly holds: (open: Open) => Promise<void>;
}

const LENGTHS = [3, 9, 1, 6];
const prompts = LENGTHS.map((length, key) => ({
  tokens: Int32Array.from({ length }, (_, t) => 3 + ((5 * key + 3 * t) % 20)),
  key,
}));
const sampling = {
  ...{ answers: 3, maxTokens: 12, temperature: 1, topP: 1, topK: 0 },
  ...{ seed: 42, step: 3 },
};
const objective = nft({ clampNegative: 0.5 });
/** ε far above the gradient: the step is then as smooth as the gradient, and small differences stay small. */
const STEP: Omit<Step, "number"> = {
  ...{ learningRate: 0.3, weightDecay: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1 },
  ...{ maxGradNorm: Number.POSITIVE_INFINITY, lossScale: 10, temperature: 1 },
};
/** Cut as small as it goes. */
const SMALL = { microBatchTokens: 1, maxAnswersInFlight: 1 };

const sequencesOf = (groups: readonly (readonly Completion[])[]) =>
  groups.flatMap((answers, p) =>
    answers.map(({ tokens }) => ({ prompt: prompts[p].tokens, completion: tokens })),
  );

/** Of sampled answers; log-probs somewhat off, so that no ratio is 1. */
const examplesOf = (groups: readonly (readonly Completion[])[]): Example[] =>
  groups.flatMap((answers, p) =>
    answers.map(({ tokens, logps }, i) => ({
      prompt: prompts[p].tokens,
      completion: tokens,
      logpsOld: logps.map((logp, t) => logp + 0.2 * Math.sin(7 * i + t)),
      columns: { right: i % 2, solveRate: 1 / 3 },
    })),
  );

const update = (engine: Engine, examples: readonly Example[], by: Objective = objective, step = STEP) =>
  engine.update(examples, by, { ...step, number: engine.updates + 1 });

/** Nats: the largest difference of a log-prob. */
function apart(a: readonly Pick<Score, "logps">[], b: readonly Pick<Score, "logps">[]): number {
  expect(a.map(({ logps }) => logps.length)).toEqual(b.map(({ logps }) => logps.length));
  const all = a.flatMap(({ logps }, i) => [...logps].map((logp, t) => Math.abs(logp - b[i].logps[t])));
  return all.some(Number.isNaN) ? Number.NaN : Math.max(...all);
}

/** To the bit or within the tolerance, as the engine says of itself. */
function expectSame({ facts }: Engine, a: readonly Pick<Score, "logps">[], b: typeof a, what: string): void {
  if (facts.deterministic)
    expect(
      a.map(({ logps }) => [...logps]),
      what,
    ).toEqual(b.map(({ logps }) => [...logps]));
  else expect(apart(a, b), what).toBeLessThanOrEqual(facts.logpTolerance);
}

async function withEngines(opened: readonly Promise<Engine>[], work: (engines: Engine[]) => Promise<void>) {
  const engines = await Promise.all(opened);
  try {
    await work(engines);
  } finally {
    for (const engine of engines) await engine.close();
  }
}

const tokensOf = (groups: readonly (readonly Completion[])[]) =>
  groups.map((answers) => answers.map(({ tokens }) => tokens.join()));

export const clauses: readonly Clause[] = [
  {
    name: "scoring finds the log-probs and entropies that sampling drew with",
    holds: (open) =>
      withEngines([open()], async ([engine]) => {
        const { onlyTemperature } = engine.facts;
        for (const temperature of onlyTemperature === undefined ? [1, 0.7] : [onlyTemperature]) {
          const groups = await engine.sample(prompts, { ...sampling, temperature });
          const scores = await engine.score(sequencesOf(groups), temperature);
          expect(apart(groups.flat(), scores)).toBeLessThanOrEqual(engine.facts.logpTolerance);
          groups
            .flat()
            .forEach(({ entropies }, i) =>
              entropies?.forEach((nats, t) =>
                expect(Math.abs(nats - scores[i].entropies![t])).toBeLessThanOrEqual(
                  engine.facts.logpTolerance,
                ),
              ),
            );
        }
      }),
  },
  {
    name: "answers end with an end token or by length, and are as many as asked for",
    holds: (open) =>
      withEngines([open()], async ([engine]) => {
        const groups = await engine.sample(prompts, sampling);
        expect(groups.map((answers) => answers.length)).toEqual(prompts.map(() => sampling.answers));
        for (const { tokens, stop } of groups.flat()) {
          const ends = [...tokens].map((token) => engine.facts.eosIds.includes(token));
          expect(ends.slice(0, -1)).not.toContain(true);
          expect(ends.at(-1)).toBe(stop === "eos");
          if (stop === "length") expect(tokens.length).toBe(sampling.maxTokens);
        }
      }),
  },
  {
    name: "answers are held to a grammar where the engine says that they can be, and refused where not",
    holds: (open) =>
      withEngines([open()], async ([engine]) => {
        const { vocabulary, eosIds, constraints } = engine.facts;
        // the first tokens that end nothing are letters, the others are no text
        const letters = Array.from({ length: vocabulary }, (_, id) => id).filter(
          (id) => !eosIds.includes(id),
        );
        const isLetter = (id: number) => letters.indexOf(id) >= 0 && letters.indexOf(id) < 26;
        let end = 0;
        const ends = Int32Array.from({ length: vocabulary }, (_, id) => (isLetter(id) ? ++end : end));
        const spelling = { bytes: Uint8Array.from({ length: 26 }, (_, i) => 0x41 + i), ends };
        const build = new GrammarBuilder();
        const { grammar } = build.finish(build.repeat(build.set([0x41, 0x43]), 2, 3), canSpellWith(spelling));
        const asked = engine.sample([{ ...prompts[0], constraint: { grammar, spelling } }], sampling);
        if (constraints !== true) return expect(asked).rejects.toThrow(/a prompt with a constraint/);
        for (const { tokens, stop } of (await asked)[0]) {
          expect(stop).toBe("eos");
          const said = [...tokens.slice(0, -1)].map((id) => letters.indexOf(id));
          expect([2, 3]).toContain(said.length);
          expect(said.every((letter) => letter >= 0 && letter < 3)).toBe(true);
        }
      }),
  },
  {
    name: "groups are heard as they end, each once and as returned, and tokens in order before them",
    holds: (open) =>
      withEngines([open({ maxAnswersInFlight: sampling.answers })], async ([engine]) => {
        const groups = new Map<number, readonly Completion[]>();
        const tokens = prompts.map(() => Array.from({ length: sampling.answers }, (): number[] => []));
        const returned = await engine.sample(prompts, sampling, {
          onTokens: (heard) => {
            for (const { prompt, answer, token } of heard) {
              expect(groups.has(prompt)).toBe(false);
              tokens[prompt][answer].push(token);
            }
          },
          onGroup: (prompt, answers) => {
            expect(groups.has(prompt)).toBe(false);
            expect(answers.map((each) => [...each.tokens])).toEqual(tokens[prompt]);
            groups.set(prompt, answers);
          },
        });
        expect(prompts.map((_, p) => groups.get(p))).toEqual(returned);
      }),
  },
  {
    name: "answers and scores are the same each time, where that is promised",
    holds: (open) =>
      withEngines([open(), open()], async ([one, other]) => {
        if (!one.facts.deterministic) return;
        const [first, again, elsewhere] = [
          await one.sample(prompts, sampling),
          await one.sample(prompts, sampling),
          await other.sample(prompts, sampling),
        ];
        expect(again).toEqual(first);
        expect(elsewhere).toEqual(first);
        expect(await one.score(sequencesOf(first), 1)).toEqual(await other.score(sequencesOf(first), 1));
      }),
  },
  {
    name: "neither answers nor scores depend on what is beside them",
    holds: (open) =>
      withEngines([open(), open(SMALL)], async ([engine, small]) => {
        const groups = await engine.sample(prompts, sampling);
        if (engine.facts.deterministic) {
          expect(tokensOf(await small.sample(prompts, sampling))).toEqual(tokensOf(groups));
          const [last] = await engine.sample(prompts.slice(-1), sampling);
          expect(tokensOf([last])).toEqual(tokensOf(groups.slice(-1)));
        }
        const sequences = sequencesOf(groups);
        const together = await engine.score(sequences, 1);
        const alone: Score[] = [];
        for (const sequence of sequences) alone.push(...(await engine.score([sequence], 1)));
        expect(apart(together, alone)).toBeLessThanOrEqual(engine.facts.logpTolerance);
        expect(apart(together, await small.score(sequences, 1))).toBeLessThanOrEqual(
          engine.facts.logpTolerance,
        );
      }),
  },
  {
    name: "an update moves the weights as its objective says, and does not depend on the cut",
    holds: (open) =>
      withEngines([open(), open(SMALL)], async ([engine, small]) => {
        const groups = await engine.sample(prompts, sampling);
        const [examples, sequences] = [examplesOf(groups), sequencesOf(groups)];
        const before = await engine.score(sequences, 1);
        const [report, cut] = [await update(engine, examples), await update(small, [...examples].reverse())];
        const after = await engine.score(sequences, 1);
        expect(apart(after, before)).toBeGreaterThan(10 * engine.facts.logpTolerance);
        expect(apart(after, await small.score(sequences, 1))).toBeLessThanOrEqual(engine.facts.logpTolerance);
        expect(cut.loss).toBeCloseTo(report.loss, 4);
        if (report.gradNorm !== undefined) expect(cut.gradNorm! / report.gradNorm).toBeCloseTo(1, 3);
        expect(report.tokens).toBe(sequences.reduce((sum, { completion }) => sum + completion.length, 0));
        const again = await update(engine, examples);
        expect(again.loss).toBeLessThan(report.loss);
      }),
  },
  {
    name: "the surrogate of an objective has the objective's gradient",
    holds: (open) =>
      withEngines([open(), open()], async ([engine, other]) => {
        const groups = await engine.sample(prompts, sampling);
        const examples = examplesOf(groups);
        const traced = traceObjective(objective);
        const { examples: weighted } = await surrogateOf(examples, groups.flat(), traced, STEP.lossScale, 1);
        const direct = await update(engine, examples);
        const through = await update(other, weighted, surrogate, { ...STEP, lossScale: 1 });
        if (direct.gradNorm !== undefined) expect(through.gradNorm! / direct.gradNorm).toBeCloseTo(1, 2);
        const sequences = sequencesOf(groups);
        expect(apart(await engine.score(sequences, 1), await other.score(sequences, 1))).toBeLessThanOrEqual(
          engine.facts.logpTolerance,
        );
      }),
  },
  {
    name: "a token whose mask is 0 is learnt as one whose weight is 0",
    holds: (open) =>
      withEngines([open(), open()], async ([engine, other]) => {
        const groups = await engine.sample(prompts, { ...sampling, answers: 2 });
        const isOut = (t: number, length: number) => length > 1 && t % 3 === 0;
        const made = sequencesOf(groups).map((sequence) => {
          const { length } = sequence.completion;
          const weight = Float32Array.from({ length }, (_, t) => Math.sin(1 + t));
          const mask = Uint8Array.from({ length }, (_, t) => (isOut(t, length) ? 0 : 1));
          const example = { ...sequence, logpsOld: new Float32Array(length), columns: {} };
          const weightless = weight.map((value, t) => (mask[t] === 1 ? value : 0));
          return [
            { ...example, mask, tokenColumns: { weight } },
            { ...example, tokenColumns: { weight: weightless } },
          ] as const;
        });
        const masked = await update(
          engine,
          made.map(([one]) => one),
          surrogate,
        );
        await update(
          other,
          made.map(([, one]) => one),
          surrogate,
        );
        expect(masked.tokens).toBe(made.reduce((sum, [{ mask }]) => sum + mask.filter(Boolean).length, 0));
        const sequences = sequencesOf(groups);
        const scores = await engine.score(sequences, 1);
        expectSame(engine, scores, await other.score(sequences, 1), "after an update");
      }),
  },
  {
    name: "what is aborted rejects with the signal's reason and changes nothing",
    holds: (open) =>
      withEngines([open(SMALL)], async ([engine]) => {
        const groups = await engine.sample(prompts, sampling);
        const [examples, sequences] = [examplesOf(groups), sequencesOf(groups)];
        const before = await engine.score(sequences, 1);
        const reason = new Error("enough");
        const signal = AbortSignal.abort(reason);
        const folder = join(tmpdir(), "an-aborted-save");
        const step = { ...STEP, number: engine.updates + 1 };
        await expect(engine.sample(prompts, sampling, { signal })).rejects.toBe(reason);
        await expect(engine.score(sequences, 1, { signal })).rejects.toBe(reason);
        await expect(engine.update(examples, objective, step, { signal })).rejects.toBe(reason);
        await expect(engine.save(folder, { signal })).rejects.toBe(reason);
        await expect(engine.load(folder, { signal })).rejects.toBe(reason);
        // under way it ends where the abort comes in time; either way it is made wholly or not at all
        const late = new AbortController();
        const made = await engine
          .update(examples, objective, step, {
            signal: late.signal,
            onProgress: () => late.abort(reason),
          })
          .catch((cause: unknown) => {
            expect(cause).toBe(reason);
            return undefined;
          });
        expect(engine.updates).toBe(made === undefined ? 0 : 1);
        const after = await engine.score(sequences, 1);
        if (made === undefined) expectSame(engine, after, before, "after an abort");
        else expect(apart(after, before)).toBeGreaterThan(engine.facts.logpTolerance);
      }),
  },
  {
    name: "an update is made once: asked again it gives its report, and any number but the next is refused",
    holds: (open) =>
      withEngines([open()], async ([engine]) => {
        const groups = await engine.sample(prompts, sampling);
        const [examples, sequences] = [examplesOf(groups), sequencesOf(groups)];
        const ask = (number: number, given = examples) =>
          engine.update(given, objective, { ...STEP, number });
        await expect(ask(2)).rejects.toThrow(EngineError);
        const report = await ask(1);
        const after = await engine.score(sequences, 1);
        expect(await ask(1)).toEqual(report);
        for (const wrong of [ask(0), ask(3), ask(1, examples.slice(1))])
          await expect(wrong).rejects.toThrow(EngineError);
        expect(engine.updates).toBe(1);
        expectSame(engine, await engine.score(sequences, 1), after, "after being asked again");
        await ask(2);
        expect(engine.updates).toBe(2);
      }),
  },
  {
    name: "what cannot be computed is refused, and leaves weights and optimizer as they were",
    holds: (open) =>
      withEngines([open()], async ([engine]) => {
        const groups = await engine.sample(prompts, sampling);
        const [examples, sequences] = [examplesOf(groups), sequencesOf(groups)];
        const before = await engine.score(sequences, 1);
        const { vocabulary, contextLength } = engine.facts;
        const [prompt] = prompts;
        const unknown = { prompt: prompt.tokens, completion: Int32Array.of(vocabulary) };
        const long = { prompt: prompt.tokens, completion: new Int32Array(contextLength) };
        await expect(engine.score([unknown], 1)).rejects.toThrow(EngineError);
        await expect(engine.score([long], 1)).rejects.toThrow(ContextError);
        await expect(engine.sample([prompt], { ...sampling, maxTokens: contextLength })).rejects.toThrow(
          ContextError,
        );
        await expect(update(engine, examples, objective, { ...STEP, lossScale: 0 })).rejects.toThrow(
          EngineError,
        );
        await expect(update(engine, [])).rejects.toThrow(EngineError);
        await expect(update(engine, [{ ...examples[0], columns: {} }])).rejects.toThrow(EngineError);
        expect(engine.updates).toBe(0);
        expectSame(engine, await engine.score(sequences, 1), before, "after refusals");
      }),
  },
  {
    name: "a checkpoint brings back the weights, and the optimizer with its moments and its count",
    holds: (open) =>
      withEngines([open(), open()], async ([engine, other]) => {
        const folder = mkdtempSync(join(tmpdir(), "errata-conformance-"));
        try {
          const groups = await engine.sample(prompts, sampling);
          const [examples, sequences] = [examplesOf(groups), sequencesOf(groups)];
          // moments that matter: a small ε, as in training
          const step = { ...STEP, learningRate: 1e-2, epsilon: 1e-8 };
          await update(engine, examples, objective, step);
          await update(engine, examples.slice(0, 3), objective, step);
          await engine.save(folder);
          await other.load(folder);
          expect(other.updates).toBe(2);
          const [here, there] = [await engine.score(sequences, 1), await other.score(sequences, 1)];
          expectSame(engine, there, here, "loaded");
          for (const one of [engine, other]) await update(one, examples, objective, step);
          const [went, followed] = [await engine.score(sequences, 1), await other.score(sequences, 1)];
          expect(apart(went, here)).toBeGreaterThan(10 * engine.facts.logpTolerance);
          expectSame(engine, followed, went, "after the next update");
        } finally {
          rmSync(folder, { recursive: true });
        }
      }),
  },
];

/** Registers a test for each clause. */
export function holdsToItsContract(name: string, open: Open): void {
  describe(name, () => {
    test.each(clauses)("$name", ({ holds }) => holds(open), 120_000);
  });
}
