/**
 * TensorBoard's event files: each step's metrics as scalars, appended as they come.
 *
 * A file is a row of records (length, data, both with a masked CRC-32C); a record is a protobuf Event. A resumed run
 * begins a file of its own, whose first event tells TensorBoard to forget what lies at later steps.
 */
import { appendFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import protobuf from "protobufjs";
import { asRunError } from "../files/disk-errors.ts";
import type { OnEvent } from "./events.ts";
import { evalMetrics } from "./report-to.ts";

/** The part of tensorflow/core/util/event.proto that scalars need. */
const { Event } = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: { type: "double", id: 1 },
        step: { type: "int64", id: 2 },
        fileVersion: { type: "string", id: 3 },
        summary: { type: "Summary", id: 5 },
        sessionLog: { type: "SessionLog", id: 7 },
      },
    },
    Summary: { fields: { value: { type: "Value", id: 1, rule: "repeated" } } },
    Value: { fields: { tag: { type: "string", id: 1 }, simpleValue: { type: "float", id: 2 } } },
    SessionLog: { fields: { status: { type: "int32", id: 1 } } },
  },
}).nested as Record<string, protobuf.Type>;

/** SessionLog.START. */
const START = 1;

/** Writes the event file of the run it hears. @throws RunError where it cannot be written */
export function tensorboardListener(): OnEvent {
  let path = "";
  const write = (event: object): void => {
    const data = Event!.encode(Event!.fromObject({ wallTime: Date.now() / 1000, ...event })).finish();
    try {
      appendFileSync(path, record(data));
    } catch (cause) {
      throw asRunError(cause, path);
    }
  };
  const scalars = (step: number, metrics: Readonly<Record<string, number>>): void => {
    const value = Object.entries(metrics).map(([tag, simpleValue]) => ({ tag, simpleValue }));
    write({ step, summary: { value } });
  };
  return (event) => {
    if (event.kind === "start") {
      const began = String(Math.floor(Date.now() / 1000)).padStart(10, "0");
      path = join(event.folder, `events.out.tfevents.${began}.${hostname()}.${process.pid}`);
      write({ fileVersion: "brain.Event:2" });
      if (event.resumedAt > 0) write({ step: event.resumedAt + 1, sessionLog: { status: START } });
    } else if (event.kind === "step" || event.kind === "sft-step") scalars(event.step, event.record.metrics);
    else if (event.kind === "eval") scalars(event.step, evalMetrics(event.record));
  };
}

/** A TFRecord: length (8 bytes), its CRC, the data, its CRC. */
function record(data: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, maskedCrc(length), data, maskedCrc(data)]);
}

function maskedCrc(data: Uint8Array): Buffer {
  const crc = crc32c(data);
  const masked = Buffer.alloc(4);
  masked.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return masked;
}

/** CRC-32C (Castagnoli); zlib's crc32 has another polynomial. */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}
