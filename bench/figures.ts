/**
 * What `measure.ts` prints, from a process of its own.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Figures, Work } from "./measure.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** @param then  how many steps, and on how many cores: as many as there are, left out */
export const errata = (work: Work, shape: string, ...then: readonly (number | string)[]): Figures =>
  lastLine(process.execPath, ["--import", "tsx", here("measure.ts"), work, shape, ...then.map(String)]);

export type PeerFigures = Pick<Figures, "tokensPerSecond" | "peakGb">;

/** @param script  of bench/peers */
export const peer = (python: string, script: string, args: readonly string[]): PeerFigures =>
  lastLine(python, [here(`peers/${script}`), "--config", here("shapes.json"), ...args]);

/** @param modules  the folder where node-llama-cpp is installed */
export const llamaCpp = (modules: string, model: string, args: readonly unknown[]): PeerFigures =>
  lastLine(process.execPath, [
    here("peers/llama-cpp.mjs"),
    ...["--modules", modules, "--model", model, ...args.map(String)],
  ]);

/** The last line that a command prints, which is JSON. */
function lastLine<T>(command: string, args: readonly string[]): T {
  const printed = execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(printed.trim().split("\n").at(-1)!);
}

export const digits = (value: number) => String(Number(value.toPrecision(3)));
export const percent = (share: number) => `${Math.round(100 * share)} %`;
