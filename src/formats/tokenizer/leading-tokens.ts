/**
 * The tokens that a tokenizer puts before a text by itself, mostly BOS, as the `post_processor` of its tokenizer.json
 * says. What it puts after a text is left out: a prompt is to be continued.
 */
import { z } from "zod";

const template = z.looseObject({
  single: z.array(
    z.looseObject({
      SpecialToken: z.looseObject({ id: z.string() }).optional(),
      Sequence: z.unknown().optional(),
    }),
  ),
  special_tokens: z.record(z.string(), z.looseObject({ ids: z.array(z.int().min(0)) })),
});
const sequence = z.looseObject({ processors: z.array(z.unknown()) });
const bert = z.looseObject({ cls: z.tuple([z.string(), z.int().min(0)]) });

/** Token ids; none of a post-processor of another form. */
export function leadingTokens(postProcessor: unknown): readonly number[] {
  switch ((postProcessor as { readonly type?: unknown } | null | undefined)?.type) {
    case "Sequence": {
      // each works on what the one before it made
      const parts = sequence.safeParse(postProcessor).data?.processors ?? [];
      return [...parts].reverse().flatMap(leadingTokens);
    }
    case "TemplateProcessing": {
      const { single = [], special_tokens = {} } = template.safeParse(postProcessor).data ?? {};
      const text = single.findIndex(({ SpecialToken }) => SpecialToken === undefined);
      return single
        .slice(0, Math.max(0, text))
        .flatMap(({ SpecialToken }) => special_tokens[SpecialToken!.id]?.ids ?? []);
    }
    case "BertProcessing":
    case "RobertaProcessing": {
      const { cls } = bert.safeParse(postProcessor).data ?? {};
      return cls === undefined ? [] : [cls[1]];
    }
    default:
      return [];
  }
}
