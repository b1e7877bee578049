/**
 * What a model's cost depends on, from its config.json or from data/costs.yaml.
 */
import { join } from "node:path";
import { OptionError } from "../../errors.ts";
import { isFile, readJson } from "../../files/checked-file.ts";
import { architectureOf } from "../../models/architectures.ts";
import { parseConfig } from "../../models/config-json.ts";
import { matricesOf, targetsAmong } from "../../models/lora.ts";
import { parameterCount } from "../../models/parameter-shapes.ts";
import { loraOf } from "../../options/choose-lora.ts";
import type { Incomplete } from "../../options/options.ts";
import { presetOf } from "../../options/presets.ts";
import { type ModelFigures, type PriceList, rowOf } from "./price-list.ts";

const CONFIG_BYTES = 2 ** 20;

/**
 * A folder with its config.json, or a model named as data/costs.yaml or the hub names it; where none is named, the
 * preset's.
 *
 * @throws OptionError where it is not known, ModelError where its config.json is damaged or not supported
 */
export async function figuresOf(
  { model: named, preset }: Incomplete<"train">,
  { models }: PriceList,
): Promise<ModelFigures> {
  const next = "Name one of these, or a folder with the model's config.json.";
  const model = named ?? (preset === undefined ? undefined : presetOf(preset, "train").model);
  if (model === undefined)
    throw new OptionError({
      where: "model",
      expected: "a model",
      got: "none",
      next: `${next} ${Object.keys(models).join(", ")}`,
    });
  const path = join(model, "config.json");
  if (!(await isFile(path))) return rowOf(models, model.split("/").at(-1)!, "model", next);
  const config = parseConfig(await readJson(path, CONFIG_BYTES), path);
  const { fused = false } = architectureOf(config.architecture);
  return { parameters: parameterCount(config), fused, ...config };
}

/** Numbers in the adapters that the options ask for: rank · (in + out) of each matrix, in every layer. */
export function adapterParameters(figures: ModelFigures, options: Incomplete<"train">): number {
  const { width, heads, kvHeads, headDim, ffnWidth, experts = 1, layers } = figures;
  const { rank, targets } = loraOf(options)!;
  const own = matricesOf(figures.fused ?? false);
  const [attention, keys, mlp] = [
    width + heads * headDim,
    width + kvHeads * headDim,
    experts * (width + ffnWidth),
  ];
  const ends = {
    q_proj: attention,
    k_proj: keys,
    v_proj: keys,
    qkv_proj: attention + 2 * kvHeads * headDim,
    o_proj: attention,
    gate_proj: mlp,
    up_proj: mlp,
    gate_up_proj: mlp + experts * ffnWidth,
    down_proj: mlp,
  };
  const adapted = targetsAmong(own, targets) ?? targets;
  return layers * rank * adapted.reduce((sum, target) => sum + ends[target], 0);
}
