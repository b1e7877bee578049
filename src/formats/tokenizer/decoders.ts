/**
 * Tokens → their text: the `decoder` of a tokenizer.json, as `tokenizers` has each.
 */
import { z } from "zod";
import { byteOf } from "./byte-fallback.ts";
import { bytesOfToken } from "./byte-level.ts";
import { metaspaceFields, prependScheme } from "./metaspace.ts";
import { fieldsOf, type Makers, makePart } from "./part.ts";
import { compile, patternField } from "./pattern.ts";

/** One text for each token, or fewer; the last step's, side by side, are the text. */
type Step = (tokens: readonly string[]) => readonly string[];

const fields = {
  pieces: z.looseObject({ prefix: z.string().default("##"), cleanup: z.boolean().default(true) }),
  metaspace: z.looseObject(metaspaceFields),
  suffix: z.looseObject({ suffix: z.string().default("</w>") }),
  replace: z.looseObject({ pattern: patternField, content: z.string() }),
  strip: z.looseObject({ content: z.string().min(1).max(2), start: z.int().min(0), stop: z.int().min(0) }),
  sequence: z.looseObject({ decoders: z.array(z.unknown()) }),
};
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

const makers: Makers<Step> = {
  ByteLevel: () => (tokens) => [lossy.decode(Buffer.concat(tokens.map(bytesOfToken)))],
  ByteFallback: () => withBytes,
  Fuse: () => (tokens) => [tokens.join("")],
  Metaspace: (part) => {
    const { replacement, ...scheme } = fieldsOf(fields.metaspace, part);
    const prepended = prependScheme(scheme) !== "never";
    return (tokens) =>
      tokens.map((token, i) => token.replaceAll(replacement, i === 0 && prepended ? "" : " "));
  },
  Replace: (part) => {
    const { pattern, content } = fieldsOf(fields.replace, part);
    const found = compile(pattern);
    return (tokens) => tokens.map((token) => token.replace(found, () => content));
  },
  Strip: (part) => {
    const { content, start, stop } = fieldsOf(fields.strip, part);
    return (tokens) => tokens.map((token) => stripped(token, content, start, stop));
  },
  WordPiece: (part) => {
    const { prefix, cleanup } = fieldsOf(fields.pieces, part);
    return (tokens) =>
      tokens.map((token, i) => {
        const begun = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
        return cleanup ? tidied(begun) : begun;
      });
  },
  BPEDecoder: (part) => {
    const { suffix } = fieldsOf(fields.suffix, part);
    return (tokens) => tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? "" : " "));
  },
  Sequence: (part) => {
    const steps = fieldsOf(fields.sequence, part).decoders.map((one) => makePart("decoder", makers, one));
    return (tokens) => steps.reduce((made, step) => step(made), tokens);
  },
};

/** What the tokens of a text become. @throws Error where a part is not supported */
export function decoderOf(part: unknown): (tokens: readonly string[]) => string {
  if (part == null) return (tokens) => tokens.join(" ");
  const step = makePart("decoder", makers, part);
  return (tokens) => step(tokens).join("");
}

/** Runs of tokens that name a byte each are text; where they are none, each is marked. */
function withBytes(tokens: readonly string[]): readonly string[] {
  const texts: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length > 0) texts.push(textOf(bytes));
    bytes = [];
  };
  for (const token of tokens) {
    const byte = byteOf(token);
    if (byte !== undefined) {
      bytes.push(byte);
      continue;
    }
    flush();
    texts.push(token);
  }
  flush();
  return texts;
}

function textOf(bytes: readonly number[]): string {
  try {
    return strict.decode(Uint8Array.from(bytes));
  } catch {
    return "\ufffd".repeat(bytes.length);
  }
}

function stripped(token: string, content: string, start: number, stop: number): string {
  const letters = Array.from(token);
  let from = 0;
  while (from < start && letters[from] === content) from++;
  let to = letters.length;
  while (letters.length - to < stop && to > from && letters[to - 1] === content) to--;
  return letters.slice(from, to).join("");
}

const untidy: readonly (readonly [string, string])[] = [
  ...[".", "?", "!", ","].map((sign) => [` ${sign}`, sign] as const),
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" do not", " don't"],
  ...["'s", "'ve", "'re"].map((end) => [` ${end}`, end] as const),
];

const tidied = (text: string): string => untidy.reduce((made, [from, to]) => made.replaceAll(from, to), text);
