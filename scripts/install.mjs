/**
 * Sets up what `npm start` and `npm test` need: the packages of package-lock.json, where they are not there yet.
 *
 * Install scripts are not run. The only one that matters, onnxruntime-node's, fetches CUDA libraries that
 * this project does not use; the library for the processor is in the package.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  console.error(
    `Node: expected version 20 or newer, got ${process.versions.node}.\n  → Install a newer one from https://nodejs.org.`,
  );
  process.exit(1);
}

if (!installed()) {
  console.error("Installing packages (once, about a minute)...");
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status } = npm(args);
  if (status !== 0) {
    console.error(
      `npm ${args.join(" ")}: expected it to succeed, got exit code ${status}.\n  → Read npm's message above; a machine behind a proxy needs \`npm config set registry\` or HTTPS_PROXY.`,
    );
    process.exit(1);
  }
}

/** True where every package of the lock file that this platform needs is in node_modules at its version. */
function installed() {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const present = packages(record);
  return Object.entries(packages(join(root, "package-lock.json"))).every(
    ([path, wanted]) => path === "" || wanted.optional || present[path]?.version === wanted.version,
  );
}

function packages(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages;
}

function npm(args) {
  // The npm that started this script, where one did: on Windows it cannot be started by name without a shell.
  const own = process.env.npm_execpath;
  const options = { cwd: root, stdio: ["ignore", 2, 2] };
  return own?.endsWith("npm-cli.js")
    ? spawnSync(process.execPath, [own, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
}
