/**
 * Export: a run, a checkpoint or any model, written in the format of other programs.
 *
 *   model  →  a Hugging Face folder, PEFT adapters or a GGUF file, with a model card and a proof
 *
 * It is written beside and gets its name once it was opened again and gave the log-probs it should.
 */
import { existsSync } from "node:fs";
import { readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { holdsRemoteHandle } from "../../engine/remote/handle.ts";
import { ModelError, OptionError, RunError } from "../../errors.ts";
import { writeJson, writeWhole } from "../../files/atomic-write.ts";
import { asRunError } from "../../files/disk-errors.ts";
import { saveGguf } from "../../formats/gguf/save-gguf.ts";
import type { ModelFiles } from "../../formats/model-files.ts";
import { openModel } from "../../formats/open-model.ts";
import { saveAdapters } from "../../formats/peft/adapter-files.ts";
import { saveModel } from "../../formats/save-model.ts";
import { findModel } from "../../loop/session/load-model.ts";
import { modelName } from "../../loop/session/model-name.ts";
import type { ModelConfig } from "../../models/config.ts";
import { adapterShapes } from "../../models/lora.ts";
import { elementCount } from "../../models/parameter-shapes.ts";
import { tensorShapes } from "../../models/tensor-shapes.ts";
import type { GivenOptions, Options } from "../../options/options.ts";
import { resolveOptions } from "../../options/resolve-options.ts";
import { checkContext } from "../../run/check-context.ts";
import type { OnEvent } from "../../run/events.ts";
import { modelCard } from "./card.ts";
import { fetchCheckpoint } from "./fetch-checkpoint.ts";
import { hubName } from "./hub-name.ts";
import { makePartial } from "./partial-folder.ts";
import { answersOf, type Dtype, type Proof, proofJson, prove, refuseDamaged } from "./proof.ts";
import { trainingOf } from "./training.ts";

export interface ExportContext {
  readonly onEvent?: OnEvent;
  /** Told before each part of the work. */
  readonly onStage?: (text: string) => void;
  /** Once aborted, nothing is exported, and the signal's reason is thrown. */
  readonly signal?: AbortSignal;
}

export interface Exported {
  readonly folder: string;
  /** What `--model` takes: the folder, or the .gguf file in it. */
  readonly model: string;
  readonly dtype: Dtype;
  readonly proof: Proof;
}

/**
 * `errata export`.
 *
 * @throws OptionError where format, dtype and adapter do not go together; ModelError where the model
 *   cannot be read, has no such form or does not come back the same; RunError where it may not be written
 */
export async function exportModel(given: GivenOptions, context: ExportContext = {}): Promise<Exported> {
  checkContext("exportModel", context, ["onEvent", "onStage", "signal"]);
  const { options } = resolveOptions("export", { given });
  const stage = (text: string) => {
    context.signal?.throwIfAborted();
    context.onStage?.(text);
  };
  const dtype = dtypeOf(options);
  const output = resolve(options.outputDir);
  await refuseTaken(output);
  const named = await findModel(options.model, context);
  const training = await trainingOf(options.model);
  const name = modelName(options.model);

  if (!(await holdsRemoteHandle(named.path)))
    return exportFiles(named, { options, dtype, output, name, training, stage, signal: context.signal });
  const adapters = await makePartial(`${output}.adapters`);
  try {
    stage("fetching the adapters from the server");
    const model = await fetchCheckpoint(named, options, adapters);
    return await exportFiles(model, {
      options,
      dtype,
      output,
      name,
      training,
      stage,
      signal: context.signal,
    });
  } finally {
    await rm(adapters, { recursive: true, force: true });
  }
}

interface Exporting {
  readonly options: Options<"export">;
  readonly dtype: Dtype;
  readonly output: string;
  readonly name: string;
  readonly training: Awaited<ReturnType<typeof trainingOf>>;
  readonly stage: (text: string) => void;
  readonly signal: AbortSignal | undefined;
}

async function exportFiles(
  model: ModelFiles,
  { options, dtype, output, name, training, stage, signal }: Exporting,
): Promise<Exported> {
  stage("reading log-probs before");
  const source = await answersOf(model, options.threads);
  refuseDamaged(options.model, source);
  const partial = await makePartial(output).catch((cause: unknown) => {
    throw asRunError(cause, output);
  });
  try {
    stage(`writing ${options.format === "gguf" ? "GGUF" : "safetensors"} as ${dtype}`);
    const written = await write(model, partial, name, options, dtype, signal);
    const file = join(partial, written.file);
    stage("opening it again");
    const answers = await answersOf(await openModel(file), options.threads, source);
    const proof = prove(join(output, written.file), source, answers, dtype);
    await writeJson(join(partial, "proof.json"), proofJson(answers, proof, dtype));
    const card = modelCard({
      ...written,
      name,
      dtype,
      file: written.file === "" ? basename(output) : written.file,
      training,
      base: hubName(String(training?.options.get("model") ?? options.model), training?.folder),
      dataset: hubName(String(training?.options.get("dataset") ?? ""), training?.folder),
      proof,
    });
    await writeWhole(join(partial, "README.md"), (handle) => handle.writeFile(card));
    stage("naming it");
    if (existsSync(output)) await rmdir(output);
    await rename(partial, output);
    return { folder: output, model: join(output, written.file), dtype, proof };
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    throw asRunError(cause, output);
  }
}

/** F32 where nothing is to be lost, F16 where one file is to be small. */
function dtypeOf({ format, dtype, adapter, outputDir }: Options<"export">): Dtype {
  const refuse = (where: string, expected: string, got: string, next: string) =>
    new OptionError({ where, expected, got, next });
  if (format === "gguf" && adapter)
    throw refuse(
      "adapter",
      "format hf",
      "gguf",
      "Adapters are exported as PEFT's folder; leave --adapter out to merge them.",
    );
  if (format === "hf" && dtype === "Q8_0")
    throw refuse(
      "dtype",
      "F32, F16 or BF16, as format is hf",
      dtype,
      "Q8_0 is a type of GGUF: --format gguf.",
    );
  if (extname(outputDir) === ".gguf")
    throw refuse(
      "output_dir",
      "a folder",
      outputDir,
      "The .gguf file, the model card and the proof are put into it.",
    );
  return dtype ?? (format === "gguf" ? "F16" : "F32");
}

interface Written {
  /** In the folder; empty where the folder is the model. */
  readonly file: string;
  readonly format: "hf" | "gguf" | "adapter";
  readonly config: ModelConfig;
  readonly parameters: number;
}

async function write(
  model: ModelFiles,
  folder: string,
  name: string,
  { format, adapter }: Options,
  dtype: Dtype,
  signal: AbortSignal | undefined,
): Promise<Written> {
  if (adapter) return writeAdapter(model, folder, dtype);
  const { config, eosIds, tokenizer } = model;
  const parameters = elementCount(tensorShapes(config));
  const read = (tensor: string) => {
    signal?.throwIfAborted();
    return model.read(tensor);
  };
  if (format === "gguf" || dtype === "Q8_0") {
    const file = `${name}-${dtype}.gguf`;
    await saveGguf(join(folder, file), { config, eosIds, tokenizer, type: dtype, name, read });
    return { file, format: "gguf", config, parameters };
  }
  const tensors = [...tensorShapes(config)].map(([tensor, shape]) => ({
    name: tensor,
    shape,
    data: () => read(tensor),
  }));
  await saveModel(folder, { config, tensors, eosIds, tokenizer, dtype, original: model });
  return { file: "", format: "hf", config, parameters };
}

async function writeAdapter({ path, adapters }: ModelFiles, folder: string, dtype: Dtype): Promise<Written> {
  if (adapters === undefined)
    throw new ModelError({
      where: path,
      expected: "adapters (adapter_config.json), as --adapter says",
      got: "a whole model",
      next: "Leave --adapter out; only runs with lora_rank over 0 have adapters.",
    });
  const { base, lora } = adapters;
  const shapes = adapterShapes(lora, tensorShapes(base.config));
  const tensors = [];
  for (const [name, shape] of shapes)
    tensors.push({ name, shape, data: await adapters.read(name), dtype: dtype as "F32" | "F16" | "BF16" });
  await saveAdapters(folder, { lora, base: resolve(base.path), tensors, tokenizer: base.tokenizer });
  return {
    file: "",
    format: "adapter",
    config: base.config,
    parameters: elementCount(tensorShapes(base.config)),
  };
}

async function refuseTaken(output: string): Promise<void> {
  const held = existsSync(output) ? await readdir(output).catch(() => ["a file"]) : [];
  if (held.length === 0) return;
  throw new RunError({
    where: output,
    expected: "a new or an empty folder",
    got: "one that holds something",
    next: "Name another folder with --output; nothing is ever written over.",
  });
}
