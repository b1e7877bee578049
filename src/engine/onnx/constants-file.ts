/**
 * Constants of a model in a file beside it, which onnxruntime maps into memory: inside of the model they would be copied
 * several times, and a model may not be larger than 2 GB.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
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
  const folder = mkdtempSync(join(tmpdir(), "errata-constants-"));
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
