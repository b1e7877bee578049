import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { compiled } from "../compile.ts";

vi.setConfig({ testTimeout: 120_000 });

const main = compiled("app/cli/main.ts");
const pocket = fileURLToPath(new URL("../../models/pocket", import.meta.url));
const env = { ...process.env, npm_lifecycle_event: "", ERRATA_DEBUG: "" };

/** The command, running; `said` resolves with the first match of a pattern in what it prints. */
function running(...words: string[]) {
  const child: ChildProcess = spawn(process.execPath, [main, ...words], { env });
  let output = "";
  const hear = (data: Buffer) => {
    output += data.toString();
  };
  child.stdout!.on("data", hear);
  child.stderr!.on("data", hear);
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const said = (pattern: RegExp) =>
    vi.waitFor(
      () => {
        const match = pattern.exec(output);
        expect(match, output).not.toBeNull();
        return match!;
      },
      { timeout: 60_000 },
    );
  return { child, ended, said };
}

test("serve answers at the address it prints, names the model by its folder, and ends at Ctrl-C with 0", async () => {
  const { child, ended, said } = running("serve", pocket, "--port", "0", "--threads", "1");
  const [, url] = await said(/serving pocket at (http:\/\/127\.0\.0\.1:\d+\/v1)/);
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model: "pocket",
      temperature: 0,
      messages: [{ role: "user", content: "3+4=?" }],
    }),
  });
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
  expect(choices[0]!.message.content).toContain("7");
  await said(/chat {2}6 tokens asked, \d+ tokens/);
  child.kill("SIGINT");
  expect(await ended).toBe(0);
});

test("chat prints an answer as it grows, and Ctrl-C ends it with 130", async () => {
  const words = [
    "--seed",
    "3",
    "--top-p",
    "1",
    "--temperature",
    "5",
    "--max-completion-length",
    "500",
    "--threads",
    "1",
    "3+4=?",
  ];
  const { child, ended, said } = running("chat", "--model", pocket, ...words);
  await said(/^\S/);
  child.kill("SIGINT");
  await said(/\(stopped after \d+ tokens\)|\(cut off/);
  expect(await ended).toBe(130);
});
