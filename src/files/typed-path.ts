/**
 * A path as somebody typed it → the path it means.
 *
 *   ~/data/a.jsonl, quoted from the shell    file:///home/me/a.jsonl    data/a.jsonl, as it is
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A home folder or a file URL is written out; any other text stays, a URL that names no file of this machine too. */
export function typedPath(text: string): string {
  if (text === "~" || /^~[/\\]/.test(text)) return join(homedir(), text.slice(1));
  if (!/^file:\/\//i.test(text)) return text;
  try {
    return fileURLToPath(text);
  } catch {
    return text;
  }
}
