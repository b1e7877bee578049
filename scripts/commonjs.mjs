/**
 * After the build: the package as CommonJS sees it, dist/index.cjs and its types, dist/index.d.cts.
 *
 * The code is the same ES modules, loaded by `require`; TypeScript wants a declaration of its own for that.
 */
import { writeFileSync } from "node:fs";

const dist = new URL("../dist/", import.meta.url);
const exported = await import(new URL("index.js", dist).href);

const index = JSON.stringify("./index.js");
const typesOf = (name) => `import(${index}, { with: { "resolution-mode": "import" } }).${name}`;
const isClass = (value) => typeof value === "function" && /^class\b/.test(String(value));
const lines = Object.entries(exported).flatMap(([name, value]) => [
  `export declare const ${name}: typeof ${typesOf(name)};`,
  ...(isClass(value) ? [`export type ${name} = ${typesOf(name)};`] : []),
]);

writeFileSync(new URL("index.cjs", dist), `module.exports = require(${index});\n`);
writeFileSync(
  new URL("index.d.cts", dist),
  `export type * from ${index} with { "resolution-mode": "import" };\n${lines.join("\n")}\n`,
);
