/** Sampling held to a grammar, beside sampling that is held to nothing. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Network } from "../../src/engine/embedded/model-programs.ts";
import { score } from "../../src/engine/embedded/score.ts";
import type { Prompt, Sampling } from "../../src/engine/engine.ts";
import { type Constraint, GrammarBuilder } from "../../src/engine/grammar/grammar.ts";
import { canSpellWith, type Spelling } from "../../src/engine/grammar/spelling.ts";
import { TokenMasks } from "../../src/engine/grammar/token-masks.ts";
import { sample, smallConfig, smallNetwork, tokens } from "./small.ts";

/** Token 0 ends an answer, the others are the letters from A on. */
const EOS = [0];
const V = smallConfig.vocabSize;
const spelling: Spelling = {
  bytes: Uint8Array.from({ length: V - 1 }, (_, i) => 0x41 + i),
  ends: Int32Array.from({ length: V }, (_, id) => id),
};
const textOf = (ids: Int32Array) =>
  String.fromCharCode(...[...ids].filter((id) => id > 0).map((id) => 0x40 + id));

function heldTo(make: (build: GrammarBuilder) => number): Constraint {
  const build = new GrammarBuilder();
  return { grammar: build.finish(make(build), canSpellWith(spelling)).grammar, spelling };
}

let network: Network;
beforeAll(async () => {
  network = await smallNetwork();
});
afterAll(() => network.release());

const sampling: Sampling = { answers: 3, maxTokens: 12, temperature: 1, topP: 1, topK: 0, seed: 5, step: 0 };
const run = (prompts: readonly Prompt[], how: Partial<Sampling> = {}) => {
  const masks = new TokenMasks(spelling, V, EOS);
  return sample(network, prompts, { ...sampling, ...how }, 64, EOS, {}, ({ grammar }) =>
    masks.begin(grammar),
  );
};

const free: Prompt = { tokens: tokens(7, 1), key: 1 };
const other: Prompt = { tokens: tokens(7, 2), key: 2 };
/** As many letters as there is room for: answers end at the same time as without it where those do not end early. */
const letters = heldTo((build) => build.repeat(build.set([0x41, 0x43]), 12));
const words = heldTo((build) => build.words(["AB", "AC", "BCA"]));

test("what stands beside a constrained answer is the same to the bit", async () => {
  const endless = (prompts: readonly Prompt[]) =>
    sample(network, prompts, sampling, 64, [], {}, ({ grammar }) =>
      new TokenMasks(spelling, V, []).begin(grammar),
    );
  const [plain] = await endless([free, other]);
  const [beside, held] = await endless([free, { ...other, constraint: letters }]);
  expect(beside).toEqual(plain);
  for (const { tokens } of held!) expect(textOf(tokens)).toMatch(/^[ABC]{12}$/);
});

test.each([1, 0, 0.002, 3])(
  "at temperature %d answers are of the grammar, and end where it does",
  async (temperature) => {
    const [held] = await run([{ ...other, constraint: words }], { temperature, answers: 40 });
    for (const { tokens, stop } of held!) {
      expect(["AB", "AC", "BCA"]).toContain(textOf(tokens));
      expect([tokens.at(-1), stop]).toEqual([0, "eos"]);
    }
  },
);

test("top-k and top-p cut what is allowed, and never all of it", async () => {
  const [greedy] = await run([{ ...other, constraint: words }], { temperature: 0 });
  for (const cut of [{ topK: 1 }, { topP: 0 }]) {
    const [held] = await run([{ ...other, constraint: words }], cut);
    expect(held!.map(({ tokens }) => textOf(tokens))).toEqual(greedy!.map(({ tokens }) => textOf(tokens)));
  }
});

test("words come as often as the model has them among those that are allowed", async () => {
  const letters = heldTo((build) => build.words(["A", "C"]));
  const [held] = await run([{ ...other, constraint: letters }], { answers: 600 });
  const scores = await score(
    network,
    [1, 3].map((id) => ({ prompt: other.tokens, completion: Int32Array.of(id) })),
    1,
    64,
  );
  const [a, c] = scores.map(({ logps }) => Math.exp(logps[0]!));
  const share = held!.filter(({ tokens }) => tokens[0] === 1).length / 600;
  expect(share).toBeCloseTo(a! / (a! + c!), 1);
});

test("log-probs are those of the model among what is allowed", async () => {
  const [held] = await run([{ ...other, constraint: words }], { answers: 8 });
  const ids = [1, 2].map((id) => ({ prompt: other.tokens, completion: Int32Array.of(id) }));
  const [a, b] = (await score(network, ids, 1, 64)).map(({ logps }) => logps[0]!);
  const whole = Math.log(Math.exp(a!) + Math.exp(b!));
  for (const { tokens, logps } of held!) {
    expect(logps[0]).toBeCloseTo((tokens[0] === 1 ? a! : b!) - whole, 4);
    expect(logps.at(-1)).toBeCloseTo(0, 6);
  }
});

test("an answer that cannot go on ends as one that is cut off, the others as they would", async () => {
  // "~" is no token here
  const blocked = heldTo((build) =>
    build.sequence([build.literal("AB"), build.choice([build.literal("C"), build.literal("~")])]),
  );
  const nodes = blocked.grammar.nodes.map((node) =>
    node.kind === "literal" && node.bytes === "C" ? { ...node, bytes: "~" } : node,
  );
  const constraint = { ...blocked, grammar: { ...blocked.grammar, nodes, key: "blocked" } };
  const groups: number[] = [];
  const masks = new TokenMasks(spelling, V, EOS);
  const found = await sample(
    network,
    [
      { ...other, constraint },
      { ...other, key: 3, constraint: words },
    ],
    sampling,
    64,
    EOS,
    { onAnswers: (prompt) => groups.push(prompt) },
    ({ grammar }) => masks.begin(grammar),
  );
  expect(found[0]!.map(({ tokens, stop }) => [textOf(tokens), stop])).toEqual(
    Array(3).fill(["AB", "length"]),
  );
  expect(found[1]!.every(({ stop }) => stop === "eos")).toBe(true);
  expect(groups.toSorted()).toEqual([0, 1]);
});
