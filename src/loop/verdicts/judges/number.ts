/**
 * `number`: the answer settles on one number, near enough to the reference.
 *
 *   absolute, relative   how far it may be off, as in Python's math.isclose: the larger of the two; 0 unless given
 *
 * Read is the last box, `<answer>` or "answer: …", or else everything that is said. A unit that both name is
 * converted, or has to be the same; one that either leaves out is not missed.
 */
import { scales } from "../../../maths/number-words.ts";
import { readWords } from "../../../maths/quantity-words.ts";
import { sameDimension, type Unit } from "../../../maths/units.ts";
import { finalPart, noReference, references } from "./said.ts";
import { type JudgeByName, readSettings } from "./settings.ts";

export interface Tolerance {
  readonly absolute?: number;
  readonly relative?: number;
}

/** What arithmetic in doubles may lose. */
const NOISE = 1e-14;

export function isNear(gold: number, got: number, { absolute = 0, relative = 0 }: Tolerance): boolean {
  // no number is near infinity, such as 1e999 in JSON
  if (!Number.isFinite(gold)) return gold === got;
  return Math.abs(gold - got) <= Math.max(absolute, Math.max(relative, NOISE) * Math.abs(gold));
}

export function number(given: string): JudgeByName {
  const settings = readSettings("number", { absolute: "number", relative: "number" }, given);
  return {
    goldForms: references,
    judge: (problem, answer) => {
      const golds = references(problem).map((text) => ({ text, numbers: quantitiesIn(text) }));
      if (golds.length === 0) return noReference;
      const unread = golds.find(({ numbers }) => numbers.length !== 1 || !Number.isFinite(numbers[0]!.value));
      if (unread)
        return { kind: "error", because: `the reference ${JSON.stringify(unread.text)} is not one number` };
      const said = quantitiesIn(finalPart(answer));
      if (said.length !== 1)
        return {
          kind: "wrong",
          because: said.length === 0 ? "there is no number" : `it names ${said.length} numbers`,
        };
      const [got] = said as [Quantity];
      const faults = golds.map(({ numbers }) => fault(numbers[0]!, got, settings.of(problem)));
      const extracted = got.text;
      return faults.includes(undefined)
        ? { kind: "right", because: "near enough", extracted }
        : { kind: "wrong", because: faults[0]!, extracted };
    },
  };
}

interface Quantity {
  readonly value: number;
  readonly unit: string;
  readonly text: string;
}

const DECIMAL = String.raw`(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+`;
const POWER = String.raw`e[+-]?\d+|\s*(?:×|\*|\\times|\\cdot)\s*10\s*\^?\s*\{?[+-]?\d+\}?`;
const UNIT = String.raw`[ \t]*(?:%|[°µμΩ]?[A-Za-zΩ]+(?:\^?[23²³])?(?:\/[A-Za-z]+(?:\^?[23²³])?)?)`;
const quantity = new RegExp(
  String.raw`(?<![\w.])([+-]?)(${DECIMAL})(?:\/(${DECIMAL}))?(${POWER})?(${UNIT})?`,
  "gi",
);

/** The numbers of a text, each with the word or sign after it. */
function quantitiesIn(text: string): Quantity[] {
  const plain = text
    .replaceAll("−", "-")
    .replace(/\\(?:text|mathrm|mbox)\s*\{([^{}]*)\}|\\[,;! ]|[$_`]|\*\*/g, " $1");
  return [...plain.matchAll(quantity)].map(([whole, sign, top, bottom = "1", tens = "", after = ""]) => {
    const digits = (part: string) => Number(part.replaceAll(",", ""));
    const [, exponent = "0"] = /(?:e|10\s*\^?\s*\{?)([+-]?\d+)\}?$/i.exec(tens) ?? [];
    const word = after.trim().toLowerCase();
    const scale = Object.hasOwn(scales, word) ? scales[word] : undefined;
    const value = (Number(`${digits(top!)}e${exponent}`) / digits(bottom)) * (scale ?? 1);
    return {
      value: sign === "-" ? -value : value,
      unit: scale === undefined ? after.trim() : "",
      text: whole.trim(),
    };
  });
}

/** Why one quantity is not the other; undefined where it is. */
function fault(gold: Quantity, got: Quantity, tolerance: Tolerance): string | undefined {
  const [a, b] = [unitOf(gold.unit), unitOf(got.unit)];
  const named = gold.unit !== "" && got.unit !== "";
  if (named && (a && b ? !sameDimension(a, b) : gold.unit !== got.unit))
    return `${got.unit} is another unit than ${gold.unit}`;
  const factor = named && a && b ? sizeOf(b) / sizeOf(a) : 1;
  return isNear(gold.value, got.value * factor, tolerance) ? undefined : "another number";
}

/** Undefined where the unit is not known; it is then compared as text. */
function unitOf(text: string): Unit | undefined {
  const { unit, rest } = readWords(text.normalize("NFKC"));
  return rest.size === 0 ? unit : undefined;
}

function sizeOf({ factor }: Unit): number {
  return Number(factor.n) / Number(factor.d);
}
