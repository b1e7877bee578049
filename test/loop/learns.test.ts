import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { train } from "../../src/loop/train.ts";
import type { StepRecord } from "../../src/run/records.ts";
import { tinyRun } from "./tiny.ts";

describe.each(["nft", "rft"] as const)("%s", (algorithm) => {
  test("teaches a model of random weights to finish its answers, from right and wrong alone", async () => {
    const { folder, options } = await tinyRun();
    const checks: string[] = [];
    const { evals, reason } = await train(
      {
        ...options,
        algorithm,
        evalDataset: options.dataset!,
        evalNumGenerations: 4,
        maxSteps: 20,
        learningRate: 5e-3,
      },
      { onEvent: (event) => event.kind === "check" && checks.push(event.name) },
    );
    const rates = evals.map((record) => (record.kind === "solve" ? record.avgAtK.mean : Number.NaN));
    expect(rates[0]).toBeLessThan(0.4);
    expect(rates.at(-1)).toBeGreaterThan(0.9);
    const last = evals.at(-1)!;
    expect(last.kind === "solve" && last.sinceStart!.low).toBeGreaterThan(0.4);
    expect(reason).toMatch(/finished|nothing-to-learn/);
    expect(checks).toEqual(["gold answers", "ratio", "weights", "checkpoint"]);
    rmSync(folder, { recursive: true });
  });
});

describe("a step's metrics", () => {
  test("have the field's names, and no key for what was not measured", async () => {
    const { folder, options } = await tinyRun();
    await train({ ...options, maxSteps: 1, numIterations: 2, lossAgg: "token-mean" });
    const { metrics } = JSON.parse(
      readFileSync(join(options.outputDir!, "steps.jsonl"), "utf8"),
    ) as StepRecord;
    expect(Object.keys(metrics).filter((key) => !key.startsWith("nft/"))).toEqual([
      ...[
        "train/global_step",
        "train/epoch",
        "train/num_rollouts",
        "train/num_tokens",
        "train/acc_all",
        "train/acc_selected",
      ],
      ...[
        "train/num_gen_batches",
        "groups/sampled",
        "groups/kept",
        "groups/solved_none",
        "groups/solved_some",
      ],
      ...[
        "groups/solved_all",
        "groups/effective_ratio",
        "groups/answers_per_kept",
        "groups/solved_some/low",
        "groups/solved_some/middle",
      ],
      ...["groups/solved_some/high", "perf/tokens", "perf/tokens_discarded"],
      ...["groups/solve_rate/mean", "groups/solve_rate/min"],
      ...["groups/solve_rate/max", "response_length/mean", "response_length/min", "response_length/max"],
      ...["response_length/clip_ratio", "stop_reason/eos", "stop_reason/length"],
      ...["response_length/right", "response_length/wrong", "response_alike/right", "response_alike/wrong"],
      "verifier/error_rate",
      ...["prompt_length/mean", "prompt_length/min", "prompt_length/max", "actor/loss", "actor/grad_norm"],
      ...[
        "actor/grad_norm/max",
        "actor/update_norm",
        "actor/entropy",
        "actor/lr",
        "actor/updates",
        "actor/answers",
      ],
      ...[
        "sampling/logp_difference/mean",
        "sampling/logp_difference/max",
        "perf/flops",
        ...["perf/flops/gen", "perf/flops/old_log_prob", "perf/flops/update_actor"],
        "timing_s/gen",
        "timing_s/verify",
      ],
      ...[
        "timing_s/old_log_prob",
        "timing_s/update_actor",
        "timing_s/token_records",
        "timing_s/step",
        "perf/throughput",
        "perf/max_memory_gb",
      ],
    ]);
    expect(metrics["actor/updates"]).toBe(4);
    expect(metrics["perf/flops/old_log_prob"]).toBeGreaterThan(0);
    // forward and twice as much backward
    expect(metrics["perf/flops/update_actor"]! / metrics["perf/flops/old_log_prob"]!).toBeGreaterThan(2.5);
    expect(
      metrics["groups/solved_none"]! + metrics["groups/solved_some"]! + metrics["groups/solved_all"]!,
    ).toBeCloseTo(1);
    rmSync(folder, { recursive: true });
  });
});
