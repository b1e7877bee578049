/**
 * How a vocabulary spells texts: the bytes of each token.
 */

/** The bytes that each token adds to a text; none for those that are no part of a text, as what ends it. */
export interface Spelling {
  /** Of all tokens, one after another. */
  readonly bytes: Uint8Array;
  /** [V] where each token's bytes end. */
  readonly ends: Int32Array;
}

export function bytesOfToken({ bytes, ends }: Spelling, id: number): Uint8Array {
  return bytes.subarray(id === 0 ? 0 : ends[id - 1], ends[id]);
}

/** Whether tokens spell bytes, a character of the string for each, from any place on where a character begins. */
export type CanSpell = (bytes: string) => boolean;

export function canSpellWith(spelling: Spelling): CanSpell {
  const short = new Set<string>();
  for (let id = 0; id < spelling.ends.length; id++) {
    const bytes = bytesOfToken(spelling, id);
    if (bytes.length <= LONGEST_CHARACTER) short.add(Buffer.from(bytes).toString("latin1"));
  }
  const byByte = (character: string) => [...character].every((byte) => short.has(byte));
  return (bytes) =>
    (bytes.match(utf8Character) ?? []).every((character) => short.has(character) || byByte(character));
}

const LONGEST_CHARACTER = 4;
const utf8Character = /[\0-\x7f]|[\xc0-\xff][\x80-\xbf]*|[\x80-\xbf]/g;
