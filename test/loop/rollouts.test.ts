import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import {
  makeTokenizer,
  openTokenizer,
  saveTokenizer,
  type Tokenizer,
} from "../../src/formats/tokenizer/tokenizer.ts";
import { promptRenderer } from "../../src/loop/rollouts/prompt.ts";
import type { Problem } from "../../src/loop/types.ts";
import { temporaryFolder } from "./tiny.ts";

const base = characterTokenizer([]);
let chat: Tokenizer;
const plain = {};
const sum: Problem = { id: "1", prompt: "1+1=?", answer: "2" };
const talk: Problem = {
  id: "2",
  prompt: [
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Ask" },
    { role: "user", content: "1+1=?" },
  ],
  answer: "2",
};

beforeAll(async () => {
  const folder = temporaryFolder();
  await saveTokenizer(folder, base.files);
  const path = join(folder, "tokenizer_config.json");
  const chat_template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}<assistant>";
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), chat_template }));
  chat = (await openTokenizer(folder))!;
});

describe("a prompt", () => {
  test("of a base model is the bare text and a line break", () => {
    const { text, tokens } = promptRenderer(base, plain)(sum);
    expect(text).toBe("1+1=?\n");
    expect(base.decode(tokens)).toBe(text);
  });

  test("of an instruct model goes through its chat template", () => {
    expect(promptRenderer(chat, plain)(sum).text).toBe("<user>1+1=?\n<assistant>");
    expect(promptRenderer(chat, { ...plain, systemPrompt: "Be brief" })(sum).text).toBe(
      "<system>Be brief\n<user>1+1=?\n<assistant>",
    );
    expect(promptRenderer(chat, { ...plain, promptFormat: "raw" })(sum).text).toBe("1+1=?\n");
  });

  test("has the template around its question alone", () => {
    const promptTemplate = "Solve {problem} now, {problem}";
    expect(promptRenderer(chat, { ...plain, promptTemplate })(talk).text).toBe(
      "<user>Hi\n<assistant>Ask\n<user>Solve 1+1=? now, 1+1=?\n<assistant>",
    );
    expect(promptRenderer(base, { ...plain, promptTemplate: "Q: {problem}\nA:" })(sum).text).toBe(
      "Q: 1+1=?\nA:",
    );
  });

  test("is told the day of chat_template_date, and the template's own variables", async () => {
    const source =
      "{{ strftime_now('%d %b %Y') }} {{ 'thinks' if enable_thinking is not defined or enable_thinking else 'not' }}";
    const dated = makeTokenizer({
      ...base.files,
      config: { ...base.files.config, chat_template: source },
    });
    const chatTemplateDate = "2026-02-03";
    expect(promptRenderer(dated, { chatTemplateDate })(sum).text).toBe("03 Feb 2026 thinks");
    const quiet = promptRenderer(dated, {
      chatTemplateDate,
      chatTemplateKwargs: '{"enable_thinking":false}',
    });
    expect(quiet(sum).text).toBe("03 Feb 2026 not");
    expect(quiet(sum, { enable_thinking: true }).text).toBe("03 Feb 2026 thinks");
    expect(promptRenderer(dated)(sum).text).toContain(String(new Date().getFullYear()));
  });

  test("takes no variable that the conversation sets, and none where there is no template", () => {
    const kwargs = (chatTemplateKwargs: object) => ({ chatTemplateKwargs: { ...chatTemplateKwargs } });
    expect(() => promptRenderer(chat, kwargs({ messages: [] }))).toThrow(/got messages/);
    expect(() => promptRenderer(base, kwargs({ enable_thinking: false }))).toThrow(/bare text/);
    expect(() => promptRenderer(base)(sum, { enable_thinking: false })).toThrow(/bare text/);
  });

  test("that is a conversation needs a model that converses", () => {
    expect(() => promptRenderer(base, plain)(talk)).toThrow(/a conversation of 3 messages/);
    expect(() => promptRenderer(base, { ...plain, promptFormat: "chat" })).toThrow(/has no chat template/);
    expect(() => promptRenderer(base, { ...plain, systemPrompt: "Be brief" })).toThrow(
      /Put the words into prompt_template/,
    );
  });
});
