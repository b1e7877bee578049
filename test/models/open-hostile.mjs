/** Opens what its input names or holds, in a process of its own, and prints how that ended, the processor's seconds and the memory held. */
import { text } from "node:stream/consumers";
import { ErrataError } from "../../.build/errors.js";
import { openGguf } from "../../.build/formats/gguf/gguf.js";
import { openModel } from "../../.build/formats/open-model.js";
import { openSafetensors } from "../../.build/formats/safetensors/safetensors.js";
import { makeTokenizer } from "../../.build/formats/tokenizer/tokenizer.js";

const words = {
  version: "1.0",
  added_tokens: [],
  model: { type: "BPE", vocab: { a: 0 }, merges: [], unk_token: null },
};
const opens = {
  safetensors: openSafetensors,
  gguf: openGguf,
  model: openModel,
  template: async (chat_template) =>
    makeTokenizer({ tokenizer: words, config: { chat_template }, where: "tokenizer.json" }).renderChat([
      { role: "user", content: "hello" },
    ]),
};

const kind = process.argv[2];
const given = await text(process.stdin);
const began = process.cpuUsage();
let ended = "accepted";
try {
  await opens[kind](given);
} catch (error) {
  ended = error instanceof ErrataError ? `${error.name}: ${error.message}` : `crashed: ${error}`;
}
const { user, system } = process.cpuUsage(began);
const seconds = (user + system) / 1e6;
// Node gives kilobytes on every system
console.log(JSON.stringify({ ended, seconds, megabytes: process.resourceUsage().maxRSS / 1024 }));
