import { expect, test } from "vitest";
import { holdOut } from "../../src/loop/problems/hold-out.ts";
import { loadProblems } from "../../src/loop/problems/load.ts";

const data = {
  name: "d",
  problems: Array.from({ length: 50 }, (_, i) => ({ id: `${i}`, prompt: `What is ${i}?`, answer: `${i}` })),
  notices: ["one row is left out"],
  leftOut: [{ where: "d", what: "line 3", because: "has no answer" }],
};
const prompts = (set: { readonly problems: readonly { readonly prompt: unknown }[] }) =>
  set.problems.map(({ prompt }) => prompt);

test("a share is held out, and no problem is on both sides or on none", () => {
  const { dataset, held } = holdOut(data, 0.3, 42);
  expect(held.problems).toHaveLength(15);
  expect(dataset.problems).toHaveLength(35);
  expect([...prompts(dataset), ...prompts(held)].sort()).toEqual(prompts(data).sort());
  expect(dataset).toMatchObject({ name: "d", notices: data.notices, leftOut: data.leftOut });
  expect(held).toMatchObject({ notices: [], leftOut: [] });
});

test("the seed chooses them, wherever they stand, and both sides keep their order", () => {
  const { held } = holdOut(data, 0.3, 42);
  const turned = holdOut({ ...data, problems: [...data.problems].reverse() }, 0.3, 42);
  expect(prompts(turned.held)).toEqual(prompts(held).reverse());
  expect(prompts(holdOut(data, 0.3, 43).held)).not.toEqual(prompts(held));
});

test("rows that ask the same go together", () => {
  const twice = { ...data, problems: data.problems.flatMap((one) => [one, { ...one, answer: "other" }]) };
  const { dataset, held } = holdOut(twice, 0.3, 42);
  expect(held.problems).toHaveLength(30);
  expect(prompts(held).filter((prompt) => prompts(dataset).includes(prompt))).toEqual([]);
});

test("one problem at least is on each side, and one alone cannot be parted", () => {
  const two = { ...data, problems: data.problems.slice(0, 2) };
  expect(holdOut(two, 0.001, 1).held.problems).toHaveLength(1);
  expect(holdOut(two, 0.9, 1).dataset.problems).toHaveLength(1);
  expect(() => holdOut({ ...data, problems: data.problems.slice(0, 1) }, 0.5, 1)).toThrow(
    /two different problems or more/,
  );
});

test("a generator's problems are parted as a file's are", async () => {
  const made = await loadProblems("pocket", {
    ...{ size: 20, generatedSize: 20, split: "train", seed: 1, need: "answer" },
  } as Parameters<typeof loadProblems>[1]);
  expect(holdOut(made, 0.25, 1).held.problems).toHaveLength(5);
});
