import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import protobuf from "protobufjs";
import { expect, test } from "vitest";
import { sft } from "../../src/index.ts";
import { crc32c } from "../../src/run/tensorboard.ts";
import { temporaryFolder } from "../models/files.ts";

const small = {
  model: "new",
  dataset: "pocket",
  evalDataset: "pocket",
  datasetSize: 32,
  evalDatasetSize: 8,
  hiddenSize: 16,
  intermediateSize: 32,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  numKeyValueHeads: 1,
  miniBatchSize: 8,
  evalSteps: 2,
  saveSteps: 2,
  threads: 1,
} as const;

/** The events of a file, with both checksums of each record held to its bytes. */
function eventsOf(path: string) {
  const { Event } = protobuf.parse(`syntax = "proto3";
    message Value { string tag = 1; float simple_value = 2; }
    message Summary { repeated Value value = 1; }
    message Log { int32 status = 1; }
    message Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; Log session_log = 7; }
  `).root.nested as Record<string, protobuf.Type>;
  const bytes = readFileSync(path);
  const events: { step: number; fileVersion?: string; summary?: { value: object[] }; sessionLog?: object }[] =
    [];
  const unmasked = (at: number) => {
    const rotated = (bytes.readUInt32LE(at) - 0xa282ead8) >>> 0;
    return ((rotated >>> 17) | (rotated << 15)) >>> 0;
  };
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(unmasked(at + 8)).toBe(crc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(unmasked(at + 12 + length)).toBe(crc32c(data));
    events.push(Event!.toObject(Event!.decode(data), { longs: Number }) as (typeof events)[number]);
    at += 16 + length;
  }
  return events;
}

test("CRC-32C is that of RFC 3720", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
});

test("a run reports to a table and to TensorBoard what its own lines say, also once it was resumed", async () => {
  const outputDir = join(temporaryFolder(), "run");
  await sft({ ...small, outputDir, maxSteps: 2, lrSchedulerType: "constant", reportTo: "all" });
  await sft({ resumeFromCheckpoint: outputDir, maxSteps: 4 });

  const lines = readFileSync(join(outputDir, "steps.jsonl"), "utf8").trim().split("\n");
  const steps = lines.map((line) => JSON.parse(line) as { step: number; metrics: Record<string, number> });
  const [head, ...rows] = readFileSync(join(outputDir, "steps.csv"), "utf8").trim().split("\n");
  const names = head!.split(",");
  const cells = rows.map((row) => Object.fromEntries(row.split(",").map((cell, i) => [names[i]!, cell])));
  expect(cells.map(({ step }) => step)).toEqual(["0", "1", "2", "3", "4"]);
  for (const { step, metrics } of steps)
    for (const [name, value] of Object.entries(metrics)) expect(Number(cells[step]![name])).toBe(value);
  expect(cells.filter((row) => row["val/loss"] !== "").map(({ step }) => step)).toEqual(["0", "2", "4"]);

  const files = readdirSync(outputDir).filter((name) => name.startsWith("events.out.tfevents."));
  const events = files.sort().flatMap((name) => eventsOf(join(outputDir, name)));
  expect(events[0]).toMatchObject({ fileVersion: "brain.Event:2" });
  expect(events.filter(({ sessionLog }) => sessionLog !== undefined)).toMatchObject([
    { step: 3, sessionLog: { status: 1 } },
  ]);
  for (const { step, metrics } of steps) {
    const told = events.find((event) => event.step === step && (event.summary?.value.length ?? 0) > 3);
    expect(told!.summary!.value).toEqual(
      Object.entries(metrics).map(([tag, value]) => ({ tag, simpleValue: Math.fround(value) })),
    );
  }
});

test("a run that is not asked to writes neither", async () => {
  const outputDir = join(temporaryFolder(), "run");
  await sft({ ...small, outputDir, maxSteps: 1 });
  expect(readdirSync(outputDir).filter((name) => /csv|tfevents/.test(name))).toEqual([]);
});
