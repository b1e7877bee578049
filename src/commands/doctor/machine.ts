/**
 * The machine: what runs here, and how fast it multiplies at this moment.
 */
import { availableParallelism, cpus, loadavg } from "node:os";
import { env } from "onnxruntime-node";
import { memoryHere } from "../../engine/embedded/machine-memory.ts";
import { gemmSpeed } from "../../engine/onnx/gemm-speed.ts";
import { version } from "../../version.ts";
import { digits, type Finding, type OnFinding, size } from "./finding.ts";

/** GFLOP/s of one core below which something is amiss: an emulated processor, or one that others hold. */
const SLOW_CORE = 5;
/** Enough for a steady median, and over in a second or two on a slow machine. */
const PRODUCTS = 20;

/** @param threads  of the arithmetic, as the option says; 0 is one for each core */
export async function examineMachine(threads: number | undefined, tell: OnFinding): Promise<void> {
  const engine = env.versions.node ?? env.versions.common;
  tell({
    section: "machine",
    name: "versions",
    status: "ok",
    text: `errata ${version}, node ${process.version}, onnxruntime ${engine}, ${process.platform} ${process.arch}`,
  });
  tell(cores(threads));
  const { total, free } = memoryHere();
  tell({
    section: "machine",
    name: "memory",
    status: "ok",
    text: `${size(total)}, ${size(free)} of it free`,
    values: { totalBytes: total, freeBytes: free },
  });
  tell(arithmetic((await gemmSpeed(threads, PRODUCTS)).gflops, threads));
}

function cores(threads: number | undefined): Finding {
  const count = availableParallelism();
  const [busy = 0] = loadavg();
  const kind = cpus()[0]?.model.trim();
  const finding = {
    section: "machine",
    name: "cores",
    text: `${count}${kind ? ` (${kind})` : ""}${threads !== undefined ? `, threads ${threads}` : ""}, load ${busy.toFixed(1)}`,
    values: { cores: count, load: busy },
  } as const;
  if (threads !== undefined && threads > count) {
    return {
      ...finding,
      status: "note",
      next: `Threads beyond the cores wait for each other: set threads to ${count}, or leave it out.`,
    };
  }
  if (busy < count / 2) return { ...finding, status: "ok" };
  return {
    ...finding,
    status: "note",
    next: "Other programs compute here too, and what is measured below is what they leave. Ask again when they are done.",
  };
}

function arithmetic(gflops: number, threads: number | undefined): Finding {
  const used = threads !== undefined ? Math.min(threads, availableParallelism()) : availableParallelism();
  const finding = {
    section: "machine",
    name: "arithmetic",
    text: `${digits(gflops)} GFLOP/s, a product of 1024 × 1024 matrices`,
    values: { gflops },
  } as const;
  if (gflops >= SLOW_CORE * used) return { ...finding, status: "ok" };
  return {
    ...finding,
    status: "note",
    next: "That is slow for a processor: look for other programs that use it, or a power-saving mode.",
  };
}
