/**
 * The machine's own speed: one product of 1024 × 1024 matrices, as fast as the runtime makes it here and now.
 */
import { matmul } from "../../autodiff/ops.ts";
import { input } from "../../autodiff/tensor.ts";
import { compile } from "./run.ts";

const SIZE = 1024;
/** The first products wait for threads and memory. */
const WARM_UP = 10;

/**
 * Blocks its thread while it measures, under a second on most machines.
 *
 * @param threads  cores for a product; left out, onnxruntime chooses
 * @returns        GFLOP/s, the median of `products`
 */
export async function gemmSpeed(threads?: number, products = 50): Promise<number> {
  const [a, b] = [input("f32", [SIZE, SIZE]), input("f32", [SIZE, SIZE])];
  const program = await compile({ name: "gemm", inputs: { a, b }, outputs: { y: matmul(a, b) } }, threads);
  const values = { data: new Float32Array(SIZE * SIZE).fill(0.5), dims: [SIZE, SIZE] };
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + products; i++) {
    const began = performance.now();
    await program.run({ a: values, b: values });
    if (i >= WARM_UP) times.push(performance.now() - began);
  }
  await program.release();
  const median = times.sort((x, y) => x - y)[Math.floor(times.length / 2)]!;
  return (2 * SIZE ** 3) / median / 1e6;
}
