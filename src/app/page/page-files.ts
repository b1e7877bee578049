/**
 * The page's script and style: read where the build wrote them beside this file; from the sources bundled at start.
 */
import { readFile } from "node:fs/promises";

export interface PageFiles {
  readonly js: string;
  readonly css: string;
}

export async function pageFiles(): Promise<PageFiles> {
  const beside = (name: string) => readFile(new URL(name, import.meta.url), "utf8");
  if (import.meta.url.endsWith(".ts"))
    return (await import("./bundle-views.ts")).bundleViews(new URL("views/page.tsx", import.meta.url));
  return { js: await beside("page.js"), css: await beside("page.css") };
}
