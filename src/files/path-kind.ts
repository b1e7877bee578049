/**
 * What is at a path that somebody gave: asked before anything is joined to it, since below a file
 * systems and versions of Node answer differently.
 */
import { statSync } from "node:fs";

/** A link counts as what it points to. Undefined where nothing is there, or nothing that can be looked at. */
export function pathKind(path: string): "file" | "folder" | undefined {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch {
    return undefined;
  }
}
