import { describe, expect, test } from "vitest";
import { type OptionError, type TrainOptions, train } from "../../src/index.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";

async function said(options: object): Promise<string> {
  const fault = await train(options as TrainOptions).catch((thrown: OptionError) => thrown);
  return (fault as OptionError).message;
}

describe("a caller of the library", () => {
  test("is told of options by the names it writes, and of no flags", async () => {
    const given = { model: "pocket", dataset: "pocket" };
    for (const options of [
      { dataset: "pocket" },
      { ...given, learningRat: 1 },
      { ...given, maxSteps: -1 },
      { ...given, format: "gguf" },
      { ...given, temperature: 0 },
      { ...given, overlongBufferEnable: true, overlongBufferLen: 4096 },
      { ...given, evalTemperature: 0, evalNumGenerations: 8 },
    ]) {
      const message = await said(options);
      expect(message).not.toMatch(/--|errata (train|sft)\b/);
      // the names of algorithms and of files are values, and stay
      expect(message.replace(/dr_grpo|grpo_positive|w_reinforce|generation_config\.json/g, "")).not.toMatch(
        /[a-z]_[a-z]/,
      );
    }
    expect(await said({ dataset: "pocket" })).toMatch(/^train\(\): expected .*\n.*Add model/);
    expect(await said({ ...given, learningRat: 1 })).toContain("Did you mean learningRate?");
    expect(await said({ ...given, learningRat: 1 })).toContain("docs/options.md");
  });

  test("and what is typed keeps the words of the command", () => {
    expect(() => resolveOptions("train", { argv: ["max_step=3"] })).toThrow(/max_steps.*--help/s);
  });
});
