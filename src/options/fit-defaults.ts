/**
 * Defaults that give way: where an option is set alone, those that must agree with it follow.
 *
 *   what was set  →  defaults of a command that differ from the table's
 */
import { type Dialect, type DialectName, dialects, UNCLIPPED } from "../engine/remote/dialects.ts";
import type { Command, OptionKey, OptionValue } from "./options.ts";

type Values = ReadonlyMap<string, OptionValue | undefined>;

/** @param values  what was set, by key */
export function fitDefaults(command: Command, values: Values): Partial<Record<OptionKey, OptionValue>> {
  const set = (key: OptionKey) => values.get(key) as number | undefined;
  switch (command) {
    case "train": {
      const problems = set("prompts_per_step") ?? Math.max(16, set("mini_batch_size") ?? 1);
      return {
        ...{ prompts_per_step: problems, mini_batch_size: Math.min(4, problems) },
        ...(set("selection_exploration") === undefined ? {} : { problem_selection: "solve_rate" }),
        // a server may round what it samples otherwise from one time to the next
        ...(values.get("engine") === undefined ? {} : { recompute_logprobs: true }),
        ...(clips(values) ? {} : { max_grad_norm: UNCLIPPED }),
        ...alphaOf(values, set("lora_rank")),
      };
    }
    case "sft": {
      const heads = set("num_attention_heads") ?? headsFor(set("hidden_size"), set("num_key_value_heads"));
      return {
        hidden_size: 192 % (2 * heads) === 0 ? 192 : 32 * heads,
        num_attention_heads: heads,
        num_key_value_heads: heads % 2 === 0 ? 2 : 1,
      };
    }
    case "chat":
      return values.get("engine") === undefined ? {} : { temperature: 1 };
    case "export":
      return values.get("dtype") === "Q8_0" ? { format: "gguf" } : {};
    default:
      return {};
  }
}

/** Whether the engine can scale a gradient down; servers that cannot are known by their dialect. */
const clips = (values: Values): boolean => dialectOf(values)?.clips ?? true;

/** The alpha that a server gives adapters of a rank. */
function alphaOf(values: Values, rank: number | undefined): Partial<Record<OptionKey, OptionValue>> {
  const dialect = dialectOf(values);
  return dialect === undefined || rank === undefined ? {} : { lora_alpha: dialect.alpha(rank) };
}

function dialectOf(values: Values): Dialect | undefined {
  if (values.get("engine") === undefined) return undefined;
  return dialects[(values.get("engine_dialect") as DialectName | undefined) ?? "skyrl-jax"];
}

/** Six attention heads, or the next fewer that divide a width and are divided by the key and value heads. */
function headsFor(width: number | undefined, kvHeads: number | undefined): number {
  for (let heads = 6; heads >= 1; heads--) {
    const dividesWidth = width === undefined || width % (2 * heads) === 0;
    if (dividesWidth && (kvHeads === undefined || heads % kvHeads === 0)) return heads;
  }
  return kvHeads ?? 1;
}
