/** Objectives against what the official NFT code and verl computed, through the script that anyone can run. */
import { describe, expect, test } from "vitest";
import { checkGolden } from "../scripts/golden.ts";
import { golden } from "./shared.ts";

describe("NFT and RFT", () => {
  test("equal the paper's official loss and its gradients to 1e-9", async () => {
    const { rows, misses } = await checkGolden(golden("nft.jsonl"));
    expect(rows).toBeGreaterThan(0);
    expect(misses).toEqual([]);
  });
});

describe("GRPO, Dr. GRPO, DAPO, GSPO and CISPO", () => {
  test("equal verl's losses and their gradients to 1e-8", async () => {
    const { rows, misses } = await checkGolden(golden("policy-gradient.jsonl"));
    expect(rows).toBeGreaterThan(0);
    expect(misses).toEqual([]);
  });
});

describe("GRPO, Dr. GRPO, DAPO, GSPO and CISPO with rewards between 0 and 1", () => {
  test("equal float64 losses on dual numbers, and their gradients, to 1e-8", async () => {
    const { rows, misses } = await checkGolden(golden("policy-gradient-scores.jsonl"));
    expect(rows).toBe(60);
    expect(misses).toEqual([]);
  });
});
