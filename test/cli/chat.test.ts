import { describe, expect, test } from "vitest";
import { split } from "../../src/app/cli/commands/chat.ts";

const model = ["--model", "models/pocket"];

describe("the last word after `errata chat`", () => {
  test("is the question where it holds a name that is no option", () => {
    for (const question of ["x=3, what is x+4?", "x=3", "37+58=?", "seed=5 makes what?", "-3+5=?"])
      expect(split([...model, question]), question).toEqual({ settings: model, question });
  });

  test("is the question before and between the options, too", () => {
    expect(split([...model, "37+58=?", "--temperature", "0"])).toEqual({
      settings: [...model, "--temperature", "0"],
      question: "37+58=?",
    });
    expect(split(["37+58=?", ...model])).toEqual({ settings: model, question: "37+58=?" });
    expect(split(["x=3, what is x+4?", "--temperature", "0"])).toEqual({
      settings: ["--temperature", "0"],
      question: "x=3, what is x+4?",
    });
  });

  test("is a setting where it sets an option, spaces or not, also one mistyped or of another verb", () => {
    for (const setting of ["temperature=0", "system_prompt=Be brief", "temprature=0", "learning_rate=1"])
      expect(split([...model, setting]), setting).toEqual({ settings: [...model, setting] });
  });

  test("is a flag's value, or a flag", () => {
    for (const words of [["--system-prompt", "Be brief"], ["--temperature=0"]])
      expect(split([...model, ...words])).toEqual({ settings: [...model, ...words] });
  });
});
