/**
 * Both official OpenAI clients against `errata serve`, with a random model, whose answers are as odd as can be.
 *
 *   npx tsx bench/openai-clients.ts FOLDER_WITH_NPM_OPENAI PYTHON_WITH_OPENAI
 *
 * Each client is a process that prints what it found as one line of JSON, or fails.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startServer } from "../src/app/server/server.ts";
import { serverSettings } from "../src/app/server/server-settings.ts";
import { Responder } from "../src/commands/chat/responder.ts";
import { createModel } from "../src/formats/create-model.ts";
import { characterTokenizer } from "../src/formats/tokenizer/character-tokenizer.ts";
import { makeTokenizer } from "../src/formats/tokenizer/tokenizer.ts";

const [folder, python] = process.argv.slice(2);
if (folder === undefined || python === undefined) throw new Error("name both clients: FOLDER PYTHON");

/** Reads messages, calls of tools, and tools. */
const template =
  "{% for t in tools or [] %}[{{ t.function.name }}]{% endfor %}{% for m in messages %}{{ m.role }}: {% for c in m.tool_calls or [] %}<{{ c.function.name }} {{ c.function.arguments | tojson }}>{% endfor %}{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";
const own = mkdtempSync(join(tmpdir(), "errata-clients-"));
try {
  const characters = characterTokenizer(["äéß名前花"]);
  const { files } = characters;
  const tokenizer = makeTokenizer({ ...files, config: { ...files.config, chat_template: template } });
  const shape = { width: 32, layers: 2, heads: 4, kvHeads: 2, headDim: 8, ffnWidth: 64, rmsEps: 1e-6 };
  const config = {
    architecture: "llama",
    ...shape,
    vocabSize: tokenizer.vocabulary,
    rope: { type: "default", theta: 10_000 },
    contextLength: 8192,
    tiedHead: true,
    biases: [],
  } as const;
  await createModel(join(own, "random"), config, tokenizer, 1);
  const responder = await Responder.open("serve", {
    model: join(own, "random"),
    threads: 1,
    maxCompletionLength: 2000,
  });
  const settings = { host: "127.0.0.1", port: 0, apiKey: "a-key", allowedHosts: undefined, cors: undefined };
  const server = await startServer(responder, serverSettings(settings, {}));
  const peers = resolve(import.meta.dirname ?? "bench", "peers");
  const clients = [
    ["npm's openai", process.execPath, join(peers, "openai-client.mjs"), resolve(folder)],
    ["PyPI's openai", python, join(peers, "openai_client.py")],
  ] as const;
  for (const [name, program, ...words] of clients) {
    const child = spawn(program, [...words], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, OPENAI_BASE_URL: server.url, OPENAI_API_KEY: "a-key" },
    });
    const code = await new Promise((done) => child.on("exit", done));
    console.log(`${name}: ${code === 0 ? "all as it should be" : `failed with code ${code}`}`);
    if (code !== 0) process.exitCode = 1;
  }
  await server.close();
  await responder.close();
} finally {
  rmSync(own, { recursive: true });
}
