/**
 * The command, from this repository: `npm run errata -- …` and `npm start`. Installs what is missing, then
 * is the command, in this process.
 *
 * Paths are looked for where the person stands who typed `npm run errata`; `npm start` is of this folder.
 */
import "./install.mjs";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../src/app/cli/main.ts", import.meta.url));

// In it "errata" is the source, so that a verifier written for the package runs from here as it is, wherever it lies.
process.env.TSX_TSCONFIG_PATH ??= fileURLToPath(new URL("../tsconfig.json", import.meta.url));
const { register } = await import("tsx/esm/api");
register();

if (process.env.npm_lifecycle_event === "errata" && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
process.argv[1] = main;
await import(new URL("../src/app/cli/main.ts", import.meta.url).href);
