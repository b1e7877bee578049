import { describe, expect, test } from "vitest";
import { ModelError, OptionError, printable, RunError } from "../src/errors.ts";

const fault = { where: "w", expected: "e", got: "g", next: "n" };
const parts = ["where", "expected", "got", "next"] as const;

describe("an error", () => {
  test("says where, what was expected, what came and what to do", () => {
    const error = new ModelError({ where: "a.json", expected: "JSON", got: "“x”", next: "Fetch it again." });
    expect(error.message).toBe("a.json: expected JSON, got “x”.\n  → Fetch it again.");
    expect(error.name).toBe("ModelError");
  });

  test.each(parts)("has no control characters in what it quotes, in %s", (part) => {
    const quoted = "a\u001b]0;pwned\u0007\u001b[31mred\u009b2J\u202egnp.exe\u2066\0\u007fz";
    const error = new RunError({ ...fault, [part]: quoted });
    for (const text of [error.message, error[part]]) {
      expect(text).toContain(
        "a\\u001b]0;pwned\\u0007\\u001b[31mred\\u009b2J\\u202egnp.exe\\u2066\\u0000\\u007fz",
      );
      expect(text.replace("\n  → ", "")).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    }
  });

  test.each(parts)("gives what it quotes no line of its own, in %s", (part) => {
    const error = new OptionError({ ...fault, [part]: "name\r\n  → Run: rm -rf ~\n\nError:" });
    expect(error.message.split("\n")).toHaveLength(2);
    expect(error[part]).toBe("name ⏎ → Run: rm -rf ~ ⏎ Error:");
  });

  test.each(parts)("cuts a long %s in its middle", (part) => {
    const error = new ModelError({ ...fault, [part]: `first${"x".repeat(1e6)}last` });
    expect(error[part]).toMatch(/^firstx+ … x+last$/);
    expect(error.message.length).toBeLessThan(1100);
  });

  test("is the same made again of its parts, as one that crossed a thread is", () => {
    const error = new ModelError({ ...fault, got: `\u001b${"y".repeat(5000)}` });
    expect(new ModelError(error).message).toBe(error.message);
  });
});

test("printable text keeps lines and tabs, and every letter", () => {
  expect(printable("é\t漢\n🙂 𝔸")).toBe("é\t漢\n🙂 𝔸");
});
