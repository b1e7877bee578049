/**
 * Constants of a model in a file beside it, which onnxruntime maps into memory: inside of the model they would be copied
 * several times, and a model may not be larger than 2 GB.
 */
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesOf } from "../../files/bytes-of.ts";

/** Where a constant's values stand, in bytes; by the names that ONNX has for it. */
export interface Place {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

const NAME = "constants";
const PREFIX = "errata-constants-";
/** Milliseconds after which a folder is one that a killed process left: it is needed for seconds. */
const LEFT = 3_600_000;
/** What every system can map from. */
const ALIGNMENT = 2 ** 16;

export interface ConstantsFile {
  readonly folder: string;
  readonly places: ReadonlyMap<string, Place>;
  /** What is mapped stays; where a system keeps such a file (Windows), ask again once it is mapped no more. */
  remove(): void;
}

/** In a temporary folder of its own. @throws where there is no room for it */
export function storeConstants(constants: ReadonlyMap<string, ArrayBufferView>): ConstantsFile {
  const temporary = tmpdir();
  if (!lookedThrough.has(temporary)) removeLeft(temporary);
  lookedThrough.add(temporary);
  const folder = mkdtempSync(join(temporary, PREFIX));
  const remove = () => {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {}
  };
  const places = new Map<string, Place>();
  const file = openSync(join(folder, NAME), "w");
  try {
    let offset = 0;
    for (const [name, values] of constants) {
      const bytes = bytesOf(values);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, offset + at);
      places.set(name, { location: NAME, offset, length: bytes.length });
      offset = Math.ceil((offset + bytes.length) / ALIGNMENT) * ALIGNMENT;
    }
  } catch (cause) {
    remove();
    throw cause;
  } finally {
    closeSync(file);
  }
  return { folder, places, remove };
}

/** Folders that were rid of what killed processes left: once is enough. */
const lookedThrough = new Set<string>();

/** What killed processes left, half a gigabyte each; another user's is theirs. */
function removeLeft(temporary: string): void {
  for (const name of readdirSync(temporary)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(temporary, name);
    try {
      if (Date.now() - statSync(folder).mtimeMs > LEFT) rmSync(folder, { recursive: true });
    } catch {}
  }
}
