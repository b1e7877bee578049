/**
 * PEFT's adapter_config.json: read into what the decoder computes, and written.
 *
 * As with a model's config, a setting that would change the numbers and is not supported is an error
 * that names it; so is one that is not known, unless it is off.
 */
import { join } from "node:path";
import { z } from "zod";
import { ModelError } from "../../errors.ts";
import { readJson } from "../../files/checked-file.ts";
import { ALL_LINEAR, type LinearLayer, type Lora, linearLayers, targetsOf } from "../../models/lora.ts";

export const ADAPTER_CONFIG = "adapter_config.json";

/** Sizes beyond which a config is damaged or hostile. */
const MOST_RANK = 2 ** 14;
const CONFIG_BYTES = 2 ** 20;

/** Which model adapters belong to. */
export interface BaseName {
  /** `base_model_name_or_path`: a path, or a Hugging Face id. */
  readonly name: string;
  /** Of an id: a commit, a branch or a tag. */
  readonly revision?: string | undefined;
}

export interface AdapterConfig {
  /** Without the targets where the config names them by a pattern, or not: then the tensors say which they are. */
  readonly lora: Omit<Lora, "targets"> & { readonly targets: readonly LinearLayer[] | undefined };
  readonly base: BaseName;
}

const schema = z.looseObject({
  peft_type: z.string(),
  base_model_name_or_path: z.string().min(1).max(4096),
  revision: z.string().max(1024).nullish(),
  r: z.int().min(1).max(MOST_RANK),
  lora_alpha: z.number().positive().finite(),
  use_rslora: z.boolean().nullish(),
  // SkyRL writes null: the tensors say which they are
  target_modules: z.union([z.string().max(4096), z.array(z.string().max(4096)).max(2 ** 14)]).nullable(),
  bias: z.string().nullish(),
  task_type: z.string().nullish(),
  init_lora_weights: z.union([z.boolean(), z.string()]).nullish(),
});

/** What says nothing about the numbers an adapter computes. Dropout is off outside PEFT's training. */
const harmless = new Set([
  ...Object.keys(schema.shape),
  ...["auto_mapping", "inference_mode", "lora_dropout", "peft_version"],
  ...["loftq_config", "eva_config", "megatron_core", "qalora_group_size"],
]);
/** Initialisations that leave the base model's weights as they are; others (PiSSA, OLoRA …) change them. */
const initialisations = [true, false, "gaussian", "eva", "orthogonal"];

/** @throws ModelError naming the setting that is missing, out of range or not supported */
export async function readAdapterConfig(folder: string): Promise<AdapterConfig> {
  const where = join(folder, ADAPTER_CONFIG);
  const parsed = schema.safeParse(await readJson(where, CONFIG_BYTES));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ModelError({
      where,
      expected: `PEFT's config of a LoRA adapter, with a valid ${issue.path.join(".") || "object"}`,
      got: issue.message,
      next: "The config is damaged, or of another kind of adapter; only LoRA is read.",
      cause: parsed.error,
    });
  }
  const raw = parsed.data;
  const unsupported = (expected: string, got: string) =>
    new ModelError({
      where,
      expected,
      got,
      next: "This kind of adapter is not supported. Merge it into its base model with the tool that trained it.",
    });
  if (raw.peft_type !== "LORA") throw unsupported(`peft_type "LORA"`, shown(raw.peft_type));
  if ((raw.bias ?? "none") !== "none") throw unsupported(`bias "none"`, shown(raw.bias));
  if ((raw.task_type ?? "CAUSAL_LM") !== "CAUSAL_LM")
    throw unsupported(`task_type "CAUSAL_LM"`, shown(raw.task_type));
  const init = raw.init_lora_weights ?? true;
  if (!initialisations.includes(init))
    throw unsupported("init_lora_weights that leaves the base model as it is", shown(init));
  for (const [key, value] of Object.entries(raw))
    if (!harmless.has(key) && !isOff(value))
      throw unsupported(`no ${key.slice(0, 80)}`, `${key.slice(0, 80)} ${shown(value)}`);
  return {
    lora: {
      rank: raw.r,
      alpha: raw.lora_alpha,
      rankStabilized: raw.use_rslora ?? false,
      targets: named(raw.target_modules, unsupported),
    },
    base: { name: raw.base_model_name_or_path, revision: raw.revision ?? undefined },
  };
}

/** What PEFT takes a setting for that is not used: null, false, nothing in it. */
function isOff(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === null || value === undefined || value === false;
}

/** The layers a list names; undefined for none, and for a pattern, which is not run: it may be made to take for ever. */
function named(
  modules: string | readonly string[] | null,
  unsupported: (expected: string, got: string) => ModelError,
): readonly LinearLayer[] | undefined {
  if (modules === ALL_LINEAR) return targetsOf(Object.keys(linearLayers));
  if (typeof modules === "string" || modules === null) return undefined;
  const words = sameInEachLayer(modules).map((module) => {
    const [word] = Object.entries(linearLayers).find(([, path]) => path === module) ?? [module];
    return word;
  });
  const targets = targetsOf(words);
  if (targets !== undefined) return targets;
  const other = words.find((word) => !Object.hasOwn(linearLayers, word));
  throw unsupported(
    `target_modules of ${Object.keys(linearLayers).join(", ")}, in every layer`,
    other === undefined ? "none" : shown(other),
  );
}

/**
 * Full names (`model.layers.1.self_attn.v_proj`), as PEFT writes `all-linear` for a small model: without their layers
 * where each layer from the first to the last has the same, else as they are. The adapters' tensors then have to be there in every layer.
 */
function sameInEachLayer(modules: readonly string[]): readonly string[] {
  const byLayer: string[][] = [];
  for (const module of modules) {
    const [, layer, path] = /^(?:\w+\.)*layers\.(\d{1,4})\.(.+)$/.exec(module) ?? [];
    if (layer === undefined) return modules;
    byLayer[Number(layer)] = [...(byLayer[Number(layer)] ?? []), path!];
  }
  const [first = []] = byLayer;
  const same = Array.from(byLayer, (paths = []) => paths.toSorted().join()).every(
    (paths) => paths === first.toSorted().join(),
  );
  return same ? first : modules;
}

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 80);

/** What PEFT reads back as the same adapters. */
export function adapterConfigJson(lora: Lora, base: BaseName): Record<string, unknown> {
  return {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: base.name,
    revision: base.revision ?? null,
    inference_mode: true,
    r: lora.rank,
    lora_alpha: lora.alpha,
    use_rslora: lora.rankStabilized,
    lora_dropout: 0,
    target_modules: [...lora.targets],
    bias: "none",
    fan_in_fan_out: false,
    init_lora_weights: true,
    modules_to_save: null,
    layers_to_transform: null,
    layers_pattern: null,
    rank_pattern: {},
    alpha_pattern: {},
    use_dora: false,
    auto_mapping: null,
  };
}
