/**
 * One spelling for the characters that mean the same: full-width digits, minus signs, superscripts, ½, √, ≤.
 */

/** What NFKC would garble or leave. */
const table: Readonly<Record<string, string>> = {
  "−": "-",
  "–": "-",
  "—": "-",
  "‐": "-",
  "‑": "-",
  "﹣": "-",
  "⁄": "/",
  "∕": "/",
  "÷": "\\div ",
  "×": "\\times ",
  "·": "\\cdot ",
  "⋅": "\\cdot ",
  "∙": "\\cdot ",
  "∗": "*",
  "√": "\\sqrt ",
  "∛": "\\sqrt[3]",
  "∜": "\\sqrt[4]",
  "∧": "\\wedge ",
  "∨": "\\vee ",
  π: "\\pi ",
  "∞": "\\infty ",
  "≤": "\\le ",
  "⩽": "\\le ",
  "≥": "\\ge ",
  "⩾": "\\ge ",
  "≠": "\\ne ",
  "≈": "\\approx ",
  "≡": "\\equiv ",
  "±": "\\pm ",
  "∓": "\\mp ",
  "∪": "\\cup ",
  "∩": "\\cap ",
  "∖": "\\setminus ",
  "∈": "\\in ",
  "∅": "\\emptyset ",
  "⌊": "\\lfloor ",
  "⌋": "\\rfloor ",
  "⌈": "\\lceil ",
  "⌉": "\\rceil ",
  "⟨": "\\langle ",
  "⟩": "\\rangle ",
  "∠": "\\angle ",
  "…": "\\ldots ",
  "°": "^\\circ ",
  º: "^\\circ ",
  "℃": "^\\circ ",
  "′": "'",
  "″": "''",
  "’": "'",
  "“": '"',
  "”": '"',
  ℝ: "\\mathbb{R}",
  ℤ: "\\mathbb{Z}",
  ℕ: "\\mathbb{N}",
  ℚ: "\\mathbb{Q}",
  ℂ: "\\mathbb{C}",
  "，": ",",
  "、": ",",
  "；": ";",
  "：": ":",
  "（": "(",
  "）": ")",
  "％": "%",
};
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ";
const PLAIN_SUPERSCRIPTS = "0123456789+-n";
const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";
const invisible = /[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g;
const fractions = /[¼-¾⅐-⅞]/g;

/** Only what is not plain ASCII changes; plain text is returned as it is. */
export function normalise(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything outside ASCII is looked at
  if (!/[^\x00-\x7f]/.test(text)) return text;
  const whole = text.replace(invisible, "").replace(fractions, (f) => fractionOf(f));
  let out = "";
  let script: "^" | "_" | "" = "";
  for (const char of whole) {
    const up = SUPERSCRIPTS.indexOf(char);
    const down = SUBSCRIPTS.indexOf(char);
    const wanted = up >= 0 ? "^" : down >= 0 ? "_" : "";
    if (script !== "" && wanted !== script) out += "}";
    if (wanted !== "" && wanted !== script) out += `${wanted}{`;
    script = wanted;
    out += up >= 0 ? PLAIN_SUPERSCRIPTS[up] : down >= 0 ? String(down) : (table[char] ?? char);
  }
  return (script === "" ? out : `${out}}`).normalize("NFKC");
}

/** ½ → \frac{1}{2}, with a space so that 3½ stays a mixed number. */
function fractionOf(char: string): string {
  const [top, bottom] = char.normalize("NFKC").split("⁄");
  return bottom ? ` \\frac{${top}}{${bottom}}` : char;
}
