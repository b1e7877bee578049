/**
 * What is asked of the hub: a repository at a revision, and which of its files.
 */
import type { HubSettings } from "./hub-settings.ts";

export interface HubRequest {
  readonly kind: "model" | "dataset";
  /** `owner/name`. */
  readonly repo: string;
  readonly revision: string;
  /** Which of a repository's files to take. It sees those of the hub, or those of the cache. */
  readonly choose: (paths: readonly string[]) => Choice;
}

/** Paths to take, or what is missing for them to be of use: `expected` and `got` of an error. */
export type Choice =
  | { readonly files: readonly string[] }
  | { readonly missing: string; readonly got: string; readonly next: string };

/** The address of the repository's page. */
export function pageOf({ kind, repo }: HubRequest, { endpoint }: HubSettings): string {
  return `${endpoint}/${kind === "model" ? "" : "datasets/"}${repo}`;
}

/** The request as errors and notes name it. */
export function nameOf({ repo, revision }: HubRequest): string {
  return revision === "main" ? repo : `${repo}@${revision}`;
}
