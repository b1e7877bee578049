/**
 * A disk that refuses, as an error that says what a person can do about it.
 */
import { ErrataError, RunError } from "../errors.ts";

const full: readonly string[] = ["ENOSPC", "EDQUOT", "EFBIG"];
const forbidden: readonly string[] = ["EACCES", "EPERM", "EROFS"];
const named = new RegExp(`\\b(${[...full, ...forbidden].join("|")})\\b`);

/**
 * A RunError of what the system said; anything else comes back as it was.
 *
 * @param where     what was to be written
 * @param whenFull  what to do where the disk is full
 */
export function asRunError(
  cause: unknown,
  where: string,
  whenFull = "Free some space and give the command again; what was there before is untouched.",
): unknown {
  const code = codeOf(cause);
  const isFull = code !== undefined && full.includes(code);
  const isForbidden = code !== undefined && forbidden.includes(code);
  if (code === undefined || (cause instanceof ErrataError && !isFull && !isForbidden)) return cause;
  return new RunError({
    where,
    expected: "to write here",
    got: isFull ? `a full disk (${code})` : isForbidden ? `a folder this user may not write (${code})` : code,
    next: isFull ? whenFull : "Choose another folder, or change who may write there.",
    cause,
  });
}

const unreadable: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  ENOTDIR: "a path through a file that is no folder",
  EISDIR: "a folder",
  EACCES: "one that this user may not read",
  EPERM: "one that this user may not read",
  ELOOP: "links that lead in a circle",
  ENAMETOOLONG: "a name longer than the system takes",
};

/** Why something could not be read, in words: what an error says it got. */
export function readFault(cause: unknown): string {
  const code = codeOf(cause);
  if (code !== undefined && Object.hasOwn(unreadable, code)) return unreadable[code]!;
  return cause instanceof Error ? cause.message : String(cause);
}

/** The system's code of an error or of what caused it; one that crossed a thread has it in its message. */
function codeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === "string" && /^E[A-Z]+$/.test(code)) return code;
    const found = named.exec(at.message);
    if (found !== null) return found[1];
  }
  return undefined;
}
