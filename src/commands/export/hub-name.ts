/**
 * Which of the names that options hold are repositories of the hub.
 *
 *   openai/gsm8k:main/train  →  openai/gsm8k        models/pocket  →  none
 *
 * A card links what it names: a path of this machine would be a dead link there, or a stranger's repository.
 */
import { existsSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { parseHubId } from "../../hub/hub-id.ts";
import { fileEndings } from "../../loop/problems/files/rows.ts";
import { readPart } from "../../loop/problems/splits.ts";

/** Endings of files that are named where a repository may be. */
const endings = [...fileEndings, ".gguf", ".safetensors"];

/**
 * @param named  a model or a data set, as an option names it
 * @param run    the folder of the run it was an option of, which may have been started in another folder than this
 * @returns      `owner/name`, or undefined where it is, was or may have been a path
 */
export function hubName(named: string, run?: string): string | undefined {
  const { name } = readPart(named);
  const repo = parseHubId(name)?.repo;
  if (repo === undefined || endings.includes(extname(repo).toLowerCase())) return undefined;
  if (name.startsWith("hf:")) return repo;
  // as where models and data are looked for: what begins in a folder that is here is a path
  const owner = repo.split("/")[0]!;
  return startsOf(run).some((folder) => existsSync(join(folder, owner))) ? undefined : repo;
}

/** Where paths may begin: here, and wherever the run may have been started, which no file of it says. */
function startsOf(run: string | undefined): string[] {
  const folders = [process.cwd()];
  if (run === undefined) return folders;
  for (let at = resolve(run); dirname(at) !== at; at = dirname(at)) folders.push(dirname(at));
  return folders;
}
