/**
 * How this command is called here, so that what it tells a person to type works as typed.
 *
 *   errata                 where a folder of PATH holds it
 *   npx errata             from a project's node_modules, or by npx alone
 *   npm run errata --      from its own repository
 */
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const main = fileURLToPath(new URL(`./main.${extension}`, import.meta.url));

export function self(): string {
  return nameOf(main, process.env, process.cwd());
}

/** @param main  the command's own file: TypeScript, or its JavaScript in a build or in the package */
export function nameOf(main: string, env: NodeJS.ProcessEnv, here: string): string {
  const root = dirname(dirname(dirname(dirname(main))));
  const byScript = above(here).includes(root)
    ? "npm run errata --"
    : `npm --prefix ${quoted(root)} run errata --`;
  if (main.endsWith(".ts")) return byScript;
  const folders = (env.PATH ?? env.Path ?? "").split(delimiter);
  // npm and npx put folders of their own into PATH, which a person's shell has not
  const own = folders.filter((folder) => folder !== "" && !/[\\/]node_modules[\\/]\.bin$/.test(folder));
  const holds = (folder: string) => holdsCommand(folder, main);
  if (own.some(holds)) return "errata";
  if (above(here).some((folder) => holds(join(folder, "node_modules", ".bin")))) return "npx errata";
  // the package has no scripts
  if (existsSync(join(root, "scripts", "errata.mjs"))) return byScript;
  const byNpx = env.npm_command === "exec" && env.npm_lifecycle_event === "npx";
  return byNpx ? "npx errata" : `node ${quoted(relative(here, main))}`;
}

/** An error's advice, with the commands in it as they are typed here. */
export function asTyped(text: string): string {
  return text.replace(/(?<=^|[\s`(])errata(?= (?:--help|[a-z]+\b))/g, self());
}

/** True where the folder's `errata` is that file; on Windows it is a small script that starts it. */
function holdsCommand(folder: string, main: string): boolean {
  try {
    if (process.platform === "win32") return existsSync(join(folder, "errata.cmd"));
    return realpathSync(join(folder, "errata")) === main;
  } catch {
    return false;
  }
}

function above(folder: string): string[] {
  return dirname(folder) === folder ? [folder] : [folder, ...above(dirname(folder))];
}

function quoted(path: string): string {
  return /[^\w./\\:@+-]/.test(path) ? `"${path}"` : path;
}
