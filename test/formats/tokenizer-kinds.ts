/** What `tokenizers` makes of texts with a tokenizer of each kind, as bench/peers/make_tokenizers.py wrote it into a folder. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface TokenizerKind {
  readonly name: string;
  /** tokenizer.json. */
  readonly tokenizer: object;
  /** Of each text. */
  readonly ids: readonly (readonly number[])[];
  /** Of the first texts, with what a post-processor puts before them; of a text that begins so already, its ids. */
  readonly prompts: readonly (readonly number[])[];
  readonly decoded: readonly string[];
  /** Ids that are as good as random, and their text. */
  readonly lists: readonly (readonly [readonly number[], string])[];
}

interface File {
  readonly tokenizer: { readonly model: Readonly<Record<string, unknown>> };
  readonly ids: readonly (readonly number[])[];
  readonly prompts?: readonly (readonly number[])[];
  readonly decoded: Readonly<Record<string, string>>;
  readonly lists: readonly (readonly [readonly number[], string])[];
}

/** The texts, and the kinds one after another. */
export function tokenizerKinds(folder: string): { texts: readonly string[]; kinds: Iterable<TokenizerKind> } {
  const read = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
  const texts: readonly string[] = read("texts");
  const models: Readonly<Record<string, object>> = read("models");
  const names = readdirSync(folder).map((name) => name.replace(/\.json$/, ""));
  return { texts, kinds: kindsOf(names.filter((name) => name !== "texts" && name !== "models").sort()) };

  function* kindsOf(names: readonly string[]): Iterable<TokenizerKind> {
    for (const name of names) {
      const { tokenizer, ids, prompts = [], decoded, lists }: File = read(name);
      const model = { ...tokenizer.model, ...models[tokenizer.model.vocab as string] };
      const leading = leadingOf(ids, prompts);
      yield {
        name,
        tokenizer: { ...tokenizer, model },
        ids,
        prompts: prompts.map((_, i) => begun(leading, ids[i]!)),
        decoded: texts.map((text, i) => decoded[i] ?? text),
        lists,
      };
    }
  }
}

/** What a post-processor puts before a text, seen on the first text of some length. */
function leadingOf(ids: File["ids"], prompts: readonly (readonly number[])[]): readonly number[] {
  const i = prompts.findIndex((_, i) => ids[i]!.length > 10);
  if (i < 0) return [];
  const at = prompts[i]!.findIndex((_, at) => ids[i]!.every((id, j) => prompts[i]![at + j] === id));
  return prompts[i]!.slice(0, at);
}

const begun = (leading: readonly number[], own: readonly number[]): readonly number[] =>
  leading.every((id, i) => own[i] === id) ? own : [...leading, ...own];
