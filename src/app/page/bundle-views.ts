/**
 * The views' sources → one script and one style sheet, by esbuild: of the build, and of a start from the sources.
 */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { PageFiles } from "./page-files.ts";

/** @param entry  `page.tsx` */
export async function bundleViews(entry: URL): Promise<PageFiles> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
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
