/**
 * Files out of a tar archive in memory: only those that are asked for, by their last name, so that no path in an
 * archive means anything on this machine.
 */
import { damagedAnswer } from "./pass.ts";

const BLOCK = 512;
/** Of an entry that is a file: "0", or nothing in old archives. */
const isFileType = (type: number): boolean => type === 0x30 || type === 0;

/** @throws EngineError where the archive is cut, or an entry's size is no number */
export function filesIn(archive: Uint8Array, wanted: readonly string[]): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const digits = textAt(header, 124, 12).trim();
    const size = /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
    const end = at + BLOCK + size;
    if (!(end <= archive.length))
      throw damagedAnswer("a whole tar archive", `an entry of ${digits} bytes (octal)`);
    const name = textAt(header, 0, 100).split("/").at(-1)!;
    if (isFileType(header[156]!) && wanted.includes(name)) found.set(name, archive.subarray(at + BLOCK, end));
    at = at + BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return found;
}

function textAt(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString("latin1");
}
