/** A user's own objective: the example in examples/ and modules that are wrong in one way each. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/errors.ts";
import { columnMeanings } from "../../src/loop/groups/columns.ts";
import { loadObjective } from "../../src/loop/objectives/load-objective.ts";
import { train } from "../../src/loop/train.ts";
import { tinyRun } from "../loop/tiny.ts";
import { evaluator } from "../theory/tabular.ts";

const columns = Object.keys(columnMeanings);
const example = fileURLToPath(new URL("../../examples/objective.ts", import.meta.url));

function write(text: string, name = "mine.mjs"): string {
  const path = join(mkdtempSync(join(tmpdir(), "errata-")), name);
  writeFileSync(path, text);
  return path;
}

async function fault(text: string): Promise<OptionError> {
  const error = await loadObjective(write(text), columns).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (error instanceof OptionError) return error;
  throw new Error(`expected an OptionError, got ${error}`);
}

describe("a user's own objective", () => {
  test("is loaded from TypeScript, named for its file and differentiated", async () => {
    const objective = await loadObjective(example, columns);
    expect(objective.name).toBe("objective");
    const row = { logp: [-1, -2], logpOld: [-1.5, -2], columns: { advantage: 2 } };
    const { loss, dlogp } = await (await evaluator(objective))([row]);
    expect(loss).toBeCloseTo(2 * 3 + 0.5 * 0.25, 12);
    expect(dlogp[0][0]).toBeCloseTo(-2 + 0.5, 12);
    expect(dlogp[0][1]).toBeCloseTo(-2, 12);
  });

  test("is read as CommonJS too, where its folder says nothing of modules", async () => {
    const text = "export default { columns: [], loss: ({ logp }, { neg }) => ({ loss: neg(logp) }) };";
    expect((await loadObjective(write(text, "mine.ts"), columns)).name).toBe("mine");
  });

  test("trains a model by its path", async () => {
    const { options } = await tinyRun();
    const { reason, folder } = await train({ ...options, objective: example, maxSteps: 1 });
    expect(reason).toBe("finished");
    const { readFileSync } = await import("node:fs");
    const [line] = readFileSync(join(folder, "steps.jsonl"), "utf8").split("\n");
    expect(JSON.parse(line).metrics["mine/leash"]).toBeGreaterThanOrEqual(0);
    expect(JSON.parse(line).metrics["actor/update_norm"]).toBeGreaterThan(0);
  });

  test.each([
    ["export const a = 1;", "no default export"],
    ["export default () => 1;", "a number"],
    ["export default { columns: [] };", "an object without them"],
    ["export default { columns: ['luck'], loss: () => ({}) };", "luck"],
    ["throw new Error('on purpose');", "on purpose"],
    ["export default { columns: [], loss: ({ logp }, { sum }) => ({ loss: sum(logp, 0) }) };", "f64 [1, T]"],
    ["export default { columns: [], loss: ({ logpOld }) => ({ loss: logpOld }) };", "no part in any output"],
    ["export default { columns: [], loss: () => { throw new TypeError('oops'); } };", "oops"],
  ])("that is not one says so: %s", async (text, said) => {
    const error = await fault(text);
    expect(error.got).toContain(said);
    expect(error.where).toMatch(/^objective .*mine\.mjs$/);
  });

  test("that is not there says so", async () => {
    await expect(loadObjective("./no/such.ts", columns)).rejects.toThrow(/a module that loads/);
  });
});
