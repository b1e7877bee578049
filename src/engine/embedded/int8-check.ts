/**
 * That eight-bit products are exact on this processor: where it has no instruction for them (before AVX-512 VNNI and
 * AVX-VNNI), two products are added in sixteen bits, which are too few.
 */
import { int8Matmul } from "../../autodiff/ops.ts";
import { input } from "../../autodiff/tensor.ts";
import { EngineError } from "../../errors.ts";
import { array, compile } from "../onnx/run.ts";

const [ROWS, WIDTH, COLUMNS] = [4, 64, 32];
const LARGEST = 127;

/** @throws EngineError where the largest numbers give another product than they have */
export async function checkInt8(threads: number | undefined): Promise<void> {
  const [x, w, scale] = [input("f32", ["N", WIDTH]), input("i8", [WIDTH, COLUMNS]), input("f32", [COLUMNS])];
  const program = await compile(
    { name: "int8-check", inputs: { x, w, scale }, outputs: { y: int8Matmul(x, w, scale) } },
    threads,
  );
  const { y } = await program.run({
    x: array(new Float32Array(ROWS * WIDTH).fill(LARGEST), ROWS, WIDTH),
    w: array(new Int8Array(WIDTH * COLUMNS).fill(LARGEST), WIDTH, COLUMNS),
    scale: array(new Float32Array(COLUMNS).fill(1), COLUMNS),
  });
  await program.release();
  const expected = WIDTH * LARGEST ** 2;
  const wrong = (y.data as Float32Array).find((value) => !(Math.abs(value / expected - 1) < 1e-5));
  if (wrong === undefined) return;
  throw new EngineError({
    where: "rollout_precision int8",
    expected: `products of eight bits that are exact: ${expected}`,
    got: `${wrong}, from a processor without an instruction for them`,
    next: "Leave rollout_precision out: float32 is right everywhere.",
  });
}
