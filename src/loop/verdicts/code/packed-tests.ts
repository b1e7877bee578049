/**
 * Tests as LiveCodeBench packs its private ones: JSON in a pickled text, deflated, in base64.
 */
import { inflateSync } from "node:zlib";

/** Longest text that is unpacked, in bytes. */
const LONGEST = 256 << 20;

/** @returns undefined for what is not packed so */
export function unpacked(text: string): unknown {
  if (!/^eJ[\w+/=\s-]+$/.test(text)) return undefined;
  try {
    const pickled = inflateSync(Buffer.from(text, "base64"), { maxOutputLength: LONGEST });
    return JSON.parse(textOfPickle(pickled));
  } catch {
    return undefined;
  }
}

/** The text of a pickle that holds a text alone: nothing of the pickle is run. */
function textOfPickle(bytes: Buffer): string {
  // PROTO n, then from version 4 on FRAME and its length
  let at = bytes[0] === 0x80 ? 2 : 0;
  if (bytes[at] === 0x95) at += 9;
  const op = bytes[at++];
  const widths: Readonly<Record<number, number>> = { 140: 1, 88: 4, 141: 6 };
  const width = op === undefined ? undefined : widths[op];
  if (width === undefined) throw new RangeError("no text");
  const length = bytes.readUIntLE(at, width);
  at += op === 0x8d ? 8 : width;
  return bytes.toString("utf8", at, at + length);
}
