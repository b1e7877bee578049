import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Chat } from "../../src/commands/chat/chat.ts";
import { Responder } from "../../src/commands/chat/responder.ts";
import { refuses } from "../models/files.ts";
import { tinyRun } from "./tiny.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let model: string;
let chat: Chat;
beforeAll(async () => {
  const { options } = await tinyRun();
  model = options.model!;
  chat = await Chat.open({ model, threads: 1, seed: 3 });
});
afterAll(() => chat.close());

test("an answer is heard as it grows, and is the sum of what was heard", async () => {
  const heard: string[] = [];
  const { text, tokens, stop } = await chat.ask("1+1=?", { onText: (piece) => heard.push(piece) });
  expect(heard.join("")).toBe(text);
  expect(heard.length).toBeGreaterThan(3);
  expect(tokens).toBeGreaterThan(3);
  expect(["eos", "length"]).toContain(stop);
});

test("an answer that is stopped is what was said, and the next question is answered", async () => {
  const abort = new AbortController();
  let heard = "";
  const { text, stop } = await chat.ask("1+1=?", {
    signal: abort.signal,
    onText: (piece) => {
      heard += piece;
      abort.abort();
    },
  });
  expect(stop).toBe("stopped");
  expect(text).toBe(heard);
  expect(text.length).toBeGreaterThan(0);
  expect((await chat.ask("2+2=?")).stop).not.toBe("stopped");
});

test("a prompt longer than the context is refused, and the chat goes on", async () => {
  await refuses(chat.ask("9".repeat(80)), "context of 64", "81 tokens");
  expect((await chat.ask("2+2=?")).tokens).toBeGreaterThan(0);
});

test("a responder ends each answer at a stop text of its own, and counts what was sampled", async () => {
  const responder = await Responder.open("serve", { model, threads: 1 });
  const request = { prompt: "1+1=?\n", answers: 4, maxTokens: 40, seed: 7, stop: [] };
  const run = async (stop: string[]) => {
    const texts = ["", "", "", ""];
    const ends: (string | undefined)[] = [];
    const total = await responder.complete(await responder.prepare({ ...request, stop }), (delta) => {
      texts[delta.answer] += delta.text;
      if (delta.stop !== undefined) ends[delta.answer] = delta.stop;
    });
    return { texts, ends, total };
  };
  const free = await run([]);
  expect(await run([])).toEqual(free);
  const mark = free.texts[2]!.slice(4, 6);
  const stopped = await run([mark]);
  await responder.close();
  expect(stopped.ends[2]).toBe("stop");
  for (const [i, text] of free.texts.entries())
    expect(stopped.texts[i]).toBe(text.includes(mark) ? text.slice(0, text.indexOf(mark)) : text);
  expect(stopped.total).toBeLessThan(free.total);
});
