/** Holds chat templates to what transformers renders: the output of bench/peers/render_templates.py on stdin. */
import { text } from "node:stream/consumers";
import { chatTemplate } from "../src/formats/tokenizer/chat-template.ts";

interface Case {
  readonly file: string;
  readonly turns: number;
  readonly source: string;
  readonly messages: { readonly role: string; readonly content: string }[];
  readonly options: Record<string, unknown>;
  readonly rendered?: string;
  readonly error?: string;
}

const { tokens, cases } = JSON.parse(await text(process.stdin)) as {
  tokens: Record<string, string>;
  cases: Case[];
};
let same = 0;
for (const { file, turns, source, messages, options, rendered, error } of cases) {
  const { add_generation_prompt: addGenerationPrompt = true, ...variables } = options;
  let got: string | undefined;
  let refusal = "";
  try {
    const render = chatTemplate(source, tokens, file);
    got = render(messages, { addGenerationPrompt: addGenerationPrompt === true, variables });
  } catch (cause) {
    refusal = (cause as Error).message;
  }
  if (got === rendered) same++;
  else
    console.log(
      JSON.stringify({ file, turns, expected: rendered ?? error, got: got ?? refusal }).slice(0, 600),
    );
}
console.log(`${same} of ${cases.length} the same`);
process.exitCode = same === cases.length ? 0 : 1;
