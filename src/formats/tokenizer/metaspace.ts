/** What a part of the type Metaspace says, in a pre_tokenizer and in a decoder: the letter of a space, and where one is put before a text. */
import { z } from "zod";

export const metaspaceFields = {
  replacement: z.string().min(1).max(2).default("▁"),
  add_prefix_space: z.boolean().nullish(),
  prepend_scheme: z.enum(["always", "first", "never"]).nullish(),
};

/** Older files say it by `add_prefix_space`. */
export const prependScheme = ({
  add_prefix_space,
  prepend_scheme,
}: {
  readonly add_prefix_space?: boolean | null | undefined;
  readonly prepend_scheme?: "always" | "first" | "never" | null | undefined;
}) => prepend_scheme ?? (add_prefix_space === false ? "never" : "always");
