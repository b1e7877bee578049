/**
 * Holds errata's tokenizers to what `bench/peers/make_tokenizers.py` recorded of `tokenizers`.
 *
 *   npx tsx bench/tokenizers.ts FOLDER [KIND]   one line a kind: of how many texts the ids, the prompts, the text and the streamed text
 *                                               are equal; `--show` prints the others
 */
import { parseArgs } from "node:util";
import { makeTokenizer, type Tokenizer } from "../src/formats/tokenizer/tokenizer.ts";
import { TextStream } from "../src/loop/rollouts/text-stream.ts";
import { type TokenizerKind, tokenizerKinds } from "../test/formats/tokenizer-kinds.ts";

const {
  values: { show },
  positionals: [folder, only],
} = parseArgs({ allowPositionals: true, options: { show: { type: "boolean", default: false } } });
if (folder === undefined) throw new Error("name the folder that make_tokenizers.py wrote");
const { texts, kinds } = tokenizerKinds(folder);
let count = 0;
let equal = 0;
for (const kind of kinds) {
  if (only !== undefined && kind.name !== only) continue;
  count++;
  if (compare(kind)) equal++;
}
console.log(`${equal} of ${count} kinds equal in all`);

function compare({ name, tokenizer, ids, prompts, decoded, lists }: TokenizerKind): boolean {
  let made: Tokenizer;
  try {
    made = makeTokenizer({ tokenizer, config: {}, where: name });
  } catch (cause) {
    console.log(`${name.padEnd(34)} refused: ${(cause as { got?: string }).got ?? cause}`);
    return false;
  }
  const start = process.cpuUsage();
  const counts = {
    ids: equals("ids", texts, (text, i) => [[...made.encode(text)], ids[i]]),
    prompts: equals("prompts", prompts, (prompt, i) => [[...made.encodePrompt(texts[i]!)], prompt]),
    text: equals("text", ids, (list, i) => [made.decode(list), decoded[i]]),
    streamed: equals("streamed", ids, (list, i) => [streamed(made, list), decoded[i]]),
    lists: equals("lists", lists, ([list, text]) => [made.decode(list), text]),
  };
  const { user, system } = process.cpuUsage(start);
  const said = Object.entries(counts).map(([what, [equal, of]]) => `${what} ${equal}/${of}`);
  console.log(`${name.padEnd(34)} ${said.join("  ")}  ${((user + system) / 1e6).toFixed(2)} s`);
  return Object.values(counts).every(([equal, of]) => equal === of);
}

function streamed(made: Tokenizer, list: readonly number[]): string {
  const stream = new TextStream(made);
  return list.map((id) => stream.push(id)).join("") + stream.finish();
}

function equals<T>(
  what: string,
  all: readonly T[],
  sides: (one: T, i: number) => readonly [unknown, unknown],
): [number, number] {
  let equal = 0;
  for (const [i, one] of all.entries()) {
    const [ours, theirs] = sides(one, i).map((side) => JSON.stringify(side));
    if (ours === theirs) equal++;
    else if (show)
      console.log(
        `  ${what} of ${JSON.stringify(one).slice(0, 200)}\n    ${ours?.slice(0, 300)}\n    ${theirs?.slice(0, 300)}`,
      );
  }
  return [equal, all.length];
}
