/**
 * Compiles src/engine/embedded/kernels.wat and writes its bytes beside it; a test fails where the two differ.
 *
 *   npx tsx scripts/kernels.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { argv } from "node:process";
import { pathToFileURL } from "node:url";
import wabt from "wabt";

const wat = new URL("../src/engine/embedded/kernels.wat", import.meta.url);
const LETTERS_A_LINE = 100;

/** The text of src/engine/embedded/kernels-wasm.ts. */
export async function kernelsModule(): Promise<string> {
  const module = (await wabt()).parseWat("kernels.wat", readFileSync(wat, "utf8"), { simd: true });
  module.validate();
  const letters = Buffer.from(module.toBinary({}).buffer).toString("base64");
  const lines = letters.match(new RegExp(`.{1,${LETTERS_A_LINE}}`, "g"))!;
  return `/** \`kernels.wat\` as bytes, in base64. Printed by \`npx tsx scripts/kernels.ts\`. */
export const KERNELS =
${lines.map((line) => `  "${line}"`).join(" +\n")};
`;
}

if (import.meta.url === pathToFileURL(argv[1] ?? "").href)
  writeFileSync(new URL("kernels-wasm.ts", wat), await kernelsModule());
