/**
 * The program in an answer.
 *
 *   completion  →  the block that defines the function, or that reads and prints, and those it leans on
 *
 * Blocks after it may use it or show what it prints, blocks before it may be attempts or the parts it is made of.
 * Without any block the whole answer is the program.
 */
import { spoken } from "../judges/said.ts";
import type { Program } from "./script.ts";

interface Block {
  readonly language: string;
  readonly text: string;
}

const javascript = /^(?:js|jsx|javascript|node|nodejs|mjs|cjs|ts|tsx|typescript|mts|cts|ecmascript)$/;
const typescript = /^(?:ts|tsx|typescript|mts|cts)$/;
const reads = /\bstdin\b|readFileSync|readline|createReadStream/;
const prints = /console\s*\.\s*\w+\s*\(|process\s*\.\s*stdout|\bprint\s*\(|writeFileSync|writeSync/;

/** @param entry  the function that is asked for; undefined where the program is to read and print */
export function programIn(completion: string, entry: string | undefined): Program {
  const answer = spoken(completion);
  const fenced = blocksOf(answer);
  const blocks = fenced.filter(({ text }) => text.trim() !== "");
  const named = blocks.filter(({ language }) => javascript.test(language));
  const own = named.length > 0 ? named : blocks.filter(({ language }) => language === "");
  const whole = { language: "", text: fenced.length > 0 ? "" : bare(answer, entry) };
  const signs =
    entry === undefined
      ? [reads, prints].map((sign) => (text: string) => sign.test(text))
      : [(text: string) => defines(text, entry)];
  const found = [own, blocks].flatMap((some) => signs.map((sign) => some.findLast(({ text }) => sign(text))));
  const main = found.find((block) => block !== undefined) ?? own.at(-1) ?? whole;
  const used = [...partsOf(main, own), main];
  return {
    text:
      blocks
        .filter((block) => used.includes(block))
        .map(({ text }) => text)
        .join("\n") || main.text,
    isTyped: used.some(({ language }) => typescript.test(language)),
  };
}

/** A fence may follow words on its line, and an unclosed block runs to the end. */
function blocksOf(answer: string): Block[] {
  const fences =
    /(?<![`~])(`{3,}|~{3,})([^\n`]*)\n([\s\S]*?)(?:^[ \t>]*\1[`~]*[ \t\r]*$|(?:`{3,}\s*)?(?![\s\S]))/gm;
  return [...answer.matchAll(fences)].map(([, , info, text]) => ({
    language: /^[\w+#-]*/.exec(info!.trim().replace(/^\{?\.?/, ""))![0].toLowerCase(),
    text: text!,
  }));
}

/** A function in a span of code, where the answer is not itself a program. */
function bare(answer: string, entry: string | undefined): string {
  if (entry === undefined || defines(answer.replace(/`[^`\n]*`/g, ""), entry)) return answer;
  const spans = [...answer.matchAll(/`+(?:(?:js|javascript|ts|typescript) )?([^`\n]+)`+/g)].map(
    ([, text]) => text!,
  );
  return spans.findLast((text) => defines(text, entry)) ?? answer;
}

/** Whether a text makes something of that name, as a variable, a function, a class, a method or an export. */
function defines(text: string, name: string): boolean {
  const own = name.replaceAll("$", "\\$");
  const ways = [
    `(?:function\\s*\\*?\\s*|(?:const|let|var|class)\\s+)${own}(?![\\w$])(?!\\s*=\\s*require\\b)`,
    `(?<![\\w$.])(?:(?:module\\.)?exports\\.)?${own}\\s*(?::[^=\\n]+)?=(?![=>]|\\s*require\\b)`,
    `\\bas\\s+${own}(?![\\w$])`,
    `^\\s*(?:public\\s+|static\\s+|async\\s+)*${own}\\s*(?:<[^>\\n]*>)?\\([^\\n]*\\)[^\\n;]*\\{`,
    `(?:exports|export\\s+default)\\b[^;]*[{,]\\s*${own}\\s*[:,}(]`,
  ];
  return ways.some((way) => new RegExp(way, "m").test(text));
}

/** The other blocks that define, outside of any braces, what a block uses and does not define; and what those lean on. */
function partsOf(main: Block, blocks: readonly Block[]): Block[] {
  const parts: Block[] = [];
  const have = [main];
  for (let block = have.shift(); block !== undefined; block = have.shift()) {
    const others = blocks.filter((one) => one !== main && !parts.includes(one));
    const taken = new Set([main, ...parts].flatMap(({ text }) => topNames(text)));
    for (const other of others.toReversed()) {
      const names = topNames(other.text);
      // one that makes again what is there is an attempt, not a part
      if (names.some((name) => taken.has(name))) continue;
      const { text } = block;
      if (
        !names.some((name) => new RegExp(`(?<![\\w$.])${name.replaceAll("$", "\\$")}(?![\\w$])`).test(text))
      )
        continue;
      for (const name of names) taken.add(name);
      parts.push(other);
      have.push(other);
    }
  }
  return parts;
}

function topNames(text: string): string[] {
  const made =
    /^(?:export\s+(?:default\s+)?)?(?:async\s+)?(?:function\s*\*?|class|const|let|var|enum)\s+([A-Za-z_$][\w$]*)/gm;
  return [...text.matchAll(made)].map(([, name]) => name!);
}
