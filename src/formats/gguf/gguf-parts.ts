/**
 * A GGUF model in one file or, as `llama-gguf-split` cuts it, in several: the first has the metadata, each its tensors.
 */
import { basename, dirname, join } from "node:path";
import { ModelError } from "../../errors.ts";
import { type GgufFile, openGguf } from "./gguf.ts";

const MOST_PARTS = 1024;

/**
 * Opens a GGUF file and, where it is the first of several, those beside it.
 *
 * @throws ModelError where a part is missing, damaged, of another model, or not the first
 */
export async function openGgufParts(path: string): Promise<GgufFile> {
  const first = await openGguf(path);
  const count = first.metadata.get("split.count") ?? 1;
  if (count === 0 || count === 1) return first;
  if (typeof count !== "number" || count < 0 || count > MOST_PARTS)
    throw wrong(path, `split.count of at most ${MOST_PARTS}`, String(count));
  const names = partNames(basename(path), count);
  if (first.metadata.get("split.no") !== 0 || names === undefined)
    throw wrong(path, "the first part of a split model, NAME-00001-of-00003.gguf", basename(path));
  const parts = [first];
  for (const [no, name] of [...names.entries()].slice(1)) {
    const part = await openGguf(join(dirname(path), name));
    if (part.metadata.get("split.no") !== no || part.metadata.get("split.count") !== count)
      throw wrong(part.path, `part ${no + 1} of ${count}`, "a part of another model");
    parts.push(part);
  }
  const where = new Map(
    parts.flatMap((part) => [...part.tensors.keys()].map((name) => [name, part] as const)),
  );
  const all = parts.reduce((sum, { tensors }) => sum + tensors.size, 0);
  if (where.size !== all) throw wrong(path, "every tensor in one part", `${all - where.size} in several`);
  const named = first.metadata.get("split.tensors.count") ?? all;
  if (named !== all) throw wrong(path, `${named} tensors in all parts`, `${all}`);
  return {
    path,
    metadata: first.metadata,
    tensors: new Map([...where].map(([name, part]) => [name, part.tensors.get(name)!])),
    read: (name) => (where.get(name) ?? first).read(name),
  };
}

/** The names of all parts; undefined where the file's own is not that of the first. */
function partNames(name: string, count: number): string[] | undefined {
  const digits = (value: number) => String(value).padStart(5, "0");
  const end = (no: number) => `-${digits(no)}-of-${digits(count)}.gguf`;
  if (!name.endsWith(end(1))) return undefined;
  const stem = name.slice(0, -end(1).length);
  return Array.from({ length: count }, (_, i) => stem + end(i + 1));
}

function wrong(where: string, expected: string, got: string): ModelError {
  return new ModelError({
    where,
    expected,
    got,
    next: "Fetch all parts of the model into one folder, and name the first.",
  });
}
