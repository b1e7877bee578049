/** An objective is made ready once, however many updates it gives the weights of. */
import { InferenceSession } from "onnxruntime-node";
import { expect, test, vi } from "vitest";
import { traceOnce } from "../../src/engine/objective-program.ts";
import { surrogateOf } from "../../src/engine/surrogate.ts";
import { nft } from "../../src/loop/objectives/nft.ts";

const example = (length: number) => ({
  ...{ prompt: Int32Array.of(1), completion: new Int32Array(length).fill(2) },
  ...{ logpsOld: new Float32Array(length).fill(-1), columns: { right: 0, solveRate: 0.5 } },
});

test("updates of any size by one objective have one program, and another objective its own", async () => {
  const created = vi.spyOn(InferenceSession, "create");
  const weightsOf = async (objective: ReturnType<typeof nft>, lengths: readonly number[]) => {
    const examples = lengths.map(example);
    const scores = lengths.map((length) => ({ logps: new Float32Array(length).fill(-1.5) }));
    const found = await surrogateOf(examples, scores, traceOnce(objective).program, 1, 1);
    return found.examples.map(({ tokenColumns }) => [...(tokenColumns?.weight ?? [])]);
  };
  const [objective, other] = [nft(), nft({ clampNegative: 0.5 })];
  expect(traceOnce(objective)).toBe(traceOnce(objective));
  const [one = []] = await weightsOf(objective, [1]);
  expect(one).toHaveLength(1);
  expect(created).toHaveBeenCalledTimes(1);
  expect(await weightsOf(objective, [1, 3])).toEqual([one, [...one, ...one, ...one]]);
  expect(created).toHaveBeenCalledTimes(1);
  await weightsOf(other, [2]);
  expect(created).toHaveBeenCalledTimes(2);
  created.mockRestore();
});
