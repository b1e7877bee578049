import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { openModel } from "../../src/formats/open-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import {
  makeTokenizer,
  openTokenizer,
  saveTokenizer,
  type Tokenizer,
} from "../../src/formats/tokenizer/tokenizer.ts";
import { processorTime } from "../processor-time.ts";
import { describeShared, golden } from "../shared.ts";
import { refuses, temporaryFolder } from "./files.ts";

const words = {
  version: "1.0",
  added_tokens: [{ id: 2, content: "<end>", special: true }],
  model: { type: "BPE", vocab: { a: 0, b: 1 }, merges: [], unk_token: null },
};
const messages = [{ role: "user", content: "b" }];
const withTemplate = (chat_template: unknown) =>
  makeTokenizer({ tokenizer: words, config: { eos_token: "<end>", chat_template }, where: "tokenizer.json" });

describe("the character tokenizer", () => {
  const tokenizer = characterTokenizer(["héllo ✓ 🙂"]);

  test("gives each character one token, and the text back", () => {
    const text = "  12 + 34 =\n46. \\boxed{46} don't , x é✓🙂  ";
    expect(tokenizer.encode(text)).toHaveLength([...text].length);
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    expect(tokenizer.encode("")).toHaveLength(0);
    expect(tokenizer.decode([])).toBe("");
  });

  test("ends at <|eos|>, recognises it in text, and leaves it out of text", () => {
    expect(tokenizer.eosIds).toEqual([0]);
    expect([...tokenizer.encode("1<|eos|>")].at(-1)).toBe(0);
    expect(tokenizer.decode(tokenizer.encode("1<|eos|>2"))).toBe("12");
  });

  test("has one token for every character it does not know", () => {
    expect([...tokenizer.encode("Ωж")]).toEqual([1, 1]);
    expect(tokenizer.decode([1, 5, tokenizer.vocabulary, 1e9, -1])).toHaveLength(1);
  });

  test("is the same after being saved and opened", async () => {
    const folder = temporaryFolder();
    await saveTokenizer(folder, tokenizer.files);
    const opened = (await openTokenizer(folder)) as Tokenizer;
    const text = "a  b\n 🙂 é<|eos|>Ω";
    expect(opened.encode(text)).toEqual(tokenizer.encode(text));
    expect(opened.vocabulary).toBe(tokenizer.vocabulary);
    expect(opened.eosIds).toEqual([0]);
  });

  test("gives the same ids whatever the order of the texts", () => {
    const again = characterTokenizer(["🙂", "✓ol", "héllo "]);
    expect(again.encode("héllo ✓ 🙂")).toEqual(tokenizer.encode("héllo ✓ 🙂"));
  });
});

describe("a tokenizer's files", () => {
  test("may name a default among several templates, or bring one of their own", async () => {
    const several = [
      { name: "tool_use", template: "tool" },
      { name: "default", template: "{{ messages[0].content }}{{ eos_token }}" },
    ];
    expect(withTemplate(several).renderChat(messages)).toBe("b<end>");
    const folder = temporaryFolder();
    writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(words));
    writeFileSync(join(folder, "tokenizer_config.json"), JSON.stringify({ chat_template: "old" }));
    writeFileSync(join(folder, "chat_template.jinja"), "new {{ add_generation_prompt }}");
    const opened = await openTokenizer(folder);
    expect(opened?.renderChat(messages)).toBe("new True");
    expect(opened?.renderChat(messages, { addGenerationPrompt: false })).toBe("new False");
    expect(await openTokenizer(temporaryFolder())).toBeUndefined();
  });

  test("split at every numeric character where they ask for single digits", () => {
    const digits = { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }] };
    const vocab = { "²": 0, "³": 1, "²³": 2 };
    const tokenizer = makeTokenizer({
      tokenizer: {
        ...words,
        pre_tokenizer: digits,
        model: { ...words.model, vocab, merges: ["² ³"] },
        added_tokens: [],
      },
      config: {},
      where: "tokenizer.json",
    });
    expect([...tokenizer.encode("²³")]).toEqual([0, 1]);
  });

  test("cut at white space as Unicode has it, not JavaScript", () => {
    const pre_tokenizer = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
    // U+FEFF is white space to JavaScript alone, U+0085 to Unicode alone: Ġ, ï»¿ and Â… are their bytes.
    const vocab = Object.fromEntries([..."Ġï»¿Âħ", "Ġï", "ĠÂ"].map((token, id) => [token, id]));
    const tokenizer = makeTokenizer({
      tokenizer: {
        ...words,
        pre_tokenizer,
        model: { ...words.model, vocab, merges: ["Ġ ï", "Ġ Â"] },
        added_tokens: [],
      },
      config: {},
      where: "tokenizer.json",
    });
    expect([...tokenizer.encode(" \ufeff")]).toEqual([vocab.Ġï, vocab["»"], vocab["¿"]]);
  });

  test("are refused, by name, where they are damaged", async () => {
    const folder = temporaryFolder();
    const bad = async (tokenizer: unknown, ...expected: string[]) => {
      const content = typeof tokenizer === "string" ? tokenizer : JSON.stringify(tokenizer);
      writeFileSync(join(folder, "tokenizer.json"), content);
      await refuses(openTokenizer(folder), "tokenizer.json", ...expected);
    };
    await bad("{", "JSON");
    await bad("null");
    await bad({}, "added_tokens");
    await bad({ ...words, model: { ...words.model, type: "Magic" } }, "model.type");
    await bad({ ...words, model: { ...words.model, vocab: { a: 2 ** 31 } } }, "vocab");
    await bad({ ...words, model: { ...words.model, merges: 3 } });
    await bad({ ...words, added_tokens: [{ id: -1, content: "x" }] }, "added_tokens");
    await bad({ ...words, pre_tokenizer: { type: "Split", pattern: { Regex: "(" }, behavior: "Isolated" } });
    await bad({ ...words, normalizer: { type: "Nothing" } }, "Nothing");
    writeFileSync(join(folder, "tokenizer_config.json"), JSON.stringify({ eos_token: 3 }));
    await bad(words, "tokenizer_config.json", "eos_token");
  });

  test("cannot hold up a run with a pattern that takes for ever", { timeout: 60_000 }, async () => {
    const evil = { type: "Split", pattern: { Regex: "(a+)+$" }, behavior: "Isolated", invert: false };
    const tokenizer = makeTokenizer({
      tokenizer: { ...words, pre_tokenizer: evil },
      config: {},
      where: "t.json",
    });
    await refuses((async () => tokenizer.encode(`${"a".repeat(50)}b`))(), "t.json", "no end");
  });
});

describe("a tokenizer", () => {
  const doubled = (n: number) =>
    Array.from({ length: n }, () => ({ type: "Replace", pattern: { String: "a" }, content: "aa" }));
  const made = (change: object) => async () =>
    makeTokenizer({ tokenizer: { ...words, ...change }, config: {}, where: "t.json" });

  test.each<[string, object, string]>([
    [
      "doubles a text 40 times",
      { normalizer: { type: "Sequence", normalizers: doubled(40) } },
      "64 times longer",
    ],
    [
      "doubles an answer 40 times",
      { decoder: { type: "Sequence", decoders: doubled(40) } },
      "64 times longer",
    ],
    [
      "puts a book before it",
      { normalizer: { type: "Prepend", prepend: "a".repeat(1e6) } },
      "64 times longer",
    ],
    [
      "puts a page in place of a pattern",
      { normalizer: { type: "Replace", pattern: { Regex: "a*" }, content: "a".repeat(1e3) } },
      "64 times longer",
    ],
    [
      "has a million tokens",
      {
        model: {
          ...words.model,
          vocab: Object.fromEntries(Array.from({ length: 1e6 }, (_, i) => [`t${i}`, i])),
        },
      },
      "at most 524288 tokens",
    ],
  ])("is refused where it %s", async (_, change, expected) => {
    const seconds = processorTime();
    await refuses(made(change)(), "t.json", expected);
    expect(seconds()).toBeLessThan(20);
  });

  test("may replace as models' tokenizers do", async () => {
    const normalizers = [
      { type: "Prepend", prepend: "▁" },
      { type: "Replace", pattern: { String: " " }, content: "▁" },
    ];
    await made({ normalizer: { type: "Sequence", normalizers } })();
    const decoders = [{ type: "Replace", pattern: { String: "▁" }, content: " " }, { type: "Fuse" }];
    await made({ decoder: { type: "Sequence", decoders } })();
  });
});

describe("a chat template", () => {
  const refusesTemplate = (template: string, ...expected: string[]) =>
    refuses((async () => withTemplate(template).renderChat(messages))(), "chat template", ...expected);

  test("is asked for by name where there is none", async () => {
    await refuses(
      (async () => withTemplate(undefined).renderChat(messages))(),
      "chat template",
      "base model",
    );
  });

  test("may refuse the messages, in its own words", async () => {
    await refusesTemplate("{{ raise_exception('roles must alternate') }}", "roles must alternate");
    await refusesTemplate("{% if %}");
    await refusesTemplate("{{ messages[0].content + none }}");
  });

  test("sees the date that it is given, else today's", () => {
    const dated = withTemplate("{{ strftime_now('%d %B %Y, %-j') }}");
    expect(dated.renderChat(messages, { now: new Date(2024, 1, 3) })).toBe("03 February 2024, 34");
    expect(dated.renderChat(messages)).toContain(String(new Date().getFullYear()));
  });

  test("is given variables of its own", () => {
    const thinking = withTemplate("{{ enable_thinking is false }}{{ tools | length }}{{ tools[0].of }}");
    const variables = { enable_thinking: false, tools: [{ of: null }] };
    expect(thinking.renderChat(messages, { variables })).toBe("True1None");
  });

  test("may use the filters and methods that models' templates use", () => {
    const rendered = (template: string) => withTemplate(template).renderChat(messages);
    expect(rendered("{{ ['a', 'b'] | join(', ') }}{{ 'x-y'.replace('-', '+') }}")).toBe("a, bx+y");
    expect(rendered("{{ 'a</think>b'.split('</think>')[-1].strip() }}{{ 'a\nb' | indent(2) }}")).toBe(
      "ba\n  b",
    );
    expect(rendered("{{ messages[0].get('none', 'd' | upper) }}{{ {'a': [1]} | tojson(indent=1) }}")).toBe(
      'D{\n "a": [\n  1\n ]\n}',
    );
    expect(rendered("{% for i in range(3, 0, -1) %}{{ i }}{% endfor %}{{ range(2) | length }}")).toBe("3212");
    const long = [{ role: "user", content: "word ".repeat(50_000) }];
    const usual =
      "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content | trim }}{% if loop.last %}!{% endif %}{% endfor %}";
    expect(withTemplate(usual).renderChat(long)).toHaveLength("<|user|>!".length + 249_999);
  });

  test("may take slices, and ask whether there are tools", () => {
    const turns = ["a", "bcd", "e"].map((content) => ({ role: "user", content }));
    const rendered = (template: string) => withTemplate(template).renderChat(turns);
    const each = (list: string) => `{% for m in ${list} %}{{ m.content }}{% endfor %}`;
    expect(rendered(each("messages[1:]"))).toBe("bcde");
    expect(rendered(each("messages[:-1]"))).toBe("abcd");
    expect(rendered(each("messages[::-1]"))).toBe("ebcda");
    expect(rendered("{{ messages[1].content[1:] }}{{ messages[1].content[:1] }}")).toBe("cdb");
    expect(rendered("{% if tools is not none %}tools{% endif %}{{ tools is defined }}")).toBe("True");
  });

  test("cannot take for ever or all memory", { timeout: 60_000 }, async () => {
    await refusesTemplate("{% for i in range(1000000000) %}{% endfor %}", "range()");
    await refusesTemplate(
      "{% for i in range(60000) %}{% for j in range(60000) %}{% endfor %}{% endfor %}",
      "more work",
    );
    const doubling = (what: string) =>
      `{% set ns = namespace(x=${what}) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}`;
    await refusesTemplate(doubling("'ab'"), "too long");
    await refusesTemplate(doubling("[1]"), "too long");
    await refusesTemplate(
      "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
      "too long",
    );
    await refusesTemplate("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "chat template");
    await refusesTemplate(`{{ ${"(".repeat(50000)}1${")".repeat(50000)} }}`);
    await refusesTemplate(" ".repeat(2 ** 19), "characters");
  });
});

describeShared("models/SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2's tokenizer", (path) => {
  let tokenizer: Tokenizer;
  const expected = JSON.parse(readFileSync(golden("smollm2.json"), "utf8"));
  beforeAll(async () => {
    const model = await openModel(path);
    tokenizer = model.tokenizer as Tokenizer;
    // <|endoftext|>, <|im_end|> and <reponame>, as llama.cpp ends it
    expect(model.eosIds).toEqual([0, 2, 4]);
  });

  test("gives the ids that llama.cpp gives, and the text back", () => {
    for (const { text, ids } of expected.tokens) {
      expect([...tokenizer.encode(text)], text).toEqual(ids);
      if (!/<\|/.test(text)) expect(tokenizer.decode(ids)).toBe(text);
    }
    expect(expected.tokens.length).toBeGreaterThan(20);
  });

  test("renders conversations as transformers does, to the same ids", () => {
    for (const { messages, rendered, prompt_ids } of expected.conversations) {
      expect(tokenizer.renderChat(messages)).toBe(rendered);
      expect([...tokenizer.encode(rendered)]).toEqual(prompt_ids);
    }
  });

  test("is the same after being saved and opened", async () => {
    const folder = temporaryFolder();
    await saveTokenizer(folder, tokenizer.files);
    const opened = (await openTokenizer(folder)) as Tokenizer;
    for (const { text, ids } of expected.tokens) expect([...opened.encode(text)], text).toEqual(ids);
    expect(opened.renderChat(messages)).toBe(tokenizer.renderChat(messages));
    expect(opened.bosId).toBe(tokenizer.bosId);
    expect(opened.eosIds).toEqual([2]);
  });
});
