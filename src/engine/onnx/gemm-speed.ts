/**
 * The machine's own speed: one product of 1024 × 1024 matrices, as fast as the runtime makes it here and now.
 */
import { gather, matmul } from "../../autodiff/ops.ts";
import { input } from "../../autodiff/tensor.ts";
import { compile } from "./run.ts";

const SIZE = 1024;
/** The first products wait for threads and memory. */
const WARM_UP = 10;

export interface GemmSpeed {
  /** GFLOP/s on the clock, of the median product. */
  readonly gflops: number;
  /** GFLOP per second of the processor, all threads together: what other programs beside it take away the least. */
  readonly perProcessorSecond: number;
}

/**
 * Blocks its thread while it measures, under a second on most machines.
 *
 * One row of the product is handed out: all of it would be four megabytes copied into fresh memory every time, which
 * is a fifth of the product's own time.
 *
 * @param threads  cores for a product; left out, onnxruntime chooses
 */
export async function gemmSpeed(threads?: number, products = 50): Promise<GemmSpeed> {
  const [a, b, row] = [input("f32", [SIZE, SIZE]), input("f32", [SIZE, SIZE]), input("i64", [1])];
  const y = gather(matmul(a, b), row);
  const program = await compile({ name: "gemm", inputs: { a, b, row }, outputs: { y } }, threads);
  const matrix = { data: new Float32Array(SIZE * SIZE).fill(0.5), dims: [SIZE, SIZE] };
  const given = { a: matrix, b: matrix, row: { data: BigInt64Array.of(0n), dims: [1] } };
  for (let i = 0; i < WARM_UP; i++) await program.run(given);
  const times: number[] = [];
  const cpu = process.cpuUsage();
  for (let i = 0; i < products; i++) {
    const began = performance.now();
    await program.run(given);
    times.push(performance.now() - began);
  }
  const { user, system } = process.cpuUsage(cpu);
  await program.release();
  const gflop = (2 * SIZE ** 3) / 1e9;
  const median = times.sort((x, y) => x - y)[Math.floor(times.length / 2)];
  return {
    gflops: (1000 * gflop) / median,
    perProcessorSecond: (1e6 * gflop * products) / (user + system),
  };
}
