import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { openModel } from "../../src/formats/open-model.ts";
import { hubBase, openAdapters, saveAdapters } from "../../src/formats/peft/adapter-files.ts";
import { openSafetensors } from "../../src/formats/safetensors/safetensors.ts";
import { type NamedTensor, writeSafetensors } from "../../src/formats/safetensors/safetensors-writer.ts";
import { saveModel } from "../../src/formats/save-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import { saveTokenizer } from "../../src/formats/tokenizer/tokenizer.ts";
import { adapterShapes, type Lora, merge } from "../../src/models/lora.ts";
import { tensorShapes } from "../../src/models/tensor-shapes.ts";
import { refuses, temporaryFolder, tensorsOf, tinyConfig } from "./files.ts";

const lora: Lora = { rank: 2, alpha: 4, rankStabilized: false, targets: ["q_proj", "down_proj"] };

function adaptersFor(adapters: Lora): NamedTensor[] {
  let next = 0;
  return [...adapterShapes(adapters, tensorShapes(tinyConfig))].map(([name, shape]) => ({
    name,
    shape,
    data: Float32Array.from({ length: shape[0] * shape[1] }, () => Math.fround(Math.sin(next++))),
  }));
}

/** A folder with `base/` and, beside it, `adapter/` as this package writes it. */
async function saved(adapters = lora, tensors = adaptersFor(adapters)) {
  const folder = temporaryFolder();
  const [base, adapter] = [join(folder, "base"), join(folder, "adapter")];
  await saveModel(base, { config: tinyConfig, tensors: tensorsOf(tinyConfig), eosIds: [3] });
  await saveAdapters(adapter, { lora: adapters, base, tensors });
  return { base, adapter };
}

const configPath = (adapter: string) => join(adapter, "adapter_config.json");
const weightsPath = (adapter: string) => join(adapter, "adapter_model.safetensors");

/** Writes a changed adapter_config.json; a value of undefined takes the key away. */
function change(adapter: string, settings: Record<string, unknown>): string {
  const config = JSON.parse(readFileSync(configPath(adapter), "utf8"));
  writeFileSync(configPath(adapter), JSON.stringify({ ...config, ...settings }));
  return adapter;
}

const changed = async (settings: Record<string, unknown>) => change((await saved()).adapter, settings);

async function readAll(path: string): Promise<Map<string, Float32Array>> {
  const model = await openModel(path);
  const tensors = new Map<string, Float32Array>();
  for (const name of tensorShapes(model.config).keys()) tensors.set(name, await model.read(name));
  return tensors;
}

describe("a PEFT folder", () => {
  test("has PEFT's names and settings", async () => {
    const { adapter, base } = await saved();
    const file = await openSafetensors(weightsPath(adapter));
    const layers = [0, 1].flatMap((layer) =>
      ["self_attn.q_proj", "mlp.down_proj"].flatMap((module) =>
        ["A", "B"].map((letter) => `base_model.model.model.layers.${layer}.${module}.lora_${letter}.weight`),
      ),
    );
    expect([...file.tensors.keys()].sort()).toEqual(layers.sort());
    expect(file.tensors.get("base_model.model.model.layers.1.mlp.down_proj.lora_A.weight")!.shape).toEqual([
      2, 12,
    ]);
    expect(file.tensors.get("base_model.model.model.layers.1.mlp.down_proj.lora_B.weight")!.shape).toEqual([
      8, 2,
    ]);
    expect(JSON.parse(readFileSync(configPath(adapter), "utf8"))).toMatchObject({
      ...{ peft_type: "LORA", task_type: "CAUSAL_LM", base_model_name_or_path: base, r: 2, lora_alpha: 4 },
      ...{ target_modules: ["q_proj", "down_proj"], bias: "none", use_rslora: false, use_dora: false },
    });
  });

  test("is read back to the last bit", async () => {
    const { adapter, base } = await saved();
    const opened = await openAdapters(adapter, openModel);
    expect(opened.lora).toEqual(lora);
    expect(opened.base.path).toBe(base);
    for (const { name, data } of adaptersFor(lora)) expect(await opened.read(name), name).toEqual(data);
  });

  test("opens as one model: its adapted matrices merged, the rest as in the base", async () => {
    const { adapter, base } = await saved();
    const [whole, bare] = [await readAll(adapter), await readAll(base)];
    const adapters = new Map(adaptersFor(lora).map(({ name, data }) => [name, data]));
    for (const [name, values] of bare) {
      const [a, b] = ["A", "B"].map((letter) =>
        adapters.get(name.replace(/weight$/, `lora_${letter}.weight`)),
      );
      const expected = values.slice();
      // alpha / rank = 2; row o of B A is Σ_k B[o, k] · A[k, :]
      if (a && b) {
        const into = a.length / 2;
        for (let i = 0; i < expected.length; i++) {
          const [o, at] = [Math.floor(i / into), i % into];
          expected[i] += 2 * (b[2 * o] * a[at] + b[2 * o + 1] * a[into + at]);
        }
      }
      expect(whole.get(name), name).toEqual(expected);
      expect(a !== undefined, name).toBe(/q_proj|down_proj/.test(name));
    }
  });

  test("counts alpha / √rank times with use_rslora", async () => {
    const { adapter } = await saved();
    const plain = await readAll(adapter);
    const stabilized = await readAll(change(adapter, { use_rslora: true, lora_alpha: 4 / Math.SQRT2 }));
    for (const [name, values] of plain)
      values.forEach((value, i) => expect(stabilized.get(name)![i]).toBeCloseTo(value, 5));
    const weight = new Float32Array(1);
    merge(weight, Float32Array.of(1, 1, 1, 1), Float32Array.of(1, 0, 0, 0), {
      ...lora,
      rank: 4,
      rankStabilized: true,
    });
    expect(weight[0]).toBe(4 / 2);
  });

  test.each([
    ["from the working folder", (base: string) => relative(process.cwd(), base)],
    ["from its own folder", () => "../base"],
  ])("finds its base by a path %s", async (_, named) => {
    const { adapter, base } = await saved();
    const whole = await readAll(adapter);
    expect(await readAll(change(adapter, { base_model_name_or_path: named(base) }))).toEqual(whole);
  });

  test("may come with a tokenizer, of at most the base's tokens", async () => {
    const tokenizer = characterTokenizer(["abc"]);
    const { adapter, base } = await saved();
    await saveTokenizer(adapter, tokenizer.files);
    await refuses(openModel(adapter), "a tokenizer of at most 40 tokens", String(tokenizer.vocabulary));
    const roomy = { ...tinyConfig, vocabSize: tokenizer.vocabulary };
    await saveModel(base, { config: roomy, tensors: tensorsOf(roomy), eosIds: [3] });
    const model = await openModel(adapter);
    expect(model.tokenizer?.vocabulary).toBe(tokenizer.vocabulary);
    expect(model.eosIds).toEqual([...new Set([3, ...tokenizer.eosIds])].sort((a, b) => a - b));
  });

  test("names a base in the hub's cache by its id and commit, and finds it there", async () => {
    const [cache, commit] = [temporaryFolder(), "0123456789".repeat(4)];
    const base = join(cache, "models--some--model", "snapshots", commit);
    const adapter = join(temporaryFolder(), "adapter");
    await saveModel(base, { config: tinyConfig, tensors: tensorsOf(tinyConfig), eosIds: [3] });
    await saveAdapters(adapter, { lora, base, tensors: adaptersFor(lora) });
    const config = JSON.parse(readFileSync(configPath(adapter), "utf8"));
    expect(config).toMatchObject({ base_model_name_or_path: "some/model", revision: commit });
    vi.stubEnv("HF_HUB_CACHE", cache);
    const opened = await openAdapters(adapter, openModel);
    expect(opened.base.path).toBe(base);
    vi.stubEnv("HF_HUB_CACHE", temporaryFolder());
    await refuses(openModel(adapter), "some/model", "not there");
    vi.unstubAllEnvs();
    expect(await hubBase(adapter)).toEqual({ repo: "some/model", revision: commit, file: undefined });
    expect(await hubBase(change(adapter, { base_model_name_or_path: base }))).toBeUndefined();
    expect(await hubBase(base)).toBeUndefined();
  });

  test("as PEFT itself writes it is taken, targets by list, by path, by pattern or all", async () => {
    const byPeft = {
      ...{
        alora_invocation_tokens: null,
        arrow_config: null,
        corda_config: null,
        ensure_weight_tying: false,
      },
      ...{
        eva_config: null,
        exclude_modules: null,
        layer_replication: null,
        loftq_config: {},
        lora_bias: false,
      },
      ...{
        megatron_config: null,
        megatron_core: "megatron.core",
        peft_version: "0.18.0",
        qalora_group_size: 16,
      },
      ...{ target_parameters: null, trainable_token_indices: null, use_qalora: false, lora_dropout: 0.05 },
    };
    const { adapter } = await saved();
    const whole = await readAll(adapter);
    for (const modules of [
      ["down_proj", "q_proj"],
      ["mlp.down_proj", "self_attn.q_proj"],
      ".*\\.(q_proj|down_proj)",
    ])
      expect(await readAll(change(adapter, { ...byPeft, target_modules: modules }))).toEqual(whole);
    const everywhere: Lora = {
      ...lora,
      targets: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    };
    const all = await saved(everywhere);
    const fullNames = Object.keys(Object.fromEntries(tensorShapes(tinyConfig)))
      .filter((name) => name.endsWith("_proj.weight"))
      .map((name) => name.replace(".weight", ""));
    expect(fullNames).toHaveLength(14);
    for (const target_modules of ["all-linear", fullNames]) {
      const opened = await openAdapters(change(all.adapter, { target_modules }), openModel);
      expect(opened.lora).toEqual(everywhere);
    }
  });
});

describe("what is not supported is named", () => {
  test.each<[Record<string, unknown>, ...string[]]>([
    [{ use_dora: true }, "use_dora true"],
    [{ modules_to_save: ["lm_head"] }, "modules_to_save", "lm_head"],
    [{ bias: "all" }, "bias", "all"],
    [{ lora_bias: true }, "lora_bias true"],
    [{ rank_pattern: { q_proj: 4 } }, "rank_pattern"],
    [{ alpha_pattern: { q_proj: 4 } }, "alpha_pattern"],
    [{ layers_to_transform: [0] }, "layers_to_transform"],
    [{ fan_in_fan_out: true }, "fan_in_fan_out"],
    [{ init_lora_weights: "pissa" }, "init_lora_weights", "pissa"],
    [{ trainable_token_indices: [1] }, "trainable_token_indices"],
    [{ something_of_tomorrow: "on" }, "something_of_tomorrow"],
    [{ peft_type: "IA3" }, "peft_type", "IA3"],
    [{ peft_type: undefined }, "peft_type"],
    [{ task_type: "SEQ_CLS" }, "task_type", "SEQ_CLS"],
    [{ target_modules: ["q_proj", "lm_head"] }, "target_modules", "lm_head"],
    [{ target_modules: ["model.layers.1.self_attn.q_proj"] }, "model.layers.1.self_attn.q_proj"],
    [{ target_modules: ["model.layers.0.mlp.up_proj", "q_proj"] }, "model.layers.0.mlp.up_proj"],
    [{ target_modules: [] }, "target_modules", "none"],
    [{ r: 0 }, "a valid r"],
    [{ r: 2 ** 40 }, "a valid r"],
    [{ r: 2.5 }, "a valid r"],
    [{ lora_alpha: "4" }, "a valid lora_alpha"],
    [{ lora_alpha: -1 }, "a valid lora_alpha"],
    [{ base_model_name_or_path: null }, "base_model_name_or_path"],
  ])("%j", async (settings, ...words) => {
    await refuses(openModel(await changed(settings)), "adapter_config.json", ...words);
  });
});

describe("a damaged or hostile folder is refused:", () => {
  test("of another rank than its tensors", async () => {
    await refuses(openModel(await changed({ r: 16384 })), "lora_A.weight of shape [16384, 8]", "[2, 8]");
  });

  test("with adapters of fewer matrices or of more than its config says", async () => {
    const targets = ["q_proj", "v_proj", "down_proj"];
    await refuses(
      openModel(await changed({ target_modules: targets })),
      "v_proj.lora_A.weight",
      "none of that name",
    );
    await refuses(
      openModel(await changed({ target_modules: ["q_proj"] })),
      "no other tensors",
      "down_proj.lora_A.weight",
    );
  });

  test("with adapters of some layers only, of other matrices, or of none", async () => {
    const all = adaptersFor(lora);
    const some = all.filter(({ name }) => !name.includes("layers.1."));
    await refuses(openModel((await saved(lora, some)).adapter), "layers.1.self_attn.q_proj.lora_A.weight");
    const head = { name: "lm_head.lora_A.weight", shape: [2, 8], data: new Float32Array(16) };
    await refuses(openModel((await saved(lora, [...all, head])).adapter), "lm_head.lora_A.weight");
    const { adapter } = await saved();
    const bare = all.map((tensor) => ({ ...tensor, name: `x.${tensor.name}` }));
    await writeSafetensors(weightsPath(adapter), bare);
    await refuses(
      openModel(adapter),
      "a tensor base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
    );
    await refuses(openModel(change(adapter, { target_modules: ".*" })), "adapters of", "q_proj");
    await writeSafetensors(weightsPath(adapter), [{ name: "x", shape: [1], data: new Float32Array(1) }]);
    await refuses(openModel(adapter), "adapters of some matrix", "x");
  });

  test("without tensors, with pickled ones, or with a file cut short", async () => {
    const { adapter } = await saved();
    truncateSync(weightsPath(adapter), 300);
    await refuses(openModel(adapter), "adapter_model.safetensors", "bytes");
    renameSync(weightsPath(adapter), join(adapter, "adapter_model.bin"));
    await refuses(openModel(adapter), "expected adapter_model.safetensors", "pickled");
  });

  test("with a config that is no JSON, no object or too large", async () => {
    const { adapter } = await saved();
    for (const [text, word] of [
      ["{", "JSON"],
      ["[]", "object"],
      ["null", "object"],
      [" ".repeat(2 ** 20 + 1), "bytes"],
    ] as const) {
      writeFileSync(configPath(adapter), text);
      await refuses(openModel(adapter), "adapter_config.json", word);
    }
  });

  test("whose base is not there, is adapters itself, or is another model", async () => {
    await refuses(
      openModel(await changed({ base_model_name_or_path: "no/such-model" })),
      "no/such-model",
      "not there",
    );
    await refuses(openModel(await changed({ base_model_name_or_path: "\0" })), "not there");
    await refuses(
      openModel(await changed({ base_model_name_or_path: "x".repeat(5000) })),
      "base_model_name_or_path",
    );
    const { adapter } = await saved();
    await refuses(openModel(change(adapter, { base_model_name_or_path: adapter })), "holds adapters itself");
    const { adapter: second } = await saved();
    await refuses(openModel(change(second, { base_model_name_or_path: adapter })), "holds adapters itself");
    const wider = { ...tinyConfig, ffnWidth: 16 };
    const other = await saved();
    await saveModel(other.base, { config: wider, tensors: tensorsOf(wider), eosIds: [] });
    await refuses(openModel(other.adapter), "mlp.down_proj.lora_A.weight of shape [2, 16]", "[2, 12]");
  });

  test("moved with its base it still opens, moved alone it does not", async () => {
    const { adapter } = await saved();
    change(adapter, { base_model_name_or_path: "../base" });
    const folder = temporaryFolder();
    cpSync(dirname(adapter), join(folder, "both"), { recursive: true });
    rmSync(dirname(adapter), { recursive: true });
    await openModel(join(folder, "both", "adapter"));
    mkdirSync(join(folder, "alone"));
    renameSync(join(folder, "both", "adapter"), join(folder, "alone", "adapter"));
    await refuses(openModel(join(folder, "alone", "adapter")), "../base", "not there");
  });
});
