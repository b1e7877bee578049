/**
 * Names of repositories on the hub: `owner/name`, one file in it, and a revision.
 *
 *   HuggingFaceTB/SmolLM2-135M-Instruct@main
 *   bartowski/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct-Q8_0.gguf
 */
export interface HubId {
  /** `owner/name`. */
  readonly repo: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  /** One file of the repository, by its path in it. */
  readonly file: string | undefined;
}

/** What a name, a revision or a file's path is made of, between its slashes. */
const part = /^[A-Za-z0-9_][\w.-]*$/;

/**
 * Reads a name, or returns undefined where it is none.
 *
 * @param endings  of files that may be named in it, such as `.gguf`
 */
export function parseHubId(text: string, endings: readonly string[] = []): HubId | undefined {
  const [path, revision = "main", ...more] = text.replace(/^hf:(\/\/)?/, "").split("@");
  const [owner, name, ...file] = path!.split("/");
  if (owner === undefined || name === undefined || more.length > 0) return undefined;
  if (!isPath(path!) || !isPath(revision) || [owner, name].some((word) => word.length > 96)) return undefined;
  if (file.length > 0 && !endings.some((ending) => path!.endsWith(ending))) return undefined;
  return { repo: `${owner}/${name}`, revision, file: file.length > 0 ? file.join("/") : undefined };
}

/** Letters of a path; no system takes many more. */
export const LONGEST_PATH = 1024;

/** True of a path that stays in its folder on every system, with plain names in it. */
export function isPath(path: string): boolean {
  return (
    path.length <= LONGEST_PATH && path.split("/").every((word) => part.test(word) && !word.includes(".."))
  );
}

/** True of a path that a file may be written to: relative, and never out of its folder, on any system. */
export function staysInside(path: string): boolean {
  return (
    path.length <= LONGEST_PATH &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is refused
    path.split("/").every((word) => !/^\.{0,2}$|[\\:\u0000-\u001f]/.test(word))
  );
}
