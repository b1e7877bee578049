/**
 * The grader of the MATH data set (verl, math_reward): the last box, both sides stripped of how they are
 * set, compared as strings.
 */
import { type Grade, lastBoxed } from "./grade.ts";

/** Where the Python code raises: the comparison then falls back to the raw strings. */
class Raised extends Error {}

export function hendrycks(gold: string, completion: string): Grade {
  const extracted = boxed(completion);
  return { right: extracted !== undefined && equivalent(extracted, gold), extracted };
}

function boxed(text: string): string | undefined {
  const spaced = text.lastIndexOf("\\boxed ");
  if (spaced >= 0) return text.slice(spaced + "\\boxed ".length).split("$", 1)[0]!;
  const at = text.lastIndexOf("\\boxed");
  const from = at >= 0 ? at : text.lastIndexOf("\\fbox");
  const box = from < 0 ? undefined : lastBoxed(text, from);
  // what is not exactly \boxed{…}, \fbox included, fails an assertion and scores nothing
  return box?.startsWith("\\boxed{") ? box.slice("\\boxed{".length, -1) : undefined;
}

function equivalent(a: string, b: string): boolean {
  try {
    return stripped(a) === stripped(b);
  } catch (fault) {
    if (fault instanceof Raised) return a === b;
    throw fault;
  }
}

export function stripped(text: string): string {
  let s = text;
  const drops = ["\n", "\\!"];
  for (const drop of drops) s = s.replaceAll(drop, "");
  s = s
    .replaceAll("\\\\", () => "\\")
    .replaceAll("tfrac", "frac")
    .replaceAll("dfrac", "frac");
  for (const drop of ["\\left", "\\right", "^{\\circ}", "^\\circ", "\\$"]) s = s.replaceAll(drop, "");
  s = withoutUnits(s).replaceAll("\\\\%", "").replaceAll("\\%", "");
  s = s.replaceAll(" .", " 0.").replaceAll("{.", "{0.");
  if (s === "") return s;
  if (s.startsWith(".")) s = `0${s}`;
  const sides = s.split("=");
  if (sides.length === 2 && Array.from(sides[0]!.slice(0, 6)).length <= 2) s = sides[1]!;
  s = bracedRoots(s).replaceAll(" ", "");
  s = bracedFractions(s);
  if (s === "0.5") return "\\frac{1}{2}";
  const fraction = /^(0|-?[1-9]\d*)\/(0|-?[1-9]\d*)$/.exec(s);
  return fraction ? `\\frac{${fraction[1]}}{${fraction[2]}}` : s;
}

function withoutUnits(s: string): string {
  const parts = s.split("\\text{ ");
  if (parts.length > 2) throw new Raised();
  return parts[0]!;
}

function bracedRoots(s: string): string {
  const [head, ...rest] = s.split("\\sqrt");
  return rest.reduce((out, part) => {
    if (part === "") throw new Raised();
    if (part.startsWith("{")) return `${out}\\sqrt${part}`;
    const first = String.fromCodePoint(part.codePointAt(0)!);
    return `${out}\\sqrt{${first}}${part.slice(first.length)}`;
  }, head!);
}

function bracedFractions(s: string): string {
  const [head, ...rest] = s.split("\\frac");
  let out = head!;
  for (const part of rest) {
    out += "\\frac";
    if (part === "") throw new Raised();
    if (part.startsWith("{")) {
      out += part;
      continue;
    }
    const a = String.fromCodePoint(part.codePointAt(0)!);
    const after = part.slice(a.length);
    if (after === "") return s;
    const b = String.fromCodePoint(after.codePointAt(0)!);
    out += b === "{" ? `{${a}}${after}` : `{${a}}{${b}}${after.slice(b.length)}`;
  }
  return out;
}
