/**
 * A model as somebody names it → the path of its files on this machine.
 *
 *   a folder, a .gguf file, a run's folder, `pocket`, or a Hugging Face id
 *
 * What is on this machine goes before what the hub has, and a path that merely looks like an id is
 * not asked of the hub: where `owner` is a folder here, `hf:owner/name` means the hub's.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { HubError, ModelError } from "../../errors.ts";
import { pathKind } from "../../files/path-kind.ts";
import { hubBase } from "../../formats/peft/adapter-files.ts";
import { type HubId, parseHubId } from "../../hub/hub-id.ts";
import type { HubContext } from "../../hub/snapshot.ts";
import type { OnEvent } from "../../run/events.ts";
import { modelPath } from "../../run/run-folder.ts";

export interface Locating {
  /** Told of a download, and of a copy in the cache that stands in for it. */
  readonly onEvent?: OnEvent | undefined;
  /** Ends a download; what has come of it is kept. */
  readonly signal?: AbortSignal | undefined;
}

/** The model that this package brings, as `pocket` is the name of the sums it was taught. */
const packed: Readonly<Record<string, string>> = {
  pocket: fileURLToPath(new URL("../../../models/pocket", import.meta.url)),
};

/**
 * @throws ModelError where nothing of that name is here and it is no id; HubError where the hub does
 *   not give it; RunError where it is a run without a checkpoint
 */
export async function locateModel(named: string, locating: Locating = {}): Promise<string> {
  const path = await pathOf(named, locating);
  // adapters are opened together with their base, which may be the hub's, too
  const base = await hubBase(path);
  if (base !== undefined) await fetchModel(base, base.repo, locating);
  return path;
}

/**
 * What a name means, told from the name and this machine alone.
 *
 * @throws ModelError where nothing of that name is here and it is no id
 */
export function meaningOf(named: string): { readonly path: string } | { readonly id: HubId } {
  if (pathKind(named) !== undefined) return { path: modelPath(named) };
  if (Object.hasOwn(packed, named)) return { path: packed[named]! };
  const id = parseHubId(named, [".gguf"]);
  const owner = named.split("/")[0]!;
  if (id === undefined || pathKind(owner) !== undefined) throw unknownModel(named, id !== undefined);
  return { id };
}

async function pathOf(named: string, locating: Locating): Promise<string> {
  const meant = meaningOf(named);
  if ("path" in meant) return meant.path;
  const { id } = meant;
  return fetchModel(id, named, locating).catch((cause: unknown) => {
    throw named.startsWith("hf:") || locating.signal?.aborted ? cause : norHere(named, id, cause);
  });
}

async function fetchModel(id: HubId, named: string, locating: Locating): Promise<string> {
  // loaded where it is needed: most runs never ask the hub
  const { hubModel } = await import("../../hub/hub-model.ts");
  return hubModel(id, hearing(named, locating));
}

/** What a download tells, as a run's events. */
export function hearing(named: string, { onEvent, signal }: Locating): HubContext {
  return {
    onNote: (text) => onEvent?.({ kind: "note", text }),
    onProgress: (done, total) => onEvent?.({ kind: "download", name: named, done, total }),
    signal,
  };
}

/** What the hub does not give may have been meant as a path: then it matters where that was looked for. */
function norHere(named: string, { repo }: HubId, cause: unknown): unknown {
  if (!(cause instanceof HubError) || !cause.where.startsWith(repo)) return cause;
  const expected = `a file or folder of that name in ${process.cwd()}, or ${cause.expected}`;
  return new HubError({ where: named, expected, got: `none, and ${cause.got}`, next: cause.next, cause });
}

function unknownModel(named: string, likeId: boolean): ModelError {
  return new ModelError({
    where: named,
    expected:
      "a model: a folder, a .gguf file, pocket, or a Hugging Face id (owner/name, owner/name@revision)",
    got: `no file or folder ${resolve(named)}, and no id`,
    next: likeId
      ? `Check the path, which begins in a folder that is here. If the hub's is meant, write hf:${named}.`
      : "Check the path, or the id's spelling. A run's folder stands for its last checkpoint.",
  });
}
