/**
 * Bundles the page into a build, `dist` unless another is named, beside the server that sends it; with the licences of what is in it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(resolve(process.argv[2] ?? join(root, "dist")), "app", "page");
const { bundleViews } = await import(pathToFileURL(join(folder, "bundle-views.js")).href);

const { js, css } = await bundleViews(pathToFileURL(join(root, "src", "app", "page", "views", "page.tsx")));
writeFileSync(join(folder, "page.js"), js);
writeFileSync(join(folder, "page.css"), css);

const bundled = ["preact", "@preact/signals", "@preact/signals-core", "uplot", "diff"];
const licences = bundled.map((name) => {
  const text = readFileSync(join(root, "node_modules", name, "LICENSE"), "utf8");
  return `${name}\n\n${text.trim()}\n`;
});
writeFileSync(join(folder, "page.licences.txt"), licences.join(`\n${"-".repeat(72)}\n\n`));
