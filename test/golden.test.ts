/** Objectives against what the official NFT code and verl computed, through the script that anyone can run. */
import { expect, test } from "vitest";
import { checkGolden } from "../scripts/golden.ts";
import { describeShared } from "./shared.ts";

describeShared("golden/nft.jsonl", "NFT and RFT", (file) => {
  test("equal the paper's official loss and its gradients to 1e-9", async () => {
    const { rows, misses } = await checkGolden(file);
    expect(rows).toBeGreaterThan(0);
    expect(misses).toEqual([]);
  });
});

describeShared("golden/policy-gradient.jsonl", "GRPO, Dr. GRPO, DAPO, GSPO and CISPO", (file) => {
  test("equal verl's losses and their gradients to 1e-8", async () => {
    const { rows, misses } = await checkGolden(file);
    expect(rows).toBeGreaterThan(0);
    expect(misses).toEqual([]);
  });
});
