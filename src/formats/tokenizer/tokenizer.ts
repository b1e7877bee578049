/**
 * Tokenizers: text ↔ token ids, and messages → text.
 *
 * However it came (a Hugging Face folder, a GGUF file, new from texts), a tokenizer is one pair of
 * JSON objects, tokenizer.json and tokenizer_config.json: what is saved is what was used.
 */
import { join } from "node:path";
import { z } from "zod";
import { ModelError } from "../../errors.ts";
import { writeJson } from "../../files/atomic-write.ts";
import { isFile, readJson, readText } from "../../files/checked-file.ts";
import { type AddedToken, isNormalized } from "./added-tokens.ts";
import { byteLevelDecoder, isByteLevel } from "./byte-level.ts";
import { type ChatMessage, chatTemplate, type TemplateOptions } from "./chat-template.ts";
import { decoderOf } from "./decoders.ts";
import { encoderOf } from "./encoder.ts";
import { leadingTokens } from "./leading-tokens.ts";
import { modelOf, modelTypes } from "./models.ts";
import { normalizerOf } from "./normalizers.ts";
import { withinTime } from "./time-limit.ts";
import { checkBounds } from "./tokenizer-bounds.ts";

export interface Tokenizer {
  /** One more than the largest token id. */
  readonly vocabulary: number;
  readonly bosId?: number;
  readonly padId?: number;
  readonly unkId?: number;
  /** The token ids that end a text, by the tokenizer's own files; a model's config may name more. */
  readonly eosIds: readonly number[];
  /** Jinja source. */
  readonly chatTemplate?: string;
  /** Token ids of a text, special tokens recognised in it, none added. */
  encode(text: string): Int32Array;
  /** Token ids of bare text to continue: those of `encode`, begun once as the tokenizer's own files begin a text (BOS). */
  encodePrompt(text: string): Int32Array;
  /** The text of tokens, special tokens and ids without a token left out. */
  decode(tokens: ArrayLike<number>): string;
  /** The prompt of a conversation. @throws ModelError where there is no template or it refuses. */
  renderChat(messages: readonly ChatMessage[], options?: TemplateOptions): string;
  /** What it was made of. */
  readonly files: TokenizerFiles;
}

/** The two files, as objects: plain data, from which a tokenizer is made in any thread. */
export interface TokenizerFiles {
  readonly tokenizer: object;
  readonly config: Readonly<Record<string, unknown>>;
  /** Named in errors. */
  readonly where: string;
  /** End-of-sequence ids beside that of `config.eos_token`. */
  readonly moreEosIds?: readonly number[];
}

const FILE_BYTES = 64 * 2 ** 20;
/** A vocabulary of 262,145 tokens is loaded in less than a second; a machine that is busy with others takes many. */
const LOAD_MS = 30_000;
/** Of one text: within two seconds it has its tokens or is refused. */
const TIME_MS = 1_900;
/** Shorter texts are watched only where a pattern may take for ever: starting the watch takes longer than they do. */
const LONG_TEXT = 2 ** 16;
const id = z
  .int()
  .min(0)
  .max(2 ** 21);
const rule = z.boolean().optional();
const addedToken = z.looseObject({
  id,
  content: z.string().min(1),
  ...{ special: rule, single_word: rule, lstrip: rule, rstrip: rule, normalized: rule },
});
const tokenizerSchema = z.looseObject({
  normalizer: z.unknown().optional(),
  pre_tokenizer: z.unknown().optional(),
  post_processor: z.unknown().optional(),
  decoder: z.unknown().optional(),
  added_tokens: z.array(addedToken).max(2 ** 16),
  model: z.looseObject({
    type: z.enum(modelTypes),
    // Checked by hand: a schema of a record would drop the token "__proto__".
    vocab: z.custom<object>((value) => typeof value === "object" && value !== null),
  }),
});
const specialToken = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();
const configSchema = z.looseObject({
  bos_token: specialToken,
  eos_token: specialToken,
  unk_token: specialToken,
  pad_token: specialToken,
  added_tokens_decoder: z.record(z.string().regex(/^\d+$/), addedToken.omit({ id: true })).nullish(),
  chat_template: z
    .union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))])
    .nullish(),
});

/**
 * The tokenizer of a Hugging Face folder, or undefined where it has no tokenizer.json.
 *
 * @throws ModelError where its files are damaged or of a kind that is not supported
 */
export async function openTokenizer(folder: string): Promise<Tokenizer | undefined> {
  const path = join(folder, "tokenizer.json");
  if (!(await isFile(path))) {
    const pieces = join(folder, "tokenizer.model");
    if (await isFile(pieces)) throw onlyPieces(pieces);
    return undefined;
  }
  const tokenizer = await readJson(path, FILE_BYTES);
  const configPath = join(folder, "tokenizer_config.json");
  const config = (await isFile(configPath)) ? await readJson(configPath, FILE_BYTES) : {};
  const mapPath = join(folder, "special_tokens_map.json");
  const map = (await isFile(mapPath))
    ? check(configSchema, await readJson(mapPath, FILE_BYTES), mapPath)
    : {};
  const templatePath = join(folder, "chat_template.jinja");
  const template = (await isFile(templatePath)) ? await readText(templatePath, FILE_BYTES) : undefined;
  const settings = check(configSchema, config, `${path} (tokenizer_config.json)`);
  return makeTokenizer({
    tokenizer: withAdded(withType(tokenizer as object), settings.added_tokens_decoder),
    config: {
      ...withMap(settings, map),
      ...(template === undefined ? {} : { chat_template: template }),
    },
    where: path,
  });
}

/** A tokenizer.json whose model says its kind, which older files leave to what is in it. */
function withType(tokenizer: object): object {
  const { model } = (tokenizer ?? {}) as { model?: { type?: unknown; vocab?: unknown; merges?: unknown } };
  if (typeof model !== "object" || model === null || model.type !== undefined) return tokenizer;
  const type = Array.isArray(model.vocab) ? "Unigram" : Array.isArray(model.merges) ? "BPE" : "WordPiece";
  return { ...tokenizer, model: { ...model, type } };
}

/** A tokenizer.json with the tokens that only tokenizer_config.json adds. */
function withAdded(tokenizer: object, decoder: z.infer<typeof configSchema>["added_tokens_decoder"]): object {
  const { added_tokens: own, model } = (tokenizer ?? {}) as {
    added_tokens?: readonly { content?: string }[];
    model?: { vocab?: object };
  };
  if (!Array.isArray(own)) return tokenizer;
  const there = new Set(own.map((token) => token?.content));
  const vocab = new Map<string, unknown>(Object.entries(model?.vocab ?? {}));
  const more = Object.entries(decoder ?? {})
    .filter(([, { content }]) => !there.has(content))
    .map(([id, token]) => ({ ...plainToken, ...token, id: vocab.get(token.content) ?? Number(id) }));
  return more.length === 0 ? tokenizer : { ...tokenizer, added_tokens: [...own, ...more] };
}

const plainToken = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: false };

/** A config with the special tokens that only special_tokens_map.json names. */
function withMap(config: Record<string, unknown>, map: Record<string, unknown>): Record<string, unknown> {
  const absent = Object.entries(map).filter(([name]) => /^\w+_token$/.test(name) && config[name] == null);
  return { ...config, ...Object.fromEntries(absent) };
}

/** Makes a tokenizer of its two files' contents, checked first. @throws ModelError naming the fault */
export function makeTokenizer(files: TokenizerFiles): Tokenizer {
  const { tokenizer, config, where, moreEosIds = [] } = files;
  const checked = check(tokenizerSchema, tokenizer, where);
  const settings = check(configSchema, config, `${where} (tokenizer_config.json)`);
  checkBounds(checked, where);
  const { normalizer, pre_tokenizer, decoder } = checked;
  const { model, normalize, tokensOf, textOf } = bounded(where, LOAD_MS, () => {
    const model = modelOf(checked.model);
    const normalize = normalizerOf(normalizer);
    return { model, normalize, tokensOf: encoderOf(checked, normalize, model), textOf: decoderOf(decoder) };
  });
  const patterned = hasPattern([normalizer, pre_tokenizer]);
  const decoderPatterned = hasPattern(decoder);
  const added = checked.added_tokens;
  const vocabulary = 1 + Math.max(largestId(checked.model.vocab, where), ...added.map((token) => token.id));
  const leading = leadingTokens(checked.post_processor);
  const known = z.int().max(vocabulary - 1);
  for (const token of leading) check(known, token, `${where}: post_processor`);
  const tokens: (string | undefined)[] = [];
  for (const [token, id] of model.vocab) tokens[id] = token;
  for (const token of added)
    tokens[token.id] = isNormalized(token) ? normalize(token.content, { kept: true }) : token.content;
  const isSpecial = special(added);
  const addedIds = new Map(added.map(({ content, id }) => [content, id]));

  const names = {
    bos_token: settings.bos_token,
    eos_token: settings.eos_token,
    unk_token: settings.unk_token,
  };
  const variables: Record<string, string> = {};
  for (const [name, token] of Object.entries({ ...names, pad_token: settings.pad_token }))
    if (token != null) variables[name] = typeof token === "string" ? token : token.content;
  const idOf = (name: string) => addedIds.get(variables[name]) ?? model.vocab.get(variables[name]);
  const ids = { bosId: idOf("bos_token"), padId: idOf("pad_token"), unkId: idOf("unk_token") };
  const eosId = idOf("eos_token");

  const source = defaultTemplate(settings.chat_template);
  const render = source === undefined ? undefined : chatTemplate(source, variables, where);
  const encode = (text: string): Int32Array => {
    const ids = () => tokensOf(text);
    return withinLimit(where, text.length, patterned, ids);
  };
  const shown = (id: number) => {
    const token = tokens[id];
    return token === undefined || isSpecial(id, token) ? undefined : token;
  };
  const decodeBytes = isByteLevel(decoder) ? byteLevelDecoder(shown) : undefined;
  return {
    vocabulary,
    ...Object.fromEntries(Object.entries(ids).filter(([, id]) => id !== undefined)),
    eosIds: [...new Set([...(eosId === undefined ? [] : [eosId]), ...moreEosIds])],
    ...(source === undefined ? {} : { chatTemplate: source }),
    encode,
    encodePrompt(text) {
      const own = encode(text);
      return leading.every((token, i) => own[i] === token) ? own : Int32Array.from([...leading, ...own]);
    },
    decode(ids) {
      if (decodeBytes !== undefined) return decodeBytes(ids);
      const kept = Array.from(ids, shown).filter((token) => token !== undefined);
      return withinLimit(where, kept.length, decoderPatterned, () => textOf(kept));
    },
    renderChat(messages, options) {
      if (!render) throw noTemplate(where);
      return render(messages, options);
    },
    files,
  };
}

/** Whether a token is left out of texts, which those of the same content are too. */
function special(added: readonly AddedToken[]): (id: number, token: string) => boolean {
  const named = added.filter((token) => token.special);
  const ids = new Set(named.map(({ id }) => id));
  const contents = new Set(named.map(({ content }) => content));
  return (id, token) => ids.has(id) || contents.has(token);
}

/** Writes tokenizer.json and tokenizer_config.json into a folder. */
export async function saveTokenizer(folder: string, { tokenizer, config }: TokenizerFiles): Promise<void> {
  await writeJson(join(folder, "tokenizer.json"), tokenizer);
  await writeJson(join(folder, "tokenizer_config.json"), config);
}

/** The largest id of a vocabulary, which is an object of ids by token, or a list in their order. */
function largestId(vocab: object, where: string): number {
  if (Array.isArray(vocab)) return vocab.length - 1;
  let largest = -1;
  for (const [token, value] of Object.entries(vocab)) {
    const { success, data } = id.safeParse(value);
    if (!success) check(id, value, `${where}: vocab[${JSON.stringify(token.slice(0, 40))}]`);
    else if (data > largest) largest = data;
  }
  return largest;
}

function hasPattern(part: unknown): boolean {
  return JSON.stringify(part ?? null).includes('"Regex"');
}

/** A tokenizer's patterns are its files' own, and one can be made to take for ever; a long text takes long by itself. */
function withinLimit<T>(where: string, length: number, patterned: boolean, task: () => T): T {
  try {
    return patterned || length > LONG_TEXT ? withinTime(TIME_MS, task) : task();
  } catch (cause) {
    throw new ModelError({
      where,
      expected: "a text that this tokenizer has tokens for, and is done with in time",
      got: `${(cause as Error).message}, of ${length} characters`,
      next: "Give it a shorter text, of characters that it knows.",
      cause,
    });
  }
}

function bounded<T>(where: string, ms: number, task: () => T): T {
  try {
    return withinTime(ms, task);
  } catch (cause) {
    throw new ModelError({
      where,
      expected: "a tokenizer of a supported kind",
      got: (cause as Error).message,
      next: "Fetch the model again; if the file is whole, its kind of tokenizer is not supported.",
      cause,
    });
  }
}

function defaultTemplate(template: z.infer<typeof configSchema>["chat_template"]): string | undefined {
  if (template == null || typeof template === "string") return template ?? undefined;
  return (template.find(({ name }) => name === "default") ?? template[0])?.template;
}

function check<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw new ModelError({
    where,
    expected: `a tokenizer's file, with a valid ${path.join(".") || "object"}`,
    got: message,
    next: "Fetch the model again; if the file is whole, its kind of tokenizer is not supported.",
  });
}

function onlyPieces(where: string): ModelError {
  const save = "from transformers import AutoTokenizer as T; T.from_pretrained('.').save_pretrained('.')";
  return new ModelError({
    where,
    expected: "a tokenizer.json beside it",
    got: "none",
    next: `Make it, in this folder: pip install transformers sentencepiece protobuf && python3 -c "${save}"`,
  });
}

function noTemplate(where: string): ModelError {
  return new ModelError({
    where,
    expected: "a chat template to render messages with",
    got: "none in tokenizer_config.json or chat_template.jinja",
    next: "This is a base model: give it plain text prompts, or choose an instruct model.",
  });
}
