/**
 * A model's name on the hub → the path of its folder, or of the one file named, in the cache.
 */
import { join } from "node:path";
import { cachedSnapshot } from "./cache.ts";
import type { HubId } from "./hub-id.ts";
import type { Choice } from "./hub-request.ts";
import { hubSettings } from "./hub-settings.ts";
import { type HubContext, snapshot } from "./snapshot.ts";

/** Everything beside the weights that errata reads or keeps. */
const small =
  /^(config|generation_config|tokenizer[\w-]*|special_tokens_map|adapter_config|chat_template)\.(json|jinja)$/;
const ADAPTER = "adapter_model.safetensors";
const shard = /^model-(\d{5})-of-(\d{5})\.safetensors$/;

/** @throws HubError where it is neither to be had nor in the cache */
export async function hubModel({ repo, revision, file }: HubId, context: HubContext = {}): Promise<string> {
  const choose = file === undefined ? chooseModel(repo) : chooseFile(file);
  const { folder } = await snapshot({ kind: "model", repo, revision, choose }, context);
  return file === undefined ? folder : join(folder, file);
}

/** The same of what is whole in the cache already, without a question to the hub; undefined where it is not. */
export async function cachedModel({ repo, revision, file }: HubId): Promise<string | undefined> {
  const choose = file === undefined ? chooseModel(repo) : chooseFile(file);
  const cached = await cachedSnapshot(hubSettings().cache, { kind: "model", repo, revision, choose });
  return cached && (file === undefined ? cached.folder : join(cached.folder, file));
}

/** The file; of a GGUF model in parts, of which the first is named, all of them. */
function chooseFile(file: string): (paths: readonly string[]) => Choice {
  return (paths) => {
    const files = [file, ...otherParts(file, paths.length)];
    const missing = files.find((path) => !paths.includes(path));
    if (missing === undefined) return { files };
    return {
      missing: `a file ${missing}`,
      got: someOf(paths.filter((path) => path.endsWith(".gguf"))) || "no .gguf file at all",
      next:
        missing === file ? "Check the file's name, capitals too." : "Parts of the model are missing there.",
    };
  };
}

const firstPart = /^(?<stem>.*-)00001(?<end>-of-(?<count>\d{5})\.gguf)$/s;

/** @param most  of files that may be there: a name can count to anything */
function otherParts(file: string, most: number): string[] {
  const { stem = "", end = "", count = "1" } = firstPart.exec(file)?.groups ?? {};
  return Array.from(
    { length: Math.min(Number(count) - 1, most) },
    (_, i) => `${stem}${String(i + 2).padStart(5, "0")}${end}`,
  );
}

/**
 * Small files first, so that weights that are there mean that all is.
 *
 * A folder with an adapter's config is opened as the adapter, whatever else is in it: so the adapter
 * is what is fetched of a repository that holds a full model, too.
 */
export function chooseModel(repo: string): (paths: readonly string[]) => Choice {
  return (paths) => {
    const beside = paths.filter((path) => small.test(path));
    const isAdapter = ["adapter_config.json", ADAPTER].every((path) => paths.includes(path));
    const weights = isAdapter ? [ADAPTER] : weightsOf(paths);
    const whole = isAdapter || beside.includes("config.json");
    if (weights !== undefined && whole) return { files: [...beside, ...weights] };
    const ggufs = paths.filter((path) => path.endsWith(".gguf"));
    return {
      missing: "a model: config.json, and model.safetensors or all its shards with their index",
      got: someOf(ggufs.length > 0 ? ggufs : paths) || "no files",
      next:
        ggufs.length > 0
          ? `Name one of its .gguf files: ${repo}/${ggufs[0]}`
          : "Choose a model with safetensors weights; pickled weights (.bin, .pt) are not read.",
    };
  };
}

/** A full model's: one file, or every shard that the shards' own names count. */
function weightsOf(paths: readonly string[]): readonly string[] | undefined {
  if (paths.includes("model.safetensors")) return ["model.safetensors"];
  const shards = paths.filter((path) => shard.test(path));
  const index = "model.safetensors.index.json";
  const counted = shards[0] === undefined ? 0 : Number(shard.exec(shards[0])![2]);
  const whole = paths.includes(index) && counted > 0 && shards.length === counted;
  return whole ? [index, ...shards] : undefined;
}

function someOf(paths: readonly string[]): string {
  return paths.length <= 6
    ? paths.join(", ")
    : `${paths.slice(0, 6).join(", ")} and ${paths.length - 6} more`;
}
