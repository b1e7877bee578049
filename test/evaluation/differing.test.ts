import { describe, expect, test } from "vitest";
import { type Identity, shortName } from "../../src/commands/evaluation/fingerprint.ts";
import { difference, unlike } from "../../src/commands/evaluation/fingerprint-diff.ts";

const identity: Identity = {
  ...{ version: 1, model: "a", verifier: "./mine.mjs", verifierContent: "one" },
  ...{ temperature: 1, topP: 1, topK: 0, maxTokens: 40, seed: 0 },
  ...{ promptFormat: "chat", promptTemplate: "", systemPrompt: "" },
  sets: [{ name: "set", k: 1, problems: 3, data: "as tokens" }],
};
const otherSets = [{ name: "set", k: 1, problems: 3, data: "as other tokens" }];
/** What an evaluation kept before it kept the words of its prompts. */
const { promptFormat: _, promptTemplate: __, systemPrompt: ___, ...wordless } = identity;

describe("a comparison with another evaluation", () => {
  test("says where its problems were put otherwise", () => {
    const words: readonly (readonly [Partial<Identity>, string])[] = [
      [{ promptFormat: "raw" }, "prompt_format raw, here chat"],
      [{ promptTemplate: "Q: {problem}" }, 'prompt_template "Q: {problem}", here ""'],
      [{ systemPrompt: "Think.", topP: 0.9 }, 'top_p 0.9, here 1; system_prompt Think., here ""'],
      [{ verifierContent: "two" }, "another content of the verifier ./mine.mjs"],
      [{ verifier: "math", verifierContent: undefined }, "verifier math, here ./mine.mjs"],
    ];
    for (const [change, told] of words) expect(unlike(identity, { ...identity, ...change })).toBe(told);
  });

  test("says nothing where only the model differs, or where words were not kept", () => {
    expect(unlike(identity, { ...identity, model: "b", seed: 1 })).toBeUndefined();
    expect(unlike(identity, wordless)).toBeUndefined();
  });
});

describe("an evaluation that goes on", () => {
  test("is told by the words of its prompts where they changed what is asked, and by the problems elsewhere", () => {
    const now = { ...identity, sets: otherSets };
    expect(difference(identity, { ...now, systemPrompt: "Think." })).toBe('system_prompt Think. after ""');
    expect(difference(identity, now)).toBe("another set of problems");
    expect(difference(wordless, { ...now, systemPrompt: "Think." })).toBe("another set of problems");
  });

  test("is the same, in the same folder, where other words ask the same or none were kept", () => {
    const same = { ...identity, promptTemplate: "{problem}" };
    for (const before of [same, wordless]) {
      expect(difference(before, identity)).toBeUndefined();
      expect(shortName(before)).toBe(shortName(identity));
    }
  });
});
