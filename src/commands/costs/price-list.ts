/**
 * Figures of machines, models and prices: `data/costs.yaml`, read and checked.
 *
 * Prices rise by half within months, so none is in the code, and each carries its date and source.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";
import { OptionError } from "../../errors.ts";

const positive = z.number().positive();
const count = z.int().positive();
const dated = { date: z.string(), source: z.string() };
const schema = z.strictObject({
  hardware: z.record(
    z.string(),
    z.strictObject({ flops: positive, bandwidth: positive, memory: positive, ...dated }),
  ),
  rents: z.array(z.strictObject({ hardware: z.string(), low: positive, high: positive, ...dated })),
  models: z.record(
    z.string(),
    z.strictObject({
      parameters: positive,
      /** Those that one token goes through, where experts share a layer. */
      active: positive.optional(),
      layers: count,
      width: count,
      ffnWidth: count,
      experts: count.optional(),
      heads: count,
      kvHeads: count,
      headDim: count,
      /** q, k and v are one matrix, gate and up another. */
      fused: z.boolean().optional(),
    }),
  ),
  hosted: z.array(
    z.strictObject({ model: z.string(), prefill: positive, sample: positive, train: positive, ...dated }),
  ),
});

export type PriceList = Readonly<z.infer<typeof schema>>;
/** `flops` of bf16 a second, `bandwidth` in bytes a second, `memory` in bytes; of one GPU. */
export type Hardware = PriceList["hardware"][string];
/** What a model's cost depends on. */
export type ModelFigures = PriceList["models"][string];

export function readPriceList(): PriceList {
  const path = fileURLToPath(new URL("../../../data/costs.yaml", import.meta.url));
  return schema.parse(parse(readFileSync(path, "utf8")));
}

/** Names are told apart however they are cased. */
export const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** A row by its name. @throws OptionError that lists the names */
export function rowOf<T>(rows: Readonly<Record<string, T>>, name: string, where: string, next: string): T {
  const found = Object.keys(rows).find((each) => sameName(each, name));
  if (found !== undefined) return rows[found]!;
  throw new OptionError({ where, expected: `one of ${Object.keys(rows).join(", ")}`, got: name, next });
}
