/**
 * What is asked of the hub: a repository at a revision, and which of its files.
 */

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
