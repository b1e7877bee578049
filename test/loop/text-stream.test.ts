import { describe, expect, test } from "vitest";
import { uniform } from "../../src/engine/random.ts";
import { openModel } from "../../src/formats/open-model.ts";
import { characterTokenizer } from "../../src/formats/tokenizer/character-tokenizer.ts";
import type { Tokenizer } from "../../src/formats/tokenizer/tokenizer.ts";
import { TextStream } from "../../src/loop/rollouts/text-stream.ts";
import { describeShared } from "../shared.ts";

const characters = characterTokenizer([]);

/** The pieces of a text, and what came at the end. */
function streamed(tokenizer: Tokenizer, tokens: Iterable<number>, stops: readonly string[] = []) {
  const stream = new TextStream(tokenizer, stops);
  const pieces = [...tokens].map((token) => stream.push(token));
  const rest = stream.finish();
  return { pieces, rest, whole: pieces.join("") + rest, stopped: stream.stopped };
}

describe("an answer's text, piece by piece,", () => {
  test("comes with each token where nothing can be held back", () => {
    const { pieces, rest } = streamed(characters, characters.encode("7*8=56"));
    expect(pieces).toEqual([..."7*8=56"]);
    expect(rest).toBe("");
  });

  test("ends before a stop text, wherever tokens cut it", () => {
    const said = (text: string, ...stops: string[]) => streamed(characters, characters.encode(text), stops);
    expect(said("one\n\ntwo", "\n\n")).toMatchObject({ whole: "one", stopped: true, rest: "" });
    expect(said("one\ntwo", "\n\n")).toMatchObject({ whole: "one\ntwo", stopped: false });
    expect(said("aab", "ab")).toMatchObject({ whole: "a", stopped: true });
    expect(said("stop", "stop")).toMatchObject({ whole: "", stopped: true });
    expect(said("ENxENDy", "y", "END")).toMatchObject({ whole: "ENx", stopped: true });
  });

  test("holds the beginning of a stop text back until it is none, or nothing more comes", () => {
    const { pieces, rest } = streamed(characters, characters.encode("aENbEN"), ["END"]);
    expect(pieces).toEqual(["a", "", "", "ENb", "", ""]);
    expect(rest).toBe("EN");
  });

  test("is nothing after a stop text", () => {
    const stream = new TextStream(characters, ["b"]);
    const pieces = [...characters.encode("abcd")].map((token) => stream.push(token));
    expect(pieces).toEqual(["a", "", "", ""]);
    expect(stream.finish()).toBe("");
  });
});

describeShared("models/SmolLM2-135M-Instruct.Q4_1.gguf", "byte-level tokens", (path) => {
  test("give a character when its last byte has come", async () => {
    const model = await openModel(path);
    const tokenizer = model.tokenizer!;
    const ids = tokenizer.encode("🦉 日本");
    expect(ids.length).toBeGreaterThan(5);
    const { pieces, whole } = streamed(tokenizer, ids);
    expect(whole).toBe("🦉 日本");
    expect(pieces.join("")).not.toContain("\ufffd");
    expect(pieces.filter((piece) => piece !== "").length).toBeGreaterThan(2);
  });

  test("are, of any ids, the text that decoding them at once gives", async () => {
    const model = await openModel(path);
    const tokenizer = model.tokenizer!;
    for (let round = 0; round < 200; round++) {
      const ids = Array.from({ length: 30 }, (_, i) =>
        Math.floor(uniform(5, round, 0, 0, i) * tokenizer.vocabulary),
      );
      expect(streamed(tokenizer, ids).whole, ids.join()).toBe(tokenizer.decode(ids));
    }
  });
});
