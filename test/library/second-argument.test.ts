import { describe, expect, test } from "vitest";
import { compare, doctor, evaluate, exportModel, type RunContext, sft, train } from "../../src/index.ts";

const options = { model: "nowhere", dataset: "nowhere", evalDataset: "nowhere", outputDir: "nowhere" };
const request = { methods: ["nft"], seeds: 1, jobs: 1, quick: true, argv: [] };

const verbs: Readonly<Record<string, (context: RunContext) => Promise<unknown>>> = {
  train: (context) => train(options, context),
  sft: (context) => sft(options, context),
  evaluate: (context) => evaluate(options, context),
  compare: (context) => compare(request, context as object),
  exportModel: (context) => exportModel(options, context),
  // biome-ignore lint/suspicious/noExplicitAny: refused before the options are read
  doctor: (context) => doctor(options as any, undefined, context),
};

describe("the second argument", () => {
  test.each(Object.entries(verbs))("of %s refuses a key that it does not know", async (name, call) => {
    const misspelt = { stop: AbortSignal.abort() } as RunContext;
    await expect(call(misspelt)).rejects.toThrow(
      new RegExp(`the second argument of ${name}\\(\\).*signal.*got stop`),
    );
  });

  test.each(Object.entries(verbs))("of %s refuses what is no signal and no function", async (_, call) => {
    const controller = new AbortController() as unknown as AbortSignal;
    await expect(call({ signal: controller })).rejects.toThrow(/an AbortSignal as signal, got object/);
    await expect(call({ onEvent: "print" } as unknown as RunContext)).rejects.toThrow(
      /a function as onEvent, got string/,
    );
    await expect(call(7 as unknown as RunContext)).rejects.toThrow(/an object, got a number/);
  });
});
