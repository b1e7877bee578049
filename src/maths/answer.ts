/**
 * Two answers to a judgement: as text, as a choice, as words, and last as mathematics.
 */
import { otherReadings } from "./ambiguous.ts";
import { compare } from "./compare.ts";
import { Fuel, Refusal } from "./fuel.ts";
import { type Details, isRight, type MathOptions, type Reason, type RightReason } from "./judgement.ts";
import { absence, choiceOf, pieces, wordsOf } from "./letters.ts";
import type { Node } from "./node.ts";
import { normalise } from "./normalise.ts";
import { numberOf } from "./number-words.ts";
import { parse } from "./parse.ts";
import { DEFAULT_PRECISION, type LeafMatch } from "./scalar-equality.ts";
import { type Commas, tokenize } from "./tokens.ts";
import { unset } from "./typesetting.ts";

export interface Outcome {
  readonly reason: Reason;
  readonly evidence?: Details["evidence"];
}

export interface Policy {
  readonly precision: number;
  readonly strict: boolean;
  readonly allowSetRelation: boolean;
  /** Read 1,22 as a decimal: where only plain numbers were asked for. */
  readonly decimalComma: boolean;
}

/** Longest answer that is read, in characters. */
const LONGEST_ANSWER = 25_000;

/** Steps allowed to one verdict: some twenty times what the hardest honest answers take. */
export const DEFAULT_FUEL = 200_000;

export function policyOf(options: MathOptions): Policy {
  return {
    precision: options.precision ?? DEFAULT_PRECISION,
    strict: options.strict ?? true,
    allowSetRelation: options.allowSetRelation ?? true,
    decimalComma: options.targets?.length === 1 && options.targets[0] === "expr",
  };
}

/** Compares a reference answer with another. Never throws. */
export function judgeAnswer(goldText: string, answerText: string, policy: Policy, fuel: Fuel): Outcome {
  const [gold, answer] = [tidy(goldText), tidy(answerText)];
  const outcome = judgeTidy(gold, answer, policy, fuel);
  if (outcome.reason !== "different" && outcome.reason !== "pred-unparsed") return outcome;
  const others = [
    ...otherReadings(answer).map((reading) => [gold, reading] as const),
    ...otherReadings(gold).map((reading) => [reading, answer] as const),
  ];
  const isAmbiguous = others.some(([one, other]) => isRight(judgeTidy(one, other, policy, fuel).reason));
  return isAmbiguous ? { reason: "ambiguous" } : outcome;
}

function judgeTidy(gold: string, answer: string, policy: Policy, fuel: Fuel): Outcome {
  if (gold === "") return { reason: "gold-empty" };
  if (answer === "") return { reason: "no-answer" };
  if (gold === answer) return { reason: "string" };
  // none of them is nought of them, though no number is an empty set
  if ((gold === "0" && isNone(answer)) || (answer === "0" && isNone(gold))) return { reason: "text" };
  const [goldNumber, answerNumber] = [spelled(gold), spelled(answer)];
  if (goldNumber !== gold || answerNumber !== answer)
    return judgeTidy(tidy(goldNumber), tidy(answerNumber), policy, fuel);
  const early = bySight(gold, answer);
  if (early) return { reason: early };
  if (gold.length > LONGEST_ANSWER) return { reason: "gold-unparsed" };
  if (answer.length > LONGEST_ANSWER) return { reason: "too-long" };
  // a reference such as 10,200 is one number; an answer may have meant two
  const golds = readings(gold, policy, fuel, isOneNumber(gold) ? [] : ["separators"]);
  if (golds.length === 0) return { reason: sameTokens(gold, answer, fuel) ? "string" : "gold-unparsed" };
  try {
    return byMeaning(golds, answer, gold, policy, fuel);
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault;
    return { reason: fault.reason === "unparsed" ? "pred-unparsed" : fault.reason };
  }
}

/** Whether a reference can be compared with anything but its own spelling: as a choice, as words, or as mathematics. */
export function isReadable(text: string): boolean {
  const gold = tidy(text);
  if (gold === "" || gold.length > LONGEST_ANSWER) return false;
  return (
    wordsOf(gold) !== "" ||
    choiceOf(gold) !== undefined ||
    readings(gold, policyOf({}), new Fuel(DEFAULT_FUEL), ["separators"]).length > 0
  );
}

function byMeaning(
  golds: readonly Node[],
  answer: string,
  gold: string,
  policy: Policy,
  fuel: Fuel,
): Outcome {
  let refused: Refusal["reason"] = "unparsed";
  const answers = readings(answer, policy, fuel, ["separators"], (reason) => {
    refused = reason;
  });
  if (answers.length === 0 && (choiceOf(answer)?.content ?? "") === "") {
    if (sameTokens(gold, answer, fuel)) return { reason: "string" };
    return { reason: refused === "unparsed" ? "pred-unparsed" : refused };
  }
  // "(B) 12" for 12
  const content = choiceOf(answer)?.content ?? "";
  if (content !== "") answers.push(...readings(content, policy, fuel, []));
  for (const a of answers) {
    for (const g of golds) {
      const match = matched(g, a, policy, fuel);
      if (match) {
        const { reason, ...evidence } = match;
        return { reason, evidence };
      }
    }
  }
  return { reason: "different" };
}

function matched(gold: Node, answer: Node, policy: Policy, fuel: Fuel): LeafMatch | undefined {
  const options = { fuel, precision: policy.precision, allowSetRelation: policy.allowSetRelation };
  const [g, a] = policy.strict ? [gold, answer] : [renamed(gold), renamed(answer)];
  return compare(g, a, options);
}

/** One spelling; the double backslashes of a text that was escaped once too often undone. */
function tidy(text: string): string {
  const plain = unset(normalise(text))
    .replace(/\b(?:np|math|numpy)\.(?=[a-z])/g, "")
    .trim();
  const escaped =
    /\\\\(?:frac|dfrac|left|right|sqrt|boxed|text|pi|infty|le|ge|leq|geq|times|cdot|begin)(?![a-zA-Z])/.test(
      plain,
    );
  const single =
    escaped && !/(?<!\\)\\begin/.test(plain) ? plain.replace(/\\\\(?=[a-zA-Z{}()[\],;!])/g, "\\") : plain;
  const line = single.replace(/\s+/g, " ").replace(/^(?:final )?answer ?[:=] ?/i, "");
  return /^(?:\\text\{ ?)?(?:all|any) (?:real numbers?|reals?)\.? ?\}?$/i.test(line) ? "\\mathbb{R}" : line;
}

const isNone = (text: string): boolean => wordsOf(text).toLowerCase() === "none";

/** A number in words, with or without words after it, in digits: "five", "five apples". */
function spelled(text: string): string {
  const words = wordsOf(text.replaceAll("-", " "));
  if (words === "") return text;
  const absent = absence(words);
  if (absent !== undefined) return absent;
  const all = words.split(" ");
  for (let count = Math.min(all.length, 12); count > 0; count--) {
    const value = numberOf(all.slice(0, count).join(" "));
    const rest = all.slice(count).join(" ");
    if (
      value !== undefined &&
      (count < all.length ? /^[a-z]/.test(rest) && !/^(?:of|to|and|or|by|is)\b/.test(rest) : true)
    )
      return rest === "" ? value : `${value}\\text{ ${rest}}`;
  }
  return text;
}

/** Choices and words, which are no mathematics. */
function bySight(gold: string, answer: string): RightReason | "different" | undefined {
  const [g, a] = [choiceOf(gold), choiceOf(answer)];
  if (g?.content === "") {
    const same =
      a &&
      (a.letter === g.letter ||
        ((g.marked || a.marked || (/[A-DF-HJ]/.test(g.letter) && a.content === "")) &&
          a.letter.toUpperCase() === g.letter.toUpperCase()));
    if (/[A-J]/.test(g.letter) && new Set(answer.match(/(?<![A-Za-z\\])[A-J](?![A-Za-z])/g)).size > 1 && !a)
      return "different";
    if (same && (a.content === "" || (g.letter === g.letter.toUpperCase() && (g.marked || a.marked))))
      return "choice";
    if (g.marked && a?.content === "") return "different";
  }
  const [goldWords, answerWords] = [wordsOf(gold), wordsOf(answer)];
  if (goldWords === "" || answerWords === "" || !(isWordy(goldWords) || /^\\(?:text|mathrm|mbox)/.test(gold)))
    return undefined;
  if (plainWords(goldWords) === plainWords(answerWords)) return "text";
  return isWordy(goldWords) && isWordy(answerWords) && !/[,]|\b(?:and|or)\b/.test(goldWords)
    ? "different"
    : undefined;
}

const isWordy = (words: string): boolean =>
  words.split(/[^A-Za-z]+/).some((run) => run.length > 1 && pieces(run)[0]!.kind === "word");
const plainWords = (words: string): string => {
  const plain = words.replace(/^(?:an?|the)\s+/i, "").replace(/[\s',]+/g, "");
  // a single letter is a name, and its case matters
  return plain.length > 1 ? plain.toLowerCase() : plain;
};

const isOneNumber = (text: string): boolean =>
  /^[-+]?(?:\\?\$)?\s*\d{1,3}(?:,\d{3})+(?:\.\d+)?\s*(?:\\?%|\$)?$/.test(text);

/** The ways a text can be read: its commas are thousands, then separators. */
function readings(
  text: string,
  policy: Policy,
  fuel: Fuel,
  others: readonly Commas[],
  refused: (reason: Refusal["reason"]) => void = () => {},
): Node[] {
  const commas: Commas[] = ["thousands"];
  if (/\d[, ]\d{3}(?!\d)/.test(text)) commas.push(...others);
  if (policy.decimalComma && /\d,\d/.test(text)) commas.push("decimal");
  const nodes: Node[] = [];
  for (const how of commas) {
    try {
      const node = parse(text, how, fuel);
      const isNothing = node.kind === "list" && node.items.length === 0;
      if (!isNothing) nodes.push(node);
    } catch (fault) {
      if (!(fault instanceof Refusal)) throw fault;
      refused(fault.reason);
    }
  }
  return nodes;
}

/** Whether two texts that cannot be parsed are the same but for how they are set. */
function sameTokens(a: string, b: string, fuel: Fuel): boolean {
  try {
    const [x, y] = [tokenize(a, "separators", fuel), tokenize(b, "separators", fuel)];
    return (
      x.length > 0 &&
      x.length === y.length &&
      x.every((token, i) => token.kind === y[i]!.kind && token.text === y[i]!.text)
    );
  } catch (fault) {
    if (fault instanceof Refusal) return false;
    throw fault;
  }
}

/** Variables by their order of appearance, for when their names do not matter. */
function renamed(node: Node): Node {
  const names = new Map<string, string>();
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== "object" || value === null) return value;
    const part = value as Record<string, unknown>;
    if (part.kind === "symbol" && typeof part.name === "string") {
      if (!names.has(part.name)) names.set(part.name, `v${names.size}`);
      return { ...part, name: names.get(part.name) };
    }
    return Object.fromEntries(Object.entries(part).map(([k, v]) => [k, visit(v)]));
  };
  return visit(node) as Node;
}
