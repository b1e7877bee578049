/**
 * A revision of a repository → the commit that it is, and every file of that commit, as the hub says.
 *
 * The hub's answers are held to the shapes they have: a hash or a size is used only as such.
 */
import { datasetInfo, listFiles, modelInfo } from "@huggingface/hub";
import { z } from "zod";
import { HubError } from "../errors.ts";
import type { HubFile } from "./download.ts";
import type { HubFetch } from "./hub-fetch.ts";
import { LONGEST_PATH } from "./hub-id.ts";
import { type HubRequest, nameOf } from "./hub-request.ts";
import type { HubSettings } from "./hub-settings.ts";

/** Files of a repository looked at before it is called no model. */
const MOST_FILES = 100_000;

const commitSchema = z.string().regex(/^[0-9a-f]{40}$/);
const entrySchema = z.looseObject({
  path: z.string(),
  size: z.int().min(0),
  oid: commitSchema.optional(),
  lfs: z.looseObject({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().min(0) }).optional(),
});

/** True of a commit's own name, which always means the same files; a branch or a tag may move on. */
export const isCommit = (revision: string): boolean => commitSchema.safeParse(revision).success;

export async function commitOf(request: HubRequest, settings: HubSettings, fetch: HubFetch): Promise<string> {
  const asked = {
    name: request.repo,
    revision: request.revision,
    hubUrl: settings.endpoint,
    fetch: fetch as typeof globalThis.fetch,
  };
  const { sha } =
    request.kind === "model"
      ? await modelInfo({ ...asked, additionalFields: ["sha"] })
      : await datasetInfo({ ...asked, additionalFields: ["sha"] });
  return checked(commitSchema, sha, nameOf(request));
}

/** Every file of a commit, by its path. Of a path that is too long for a file here, the end. */
export async function listing(
  request: HubRequest,
  commit: string,
  settings: HubSettings,
  fetch: HubFetch,
): Promise<Map<string, HubFile>> {
  const where = nameOf(request);
  const files = new Map<string, HubFile>();
  let seen = 0;
  for await (const entry of listFiles({
    repo: { type: request.kind, name: request.repo },
    revision: commit,
    recursive: true,
    hubUrl: settings.endpoint,
    fetch: fetch as typeof globalThis.fetch,
  })) {
    if (++seen > MOST_FILES) throw unexpectedAnswer(where, `at most ${MOST_FILES} files`, "more");
    if (entry.type !== "file") continue;
    const { path: whole, size, oid, lfs } = checked(entrySchema, entry, where);
    const path = whole.slice(-LONGEST_PATH - 1);
    const hash = lfs?.oid ?? oid;
    if (hash === undefined) throw unexpectedAnswer(where, `a hash of ${path}`, "none");
    files.set(path, { path, size: lfs?.size ?? size, hash });
  }
  return files;
}

function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw unexpectedAnswer(where, "an answer as the hub gives", `${path.join(".") || "a commit"}: ${message}`);
}

function unexpectedAnswer(where: string, expected: string, got: string): HubError {
  return new HubError({
    where,
    expected,
    got,
    next: "Check HF_ENDPOINT: this does not behave like the hub.",
  });
}
