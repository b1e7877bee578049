/**
 * Runs of letters: a function, a product of variables, or a word.
 *
 * `xy` is x·y and equal to `yx`, but `word` is never a product of letters: it would equal `drow`.
 */

/** Functions of one argument that the evaluators know, by their spellings. */
export const functions: ReadonlyMap<string, string> = new Map(
  Object.entries({
    sin: "sin",
    cos: "cos",
    tan: "tan tg",
    cot: "cot ctg",
    sec: "sec",
    csc: "csc cosec",
    asin: "arcsin asin",
    acos: "arccos acos",
    atan: "arctan atan arctg",
    sinh: "sinh",
    cosh: "cosh",
    tanh: "tanh",
    ln: "ln",
    log: "log lg",
    exp: "exp",
    sqrt: "sqrt",
    abs: "abs",
    gcd: "gcd",
    lcm: "lcm",
    max: "max",
    min: "min",
    floor: "floor",
    ceil: "ceil",
    det: "det",
    arg: "arg",
  }).flatMap(([name, words]) => words.split(" ").map((word) => [word, name] as const)),
);

/** The inverse of a function, for sin^{-1}. */
export const inverses: Readonly<Record<string, string>> = { sin: "asin", cos: "acos", tan: "atan" };

/** Commands that name a constant or a function the same way as letters would. */
const greekWords = new Set(
  "pi theta alpha beta gamma delta lambda mu sigma omega phi rho tau epsilon infinity inf".split(" "),
);

export type Piece =
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "letters"; readonly text: string };

const prefixes = [...functions.keys()]
  .filter((name) => name.length >= 3 || name === "ln")
  .sort((a, b) => b.length - a.length);

/** Splits a run such as `sinx`, `abc` or `even` into what it says. */
export function pieces(run: string): readonly Piece[] {
  const known = functions.get(run);
  if (known !== undefined) return [{ kind: "function", name: known }];
  if (greekWords.has(run)) return [{ kind: "word", text: run }];
  if (isProduct(run)) return [{ kind: "letters", text: run }];
  // sinx, lnx: a function with one letter to act on
  const prefix = prefixes.find((name) => run.startsWith(name) && run.length === name.length + 1);
  if (prefix !== undefined) {
    return [
      { kind: "function", name: functions.get(prefix)! },
      { kind: "letters", text: run.slice(prefix.length) },
    ];
  }
  return [{ kind: "word", text: run }];
}

/** One or two letters, or more that are in order (`abc`) or without a vowel (`mgh`); never three capitals (`ABC`). */
function isProduct(run: string): boolean {
  if (run.length <= 2) return true;
  if (run.length > 6) return false;
  if (/^[A-Z]+$/.test(run)) return false;
  const inOrder = [...run].every((letter, i) => i === 0 || run[i - 1]! < letter);
  return inOrder || !/[aeiouAEIOU]/.test(run);
}

/** Words of an answer without the mathematics around them; empty where it holds anything but words. */
export function wordsOf(text: string): string {
  const plain = text
    .slice(0, 2000)
    .replace(/\\(?:text(?:bf|it|rm|normal|up|sf)?|mbox|hbox|mathrm|mathbf|operatorname|emph)\b\s*/g, "")
    .replace(/\\(?:left|right)\b|\\[ ,;:!]|[{}$~*"]/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/\s*[.!]$/, "");
  return /^[A-Za-z][A-Za-z' ,]*$/.test(plain) ? plain : "";
}

/** "none" and "no real solutions" as the empty set, "DNE" in full; undefined for all other words. */
export function absence(words: string): string | undefined {
  const plain = words.toLowerCase();
  if (
    /^(?:none|(?:there (?:is|are) )?no (?:real |such |valid |possible )?(?:solutions?|roots?|values?|numbers?)(?: exists?)?|(?:the )?empty set|null set)$/.test(
      plain,
    )
  )
    return "\\emptyset";
  return /^(?:dne|(?:the limit )?(?:does not|doesn't) exist)$/.test(plain) && plain !== "does not exist"
    ? "\\text{does not exist}"
    : undefined;
}

export interface Choice {
  readonly letter: string;
  /** What stands behind the label, as in "(C) 42"; empty where the label is all. */
  readonly content: string;
  /** Whether brackets, a full stop or `\\text` show that the letter is a label and no variable. */
  readonly marked: boolean;
}

/** The label of a choice: C, (C), \\text{C.}, or before its content as in "(C) 42"; undefined for anything else. */
export function choiceOf(text: string): Choice | undefined {
  const plain = text
    .slice(0, 300)
    .replace(
      /\\(?:text(?:bf|it|rm|normal|up)?|mbox|mathrm|mathbf|boldsymbol|bf|rm)\b\s*\{([^{}]*)\}/g,
      " $1 ",
    )
    .replace(/\\(?:left|right|quad|qquad)\b|\\[ ,;:!]|[$~*]/g, " ")
    .trim();
  const match = /^(?:(?:option|choice|answer)\s+)?(\(?)\s*([A-Ja-j])\s*([).:?]?)(.*)$/is.exec(plain);
  if (!match) return undefined;
  const [, open, letter, close, rest = ""] = match;
  const content = rest.replace(/^[\s.):,-]+/, "").trim();
  if (open === "(" && close !== ")") return undefined;
  const isContent =
    close !== "" &&
    /^[\s.):,-]*\s/.test(rest) &&
    /^(?!(?:and|or|not|is)\b)[A-Za-z0-9\\(]{2}|^\d(?=$|\s)/i.test(content);
  if (content !== "" && !isContent) return undefined;
  return {
    letter: letter!,
    content,
    marked: open === "(" || close !== "" || /\\(?:text|mathrm|mathbf|mbox)/.test(text),
  };
}
