/** tokens.jsonl: what the engine computed of each token of a few groups, and what the step came to. */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { pushUnder } from "../../src/commands/watch/pushes.ts";
import { traceObjective } from "../../src/engine/objective-program.ts";
import { surrogateOf } from "../../src/engine/surrogate.ts";
import { gather } from "../../src/loop/collect-groups.ts";
import { sequenceOf } from "../../src/loop/groups/examples.ts";
import { makeObjective } from "../../src/loop/objectives/objectives.ts";
import { learn } from "../../src/loop/policy-update.ts";
import { openTraining, type TrainSession } from "../../src/loop/session/train-session.ts";
import { tokenRecords } from "../../src/loop/token-records.ts";
import type { TokenRecord } from "../../src/run/records.ts";
import { tinyRun } from "./tiny.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let folder: string;
let session: TrainSession;
let found: { records: TokenRecord[]; before: ReadonlyMap<string, Float32Array> };
/** Two passes over two mini-batches. */
beforeAll(async () => {
  const tiny = await tinyRun();
  folder = tiny.folder;
  session = await openTraining({ ...tiny.options, numIterations: 2, loggedGroups: 2 }, {});
  const gathered = (await gather(session, 1, 0))!;
  const rollouts = gathered.kept.flatMap((group) => group.rollouts.map(({ rollout }) => rollout));
  const scores = await session.engine.score(rollouts.map(sequenceOf), 1);
  const before = new Map(rollouts.map((one, i) => [`${one.problem.id} ${one.index}`, scores[i]!.logps]));
  const learnt = await learn(session, gathered.kept, 1);
  found = { records: await tokenRecords(session, 1, gathered, learnt.rollouts), before };
});
afterAll(async () => {
  await session.close();
  rmSync(folder, { recursive: true });
});

const close = (a: readonly number[], b: ArrayLike<number>, digits = 4) =>
  a.forEach((value, t) => expect(value).toBeCloseTo(b[t]!, digits));

describe("a token record", () => {
  test("has its group's answers with their text, token by token, and the log-probs before and after the step", async () => {
    expect(found.records).toHaveLength(2);
    for (const { problem, answers } of found.records) {
      expect(new Set(answers.map(({ verdict }) => verdict))).toEqual(new Set(["right", "wrong"]));
      const prompt = session.problems.asked.find((one) => one.problem.id === problem)!.tokens;
      const sequences = answers.map(({ tokens }) => ({ prompt, completion: Int32Array.from(tokens) }));
      const after = await session.engine.score(sequences, 1);
      answers.forEach((answer, i) => {
        expect(answer.pieces.join("")).toBe(session.tokenizer.decode(sequences[i]!.completion));
        expect(answer.pieces).toHaveLength(answer.tokens.length);
        close(answer.logpsOld, found.before.get(`${problem} ${answer.index}`)!);
        close(answer.logpsAfter, after[i]!.logps);
        expect(
          Math.max(...answer.logpsAfter.map((logp, t) => Math.abs(logp - answer.logpsOld[t]!))),
        ).toBeGreaterThan(0.01);
      });
    }
  });

  test("has of each update the push that its objective's own code gives at the log-probs of then", async () => {
    for (const { answers, lossScale } of found.records)
      for (const pass of [0, 1]) {
        const examples = answers.map(({ tokens, logpsOld, columns }) => ({
          ...{ prompt: Int32Array.of(0), completion: Int32Array.from(tokens) },
          ...{ logpsOld: Float32Array.from(logpsOld), columns },
        }));
        const scores = answers.map(({ updates }) => ({ logps: Float32Array.from(updates![pass]!.logps) }));
        const traced = traceObjective(makeObjective("nft"));
        const expected = await surrogateOf(examples, scores, traced, lossScale, 1);
        answers.forEach(({ updates }, i) => {
          const { weight } = expected.examples[i]!.tokenColumns!;
          updates![pass]!.push.forEach((push, t) =>
            expect(Math.abs(push - weight![t]!)).toBeLessThan(1e-4 * Math.abs(weight![t]!) + 1e-12),
          );
        });
      }
  });

  test("is of the groups whose wrong answer was pushed down most", () => {
    const sums = found.records.map(({ answers }) =>
      Math.max(
        ...answers
          .filter(({ verdict }) => verdict === "wrong")
          .map(({ updates }) => updates![0]!.push.reduce((sum, push) => sum + push, 0)),
      ),
    );
    expect(sums[0]).toBeGreaterThan(0);
    expect(sums[0]).toBeGreaterThanOrEqual(sums[1]!);
  });

  test("tells what other algorithms would have pushed, and under its own what it was pushed", async () => {
    const [record] = found.records as [TokenRecord];
    const under = await pushUnder(record, ["nft", "rft", "grpo", "dapo"]);
    record.answers.forEach(({ verdict, updates, tokens }, i) => {
      close(
        under.nft![i]!.map((push) => 1e4 * push),
        updates![0]!.push.map((push) => 1e4 * push),
        2,
      );
      expect(under.rft![i]!.every((push) => (verdict === "right" ? push < 0 : push === 0))).toBe(true);
      for (const name of ["grpo", "dapo"])
        expect(under[name]![i]!.every((push) => (verdict === "right" ? push < 0 : push > 0))).toBe(true);
      expect(under.dapo![i]).toHaveLength(tokens.length);
    });
  });
});
