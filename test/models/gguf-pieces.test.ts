/**
 * SentencePiece's tokenizers in GGUF, held to llama.cpp v0.5.0: fixtures/tokenizers/llama-cpp.json has the ids that its `llama_tokenize`
 * gives the texts of fixtures/tokenizers/kinds, from files that gguf-py wrote of the same pieces and scores.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openGguf } from "../../src/formats/gguf/gguf.ts";
import { ggufTokenizer } from "../../src/formats/gguf/gguf-tokenizer.ts";
import { type GgufEntry, writeGguf } from "../../src/formats/gguf/gguf-writer.ts";
import { saveGguf } from "../../src/formats/gguf/save-gguf.ts";
import { makeTokenizer, openTokenizer, type Tokenizer } from "../../src/formats/tokenizer/tokenizer.ts";
import { type TokenizerKind, tokenizerKinds } from "../formats/tokenizer-kinds.ts";
import { refuses, temporaryFolder, tensorsOf, tinyConfig } from "./files.ts";

const fixtures = fileURLToPath(new URL("../fixtures/tokenizers", import.meta.url));
const { texts, kinds } = tokenizerKinds(join(fixtures, "kinds"));
const byName = new Map([...kinds].map((kind) => [kind.name, kind]));
const llamaCpp: Record<string, number[][]> = JSON.parse(
  readFileSync(join(fixtures, "llama-cpp.json"), "utf8"),
);
const ids = (made: Tokenizer) => texts.map((text) => [...made.encode(text)]);

interface File {
  readonly model: { readonly vocab: Record<string, number>; readonly merges: readonly [string, string][] };
  readonly normalizer: { readonly normalizers: readonly { readonly precompiled_charsmap: string }[] };
}
const fileOf = (name: string) => byName.get(name)!.tokenizer as File;

async function read(entries: Record<string, GgufEntry>): Promise<Tokenizer> {
  const path = join(temporaryFolder(), "model.gguf");
  const named = Object.entries(entries).map(([key, value]) => [`tokenizer.ggml.${key}`, value] as const);
  await writeGguf(path, Object.fromEntries(named), []);
  return ggufTokenizer(await openGguf(path))!;
}

/** The pieces of pieces-llama2 with scores by their merges, as in a file that llama.cpp's converter makes. */
function llamaEntries(): Record<string, GgufEntry> {
  const { vocab, merges } = fileOf("pieces-llama2").model;
  const tokens = Object.keys(vocab).sort((a, b) => vocab[a] - vocab[b]);
  const place = new Map([...merges].reverse().map(([left, right], i) => [left + right, merges.length - i]));
  const scores = tokens.map((token, id) => (id < 259 ? 0 : -(place.get(token) ?? 10_000 + id)));
  const kind = (id: number) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1);
  return {
    model: { text: "llama" },
    tokens: { texts: tokens },
    scores: { f32s: scores },
    token_type: { i32s: tokens.map((_, id) => kind(id)) },
  };
}

describe("a GGUF file's pieces with scores", () => {
  test("are merged as llama.cpp does, after a space or none", async () => {
    const made = await read(llamaEntries());
    expect(ids(made)).toEqual(llamaCpp.llama);
    // what no key says is llama.cpp's: <s> begins a text, </s> ends it
    expect([...made.encodePrompt("")]).toEqual([1]);
    expect(made).toMatchObject({ bosId: 1, eosIds: [2], unkId: 0 });
    expect(made.decode(made.encode("two  words\n é"))).toBe("two  words\n é");
    const bare = await read({
      ...llamaEntries(),
      add_space_prefix: { bool: false },
      add_bos_token: { bool: false },
    });
    expect(ids(bare)).toEqual(llamaCpp["llama-nospace"]);
    expect([...bare.encodePrompt("")]).toEqual([]);
  });

  test("of which the best together are taken, for t5", async () => {
    const { model, normalizer } = fileOf("unigram-t5");
    const vocab = model.vocab as unknown as readonly [string, number][];
    const bytes = Buffer.from(normalizer.normalizers[0].precompiled_charsmap, "base64");
    const made = await read({
      model: { text: "t5" },
      tokens: { texts: vocab.map(([token]) => token) },
      scores: { f32s: vocab.map(([, score]) => score) },
      token_type: { i32s: vocab.map((_, id) => (id < 2 ? 3 : id === 2 ? 2 : 1)) },
      precompiled_charsmap: { i32s: [...bytes] },
      add_space_prefix: { bool: true },
      remove_extra_whitespaces: { bool: true },
    });
    expect(ids(made)).toEqual(llamaCpp.t5);
    expect(made).toMatchObject({ eosIds: [1], unkId: 2, padId: 0 });
  });

  test.each<[string, Record<string, GgufEntry>, string]>([
    ["no scores", { scores: { text: "none" } }, "scores"],
    ["too few scores", { scores: { f32s: [1] } }, "one a token"],
    ["a score that is none", { scores: { f32s: [...Array(800)].map(() => Number.NaN) } }, "scores"],
    ["another model", { model: { text: "rwkv" } }, "gpt2, llama, t5"],
  ])("are refused with %s", async (_, entries, reason) => {
    await refuses(read({ ...llamaEntries(), ...entries }), "model.gguf", reason);
  });
});

describe("an export to GGUF of SentencePiece's BPE", () => {
  const written = async ({ name, tokenizer }: TokenizerKind): Promise<string> => {
    const made = makeTokenizer({ tokenizer, config: { bos_token: "<s>", eos_token: "</s>" }, where: name });
    const config = { ...tinyConfig, vocabSize: made.vocabulary + 5 };
    const tensors = new Map(tensorsOf(config).map((tensor) => [tensor.name, tensor.data]));
    const path = join(temporaryFolder(), "model.gguf");
    const read = async (tensor: string) => tensors.get(tensor)!;
    await saveGguf(path, { config, read, eosIds: [2], tokenizer: made, type: "F32", name: "tiny" });
    return path;
  };

  test.each(["pieces-llama2", "pieces-gemma", "pieces-never"])("keeps the tokens of %s", async (name) => {
    const made = ggufTokenizer(await openGguf(await written(byName.get(name)!)))!;
    expect(ids(made)).toEqual(byName.get(name)!.ids);
    expect(made).toMatchObject({ bosId: 1, eosIds: [2] });
    expect([...made.encodePrompt("")]).toEqual(name === "pieces-never" ? [] : [1]);
  });

  test.each([
    ["pieces-llama2-first", "spaces that GGUF"],
    ["pieces-always", "spaces that GGUF"],
    ["pieces-phi3", "rstrip"],
    ["pieces-no-bytes", "no name in GGUF"],
    ["unigram-t5", "Unigram"],
  ])("refuses %s, whose rules the format cannot say", async (name, reason) => {
    await refuses(written(byName.get(name)!), reason, "--format hf");
  });

  test("refuses merges that are not all that its pieces allow", async () => {
    const kind = byName.get("pieces-llama2")!;
    const { model, ...rest } = kind.tokenizer as File;
    const tokenizer = { ...rest, model: { ...model, merges: model.merges.slice(1) } };
    await refuses(written({ ...kind, tokenizer }), "no scores of pieces say");
  });
});

test("a folder with tokenizer.model alone is refused, with the command that makes tokenizer.json", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "tokenizer.model"), "");
  await refuses(openTokenizer(folder), "tokenizer.model", "save_pretrained");
});
