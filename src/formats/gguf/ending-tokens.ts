/**
 * The tokens that end an answer, as llama.cpp decides them: by the file's keys and by their names.
 *
 * Source: `llama_vocab::impl::load` of llama.cpp's src/llama-vocab.cpp, its list of end-of-generation tokens.
 */

/** Keys of one token each, `tokenizer.ggml.<key>_token_id`. */
const keys = ["eos", "eot", "eom"];

/** Tokens of a code model, by key or, where the file has no such key, by the first of these names that it has. */
const byKeyOrName: Readonly<Record<string, readonly string[]>> = {
  fim_pad: ["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"],
  fim_rep: ["<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"],
  fim_sep: ["<|file_sep|>"],
};

const names = [
  ...["<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>"],
  ...["<end_of_turn>", "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]"],
  ...["<|end_of_text|>", "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>"],
];

/** Where all the others are there, the first ends a message and not the answer. */
const exceptions = [
  ["<|end|>", "<|return|>", "<|call|>"],
  ["<|end|>", "<|flush|>", "<|call|>"],
  ["<|end|>", "<|return|>", "<|calls|>"],
  ["<|end|>", "<|flush|>", "<|calls|>"],
  ["</s>", "<|tool_response>"],
];

/**
 * @param vocab  ids by token
 * @param idOf   the id under `tokenizer.ggml.<key>_token_id`
 */
export function endingTokens(
  vocab: Readonly<Record<string, number>>,
  idOf: (key: string) => number | undefined,
): number[] {
  const has = (name: string) => Object.hasOwn(vocab, name);
  const left = exceptions.flatMap(([name, ...others]) => (others.every(has) ? name : []));
  const ids = [
    ...keys.map(idOf),
    ...Object.entries(byKeyOrName).map(([key, of]) => idOf(key) ?? vocab[of.find(has) ?? ""]),
    ...names.map((name) => (has(name) ? vocab[name] : undefined)),
  ];
  const dropped = new Set(left.map((name) => vocab[name]));
  return [...new Set(ids)].filter((id) => id !== undefined && !dropped.has(id)) as number[];
}
