/** Tokens that stand for a byte each, `<0x0A>`: what writes a character that has no token of its own. */

export const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;

const named = /^<0x[+\dA-Fa-f][\dA-Fa-f]>$/;

/** The byte that a token stands for; undefined of other tokens. */
export function byteOf(token: string): number | undefined {
  return named.test(token) ? Number.parseInt(token.slice(3, 5), 16) : undefined;
}

/** A text's bytes as ids of tokens; undefined where one of them has none. */
export function byteFallback(vocab: ReadonlyMap<string, number>): (text: string) => number[] | undefined {
  const ids = Array.from({ length: 256 }, (_, byte) => vocab.get(byteToken(byte)));
  const encoder = new TextEncoder();
  return (text) => {
    const own = Array.from(encoder.encode(text), (byte) => ids[byte]);
    return own.includes(undefined) ? undefined : (own as number[]);
  };
}
