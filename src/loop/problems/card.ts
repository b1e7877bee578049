/**
 * A data set's card: the list of splits and their files at the top of its README.md.
 *
 *   configs: [{ config_name: main, default: true, data_files: [{ split: train, path: main/train-* }] }]
 */
import { open } from "node:fs/promises";
import { parseDocument } from "yaml";
import type { ListedSplit } from "./splits.ts";

/** Bytes read of a card; its list stands at the top. */
const LONGEST_CARD = 2 ** 18;

/** The splits a card lists; none where there is no card, or it lists none that can be read. */
export async function readCard(path: string): Promise<readonly ListedSplit[]> {
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(await topOf(path))?.[1];
  if (front === undefined) return [];
  let card: unknown;
  try {
    card = parseDocument(front).toJS({ maxAliasCount: 10 });
  } catch {
    return [];
  }
  return list(get(card, "configs")).flatMap((config) => {
    const given = get(config, "config_name");
    // as the hub calls a configuration without a name
    const name = typeof given === "string" ? given : "default";
    const isDefault = name === "default" || get(config, "default") === true;
    const files = get(config, "data_files");
    const splits = typeof files === "string" ? [{ split: "train", path: files }] : list(files);
    return splits.flatMap((entry): ListedSplit[] => {
      const [split, path] = [get(entry, "split"), get(entry, "path")];
      const patterns = (typeof path === "string" ? [path] : list(path)).filter(
        (one) => typeof one === "string",
      );
      if (typeof split !== "string" || patterns.length === 0) return [];
      return [{ config: name, isDefault, split, patterns }];
    });
  });
}

async function topOf(path: string): Promise<string> {
  const handle = await open(path).catch(() => undefined);
  if (handle === undefined) return "";
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(LONGEST_CARD), 0, LONGEST_CARD, 0);
    return buffer.subarray(0, bytesRead).toString("utf8");
  } catch {
    return "";
  } finally {
    await handle.close();
  }
}

function get(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
