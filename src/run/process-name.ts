/**
 * A process by a name of its own, such as `3171-9f2c41d07a3b`: its number and when it began.
 *
 * A number alone is given again to a later process, and is still taken by one that ended and was never
 * waited for. Processes of another machine or container are not seen, and count as gone.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** What stands for the time a process began where the system does not say: then its number has to do. */
const UNKNOWN = "000000000000";

let own: string | undefined;

/** The name of this process. */
export function ownName(): string {
  own ??= processName(process.pid)!;
  return own;
}

/** The name of the process of this number; undefined where none is at work. */
export function processName(pid: number): string | undefined {
  const began = isTaken(pid) ? beganAt(pid) : undefined;
  if (began === undefined) return undefined;
  const mark = began === "" ? UNKNOWN : createHash("sha256").update(began).digest("hex").slice(0, 12);
  return `${pid}-${mark}`;
}

/** Whether the process of this name is at work: no zombie, and no later one of the same number. */
export function isAlive(name: string): boolean {
  if (name === ownName()) return true;
  const now = processName(pidOf(name));
  return now !== undefined && (now === name || now.endsWith(UNKNOWN) || name.endsWith(UNKNOWN));
}

/** The number in a name; NaN in what is none. */
export function pidOf(name: string): number {
  return Number(/^(\d+)-[0-9a-f]{12}$/.exec(name)?.[1] ?? Number.NaN);
}

/** Whether a process has this number, also where it belongs to somebody else. */
function isTaken(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** When a process began, in the system's words: undefined where it has ended, "" where the system does not say. */
function beganAt(pid: number): string | undefined {
  if (process.platform === "linux") return beganAtOfProc(pid);
  const [state = "", ...began] =
    process.platform === "win32"
      ? ask("powershell", [
          "-NoProfile",
          "-Command",
          `'R ' + (Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`,
        ])
      : ask("ps", ["-o", "stat=", "-o", "lstart=", "-p", `${pid}`]);
  return state.startsWith("Z") ? undefined : began.join(" ");
}

/** Linux: the boot, and the ticks from there, field 22; the name before it may hold spaces and brackets. */
function beganAtOfProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()} ${fields[19]}`;
  } catch {
    return "";
  }
}

function ask(command: string, args: readonly string[]): string[] {
  const { stdout } = spawnSync(command, args, {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
  });
  return (stdout ?? "").trim().split(/\s+/);
}
