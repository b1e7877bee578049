/**
 * The bytes that each token adds to a text, of tokenizers whose text is their tokens' bytes joined.
 *
 *   a tokenizer's files → by token id, its bytes; none for special tokens, and for ids without a token
 */
import { ModelError } from "../../errors.ts";
import type { AddedToken } from "./added-tokens.ts";
import { byteOf } from "./byte-fallback.ts";
import { bytesOfToken } from "./byte-level.ts";
import type { Tokenizer } from "./tokenizer.ts";

interface Decoder {
  readonly type?: string;
  readonly decoders?: readonly Decoder[];
  readonly pattern?: { readonly String?: string };
  readonly content?: string;
  readonly replacement?: string;
}

const encoder = new TextEncoder();

/**
 * Bytes of all tokens one after another, and where each one's end, in the order of the ids.
 *
 * @throws ModelError where its text is more than its tokens' bytes joined, as with pieces of words marked by ##
 */
export function tokenBytes({ files, vocabulary }: Tokenizer): { bytes: Uint8Array; ends: Int32Array } {
  const { decoder, model, added_tokens } = files.tokenizer as {
    readonly decoder?: Decoder | null;
    readonly model: {
      readonly vocab: Readonly<Record<string, number>> | readonly (readonly [string, number])[];
    };
    readonly added_tokens?: readonly AddedToken[];
  };
  const read = reader(decoder ?? {}, files.where);
  const { vocab } = model;
  const tokens = new Array<Uint8Array | undefined>(vocabulary);
  if (Array.isArray(vocab)) for (const [id, [token]] of vocab.entries()) tokens[id] = read(token);
  else for (const [token, id] of Object.entries(vocab)) tokens[id] = read(token);
  for (const { id, content, special } of added_tokens ?? [])
    tokens[id] = special === true ? undefined : encoder.encode(content);
  const ends = new Int32Array(vocabulary);
  let length = 0;
  for (let id = 0; id < vocabulary; id++) ends[id] = length += tokens[id]?.length ?? 0;
  const bytes = new Uint8Array(length);
  for (let id = 0; id < vocabulary; id++) bytes.set(tokens[id] ?? [], id === 0 ? 0 : ends[id - 1]);
  return { bytes, ends };
}

/** What a decoder makes of one token within a text. */
function reader(decoder: Decoder, where: string): (token: string) => Uint8Array {
  const steps = decoder.type === "Sequence" ? (decoder.decoders ?? []) : [decoder];
  const types = new Set(steps.map(({ type }) => type));
  if (steps.length === 1 && types.has("ByteLevel")) return bytesOfToken;
  const known = steps.every(
    ({ type = "", pattern }) =>
      ["ByteFallback", "Fuse", "Strip", "Metaspace"].includes(type) ||
      (type === "Replace" && typeof pattern?.String === "string"),
  );
  if (!known)
    throw new ModelError({
      where,
      expected: "a tokenizer whose text is its tokens' bytes joined",
      got: `a decoder of ${[...types].join(", ") || "no kind"}`,
      next: "This model's answers cannot be held to JSON: leave response_format out.",
    });
  const replaced = steps.flatMap(({ type, pattern, content = "", replacement = "▁" }) =>
    type === "Replace" ? [[pattern!.String!, content]] : type === "Metaspace" ? [[replacement, " "]] : [],
  );
  return (token) => {
    const byte = types.has("ByteFallback") ? byteOf(token) : undefined;
    if (byte !== undefined) return Uint8Array.of(byte);
    return encoder.encode(replaced.reduce((text, [from, to]) => text.replaceAll(from!, to!), token));
  };
}
