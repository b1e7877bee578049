/**
 * How text is cut before the merges, where the library's own cuts differ from the original's.
 *
 * The library takes Unicode's idea of digits and white space in patterns, but JavaScript's in two of
 * its built-in cutters; written as patterns, these agree with what every model was tuned with.
 */

/** GPT-2's words, numbers, runs of signs, and white space that leaves its last space to the next word. */
export const gpt2Pattern =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** Cuts at each match of a pattern, keeping matches and what lies between. */
export function splitAt(Regex: string): object {
  return { type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false };
}

/** A `pre_tokenizer` of tokenizer.json with the two built-in cutters written as patterns. */
export function withPatterns(part: unknown): unknown {
  if (typeof part !== "object" || part === null) return part;
  const { type, individual_digits, use_regex, add_prefix_space, pretokenizers } = part as Record<
    string,
    unknown
  >;
  if (type === "Digits") return splitAt(individual_digits ? "\\p{N}" : "\\p{N}+");
  // With a prefix space, the space comes before the cut; those few tokenizers keep the library's.
  if (type === "ByteLevel" && use_regex !== false && !add_prefix_space)
    return { type: "Sequence", pretokenizers: [splitAt(gpt2Pattern), { ...part, use_regex: false }] };
  return Array.isArray(pretokenizers) ? { ...part, pretokenizers: pretokenizers.map(withPatterns) } : part;
}
