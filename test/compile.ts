/**
 * The sources as JavaScript in `.build`, as they are published: made once before the tests (vitest's globalSetup),
 * imported by the tests in place of `src` (a plugin of vitest.config.ts), and run by the processes they start.
 *
 * Neither a test file, nor a worker, nor a process has to read TypeScript for itself, which took a third of the
 * suite's time. While vitest watches, tests import `src` itself.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vitest/config";
import type { TestProject } from "vitest/node";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = join(root, "src");
const build = join(root, ".build");

/** The JavaScript of a source: `compiled("app/cli/main.ts")`. */
export function compiled(source: string): string {
  return join(build, source.replace(/\.ts$/, ".js"));
}

export default function setup(project: TestProject): void {
  compile();
  project.onTestsRerun(async () => compile());
}

/** Writes what has changed; types are for `npm run check`. */
export function compile(): void {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const info = join(build, "tsconfig.tsbuildinfo");
  const how = [
    "--declaration",
    "false",
    "--sourceMap",
    "--noCheck",
    "--incremental",
    "--tsBuildInfoFile",
    info,
  ];
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", build, ...how], {
    cwd: root,
    stdio: "inherit",
  });
  for (const file of readdirSync(build, { recursive: true, encoding: "utf8" }))
    if (file.endsWith(".js") && !existsSync(join(sources, file.replace(/\.js$/, ".ts"))))
      rmSync(join(build, file));
  execFileSync(process.execPath, [join(root, "scripts", "page.mjs"), build], { stdio: "inherit" });
}

/** Resolves the sources to their JavaScript, which Node loads by itself. */
export function compiledSources(): Plugin {
  let watching = false;
  return {
    name: "errata:compiled-sources",
    enforce: "pre",
    configureVitest({ vitest }) {
      watching = vitest.config.watch;
    },
    resolveId(source, importer) {
      if (watching || importer === undefined || !source.startsWith(".")) return;
      const file = relative(sources, resolve(dirname(importer), source));
      if (file.endsWith(".ts") && !file.startsWith("..")) return { id: compiled(file), external: true };
    },
  };
}
