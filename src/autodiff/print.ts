/**
 * Programs as text, one line per tensor, for tests that hold what is traced and for people who want to see it.
 */
import { showShape } from "./dims.ts";
import { inOrder, type Program, type Tensor } from "./tensor.ts";

const letters = (i: number): string =>
  (i >= 26 ? letters(Math.floor(i / 26) - 1) : "") + String.fromCharCode(97 + (i % 26));

export function print(program: Program): string {
  const names = new Map<Tensor, string>();
  for (const [name, tensor] of Object.entries(program.inputs)) names.set(tensor, name);
  const lines: [string, string][] = [];
  let made = 0;
  const name = (tensor: Tensor): string =>
    tensor.op === "Constant" ? String(tensor.attributes.value) : names.get(tensor)!;
  const outputs = new Map(Object.entries(program.outputs).map(([key, tensor]) => [tensor, key]));
  for (const tensor of inOrder(Object.values(program.outputs), new Set(names.keys()))) {
    if (tensor.op === "Constant" || names.has(tensor)) continue;
    names.set(tensor, outputs.get(tensor) ?? `%${letters(made++)}`);
    const attributes = Object.entries(tensor.attributes)
      .filter(([key, value]) => value !== 0 && !(key === "alpha" && value === 1))
      .map(([key, value]) => `, ${key}=${Array.isArray(value) ? showShape(value) : value}`)
      .join("");
    lines.push([
      `${name(tensor)} = ${tensor.op}(${tensor.inputs.map(name).join(", ")}${attributes})`,
      `${tensor.dtype}${showShape(tensor.shape)}`,
    ]);
  }
  const width = Math.max(0, ...lines.map(([left]) => left.length));
  const inputs = Object.entries(program.inputs).map(
    ([key, { dtype, shape }]) => `${key}: ${dtype}${showShape(shape)}`,
  );
  return [
    `${program.name}(${inputs.join(", ")})`,
    ...lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    `  → ${Object.keys(program.outputs).join(", ")}`,
  ].join("\n");
}
