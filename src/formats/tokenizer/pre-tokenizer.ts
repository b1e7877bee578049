/**
 * How text is cut before the merges, where the library's own cuts differ from the original's.
 *
 * The library takes Unicode's idea of digits and white space in patterns, but JavaScript's in two of
 * its built-in cutters, and isolates whatever a split should do with its matches but to remove them. Written as
 * patterns to isolate, these agree with what every model was tuned with.
 */

/** GPT-2's words, numbers, runs of signs, and white space that leaves its last space to the next word. */
export const GPT2_PATTERN =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** Cuts at each match of a pattern, keeping matches and what lies between. */
export function splitAt(Regex: string): object {
  return { type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false };
}

/** A `pre_tokenizer` of tokenizer.json with the two built-in cutters and splits of every behaviour written as patterns. */
export function withPatterns(part: unknown): unknown {
  if (typeof part !== "object" || part === null) return part;
  const { type, individual_digits, use_regex, add_prefix_space, pretokenizers } = part as Record<
    string,
    unknown
  >;
  if (type === "Split") return isolating(part);
  if (type === "Digits") return splitAt(individual_digits ? "\\p{N}" : "\\p{N}+");
  // With a prefix space, the space comes before the cut; those few tokenizers keep the library's.
  if (type === "ByteLevel" && use_regex !== false && !add_prefix_space)
    return { type: "Sequence", pretokenizers: [splitAt(GPT2_PATTERN), { ...part, use_regex: false }] };
  return Array.isArray(pretokenizers) ? { ...part, pretokenizers: pretokenizers.map(withPatterns) } : part;
}

interface Split {
  readonly pattern?: { readonly Regex?: string; readonly String?: string };
  readonly behavior?: string;
  readonly invert?: boolean;
}

/** A split as one that isolates the pieces it makes; one that removes its matches as it is. */
function isolating(split: Split): object {
  const { pattern, invert = false } = split;
  const behavior = split.behavior?.toLowerCase();
  const source = pattern?.Regex ?? pattern?.String?.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  if (source === undefined) return split;
  const match = `(?:${source})`;
  const other = `(?:(?!${match})[\\s\\S])`;
  // inverted, what lies between is the match: it joins the one before where a match would join the next
  const joinsNext = behavior === (invert ? "mergedwithprevious" : "mergedwithnext");
  if (joinsNext) return splitAt(`${match}${other}*|${other}+`);
  if (behavior?.startsWith("mergedwith")) return splitAt(`${other}*${match}|${other}+`);
  if (behavior === "contiguous") return splitAt(`${match}+`);
  return behavior === "isolated" && invert ? splitAt(source) : split;
}
