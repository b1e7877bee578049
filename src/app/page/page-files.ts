/**
 * The page's script and style: read where the build wrote them beside this file; from the sources bundled at start.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export interface PageFiles {
  readonly js: string;
  readonly css: string;
}

/** Where the views' sources are, seen from a folder `src`, or from `dist` beside it. */
const entry = (root: URL) => fileURLToPath(new URL("app/page/views/page.tsx", root));

export async function pageFiles(): Promise<PageFiles> {
  const beside = (name: string) => readFile(new URL(name, import.meta.url), "utf8");
  if (import.meta.url.endsWith(".ts")) return bundle(new URL("../../", import.meta.url));
  return { js: await beside("page.js"), css: await beside("page.css") };
}

/** @param sources  the folder `src` */
export async function bundle(sources: URL): Promise<PageFiles> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [entry(sources)],
    bundle: true,
    minify: true,
    write: false,
    outdir: "out",
    format: "iife",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "warning",
  });
  const file = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))!.text;
  return { js: file(".js"), css: file(".css") };
}
