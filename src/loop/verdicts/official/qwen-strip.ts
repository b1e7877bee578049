/**
 * The Qwen toolkit's strip_string: units, words, spacing and short left sides taken off an answer.
 */
import { stripped } from "./hendrycks.ts";

/** Its units are deleted as whole words, single letters among them. */
const units = (
  "east degree mph kmph ft m square m east sq m deg mile q . monkey prime ratio profit of rd o gm p . m lb tile per dm lt gain ab way west a . b . c . d . e . f . g . h . " +
  "t a h no change men soldier pie bc excess st inches noon percent by gal kmh c acre rise a . m th π r 2 sq mark l toy coin sq . m gallon ° f profit minw yr women feet am pm hr cu cm square cm hrs mm " +
  "am ss day week inch second s min minutes hour hours minute seconds days dollars cents dollar cent cm km meter meters kilometers pounds pound kg grams g liters litres units unit points times boxes years year months month people students apples"
)
  .split(" ")
  .filter((word) => /^[a-z]{1,}$/.test(word));
const unitWord = new RegExp(`(^|\\W)(?:${[...new Set(units)].join("|")})($|\\W)`, "g");

export function qwenStripped(text: string): string {
  let s = text.trim().replaceAll("\n", "").replace(/\.+$/, "").replaceAll("\\!", "");
  s = s
    .replace(/\\begin\{array\}\{[^{}]*\}/g, "\\begin{pmatrix}")
    .replace(/\\end\{array\}/g, "\\end{pmatrix}")
    .replaceAll("bmatrix", "pmatrix");
  s = s.replaceAll("tfrac", "frac").replaceAll("dfrac", "frac");
  s = s.replaceAll("\\neq", "\\ne").replaceAll("\\leq", "\\le").replaceAll("\\geq", "\\ge");
  for (const drop of ["\\left", "\\right"]) s = s.replaceAll(drop, "");
  s = s.replaceAll("\\{", () => "{").replaceAll("\\}", () => "}");
  const withoutText = trailingText(s);
  if (withoutText !== "") s = withoutText;
  for (let twice = 0; twice < 2; twice++) {
    const next = s.replace(unitWord, "$1$2");
    if (next !== "") s = next;
  }
  for (const drop of ["^{\\circ}", "^\\circ", "\\$", "$", "\\(", "\\)"]) s = s.replaceAll(drop, "");
  s = s.replace(/\\text\{([^{}]*)\}/g, "$1");
  for (const name of ["x=", "y=", "z=", "x\\in", "y\\in", "z\\in", "x\\to", "y\\to", "z\\to"])
    s = s.replaceAll(name, "");
  s = s.replaceAll("\\emptyset", "{}").replaceAll("(-\\infty,\\infty)", () => "\\mathbb{R}");
  for (const drop of ["\\%", "%"]) s = s.replaceAll(drop, "");
  s = s.replaceAll("infinity", () => "\\infty").replace(/(?<!\\)\binf\b/g, () => "\\infty");
  for (const drop of ["and", "\\mathbf"]) s = s.replaceAll(drop, "");
  s = s
    .replace(/\\mbox\{[^{}]*\}/g, "")
    .replaceAll("'", "")
    .replaceAll('"', "");
  if (s.includes("j") && !s.includes("i")) s = s.replaceAll("j", "i");
  s = s.replace(/(?<=\d)\.0+(?!\d)/g, "");
  try {
    return stripped(s.replace(/\\sqrt(\w)/g, "\\sqrt{$1}"));
  } catch {
    return s.replaceAll(" ", "");
  }
}

/** A `\text{…}` at the end is a unit; one that is the whole answer stays. */
function trailingText(s: string): string {
  const at = s.lastIndexOf("\\text{");
  const close = at < 0 ? -1 : s.indexOf("}", at);
  return at > 0 && close === s.length - 1 ? s.slice(0, at).trim() : s;
}
