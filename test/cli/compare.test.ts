import { expect, test } from "vitest";
import { readFlags } from "../../src/app/cli/arguments.ts";
import { command, requestOf } from "../../src/app/cli/commands/compare.ts";

const asked = (words: readonly string[]) => requestOf(readFlags("compare", command, words));

test("compare's own flags are told by -- or =, and a flag's value is left to it", () => {
  for (const word of ["quick", "jobs", "seeds"]) {
    const argv = ["--config", "examples/1-sums.yaml", "--output-dir", word];
    expect(asked(["nft", "rft", ...argv])).toEqual({
      methods: ["nft", "rft"],
      seeds: 3,
      jobs: 1,
      quick: false,
      argv,
    });
  }
  for (const words of [
    ["--quick", "--seeds", "4", "--jobs=2"],
    ["quick=true", "seeds=4", "jobs=2"],
  ])
    expect(asked(["nft", "--model", "m", ...words])).toMatchObject({ quick: true, seeds: 4, jobs: 2 });
});
