/**
 * Two trees compared by what they are: units, percents and names first, then lists, sets, intervals,
 * relations, ratios, matrices, and at the leaves numbers and expressions.
 */

import { isName, named, sameName, stem } from "./assignments.ts";
import type { Context } from "./context.ts";
import { someNode } from "./evaluate.ts";
import { type Fuel, Refusal } from "./fuel.ts";
import { sameSegments, segmentsOf } from "./intervals.ts";
import { matrixOf, sameCells, vectorOf } from "./matrices.ts";
import { type Bracket, isLogic, key, type Node, number, product, symbol } from "./node.ts";
import { readWords, unitRatio, type Words } from "./quantity-words.ts";
import { equalRatios, ratioValue } from "./ratios.ts";
import { equalRelations, isInequality } from "./relations.ts";
import { equalLeaves, type LeafMatch, type LeafOptions } from "./scalar-equality.ts";
import { sameDimension, unitOf } from "./units.ts";

export interface ComparePolicy extends LeafOptions {
  readonly allowSetRelation: boolean;
}

/** Compares a reference answer with another. @returns how they are equal, or undefined where they are not */
export function compare(gold: Node, answer: Node, policy: ComparePolicy): LeafMatch | undefined {
  let depth = 0;
  const context: Context = {
    ...policy,
    equal: (g, a) => {
      if (++depth > 60) throw new Refusal("too-deep");
      const match = equalNodes(g, a, context);
      depth--;
      return match;
    },
  };
  return context.equal(gold, answer);
}

function equalNodes(gold: Node, answer: Node, context: Context): LeafMatch | undefined {
  context.fuel.spend(5);
  if (key(gold, context.fuel) === key(answer, context.fuel)) return { reason: "exact" };
  return (
    (isMeasure(gold) || isMeasure(answer) ? equalMeasures(gold, answer, context) : undefined) ??
    equalSets(gold, answer, context) ??
    equalStatements(gold, answer, context) ??
    equalLists(gold, answer, context) ??
    equalTuples(gold, answer, context) ??
    equalMatrices(gold, answer, context) ??
    equalRatios(gold, answer, context) ??
    equalScalars(gold, answer, context)
  );
}

type Measure = Extract<Node, { kind: "quantity" | "percent" | "degrees" }>;
const isMeasure = (node: Node): node is Measure =>
  node.kind === "quantity" || node.kind === "percent" || node.kind === "degrees";
const hundredth = number({ n: 1n, d: 100n });
const nothing: Words = readWords("");

/** A value and the words beside it. */
function measureOf(node: Node): { readonly value: Node; readonly words: Words } {
  switch (node.kind) {
    case "percent":
      return { value: node.of, words: readWords("%") };
    case "degrees":
      return { value: node.of, words: readWords("°") };
    case "quantity": {
      const { value, unit } = node;
      if (value.kind === "degrees") return { value: value.of, words: readWords(`° ${unit}`) };
      if (value.kind === "percent") return { value: value.of, words: readWords(`% ${unit}`) };
      return { value, words: readWords(unit) };
    }
    default:
      return { value: node, words: nothing };
  }
}

/** 12 h beside 12 hours: letters are a unit where the other answer has the same one. */
function lettersAsUnit(node: Node, beside: Words, fuel: Fuel): Node {
  if (node.kind !== "product" || !beside.unit || isMeasure(node)) return node;
  const letters = node.factors.filter((factor) => factor.kind === "symbol");
  const text = letters.map((letter) => (letter as { readonly name: string }).name).join("");
  const unit = letters.length > 0 && letters.length < node.factors.length ? unitOf(text) : undefined;
  if (!unit || !sameDimension(unit, beside.unit)) return node;
  const value = product(
    node.factors.filter((factor) => factor.kind !== "symbol"),
    fuel,
  );
  return { kind: "quantity", value, unit: text };
}

/** A unit beside none is passed over; 12 cm is 0.12 m; 28% is 28 or 0.28; 90° is 90 or π/2. */
function equalMeasures(gold: Node, answer: Node, context: Context): LeafMatch | undefined {
  if (gold.kind === "relation" || answer.kind === "relation" || isMany(gold) || isMany(answer))
    return undefined;
  const g = measureOf(lettersAsUnit(gold, measureOf(answer).words, context.fuel));
  const a = measureOf(lettersAsUnit(answer, g.words, context.fuel));
  const ratio = unitRatio(g.words, a.words);
  const measures = (words: Words, name: string): boolean => words.unit?.dimension[name] === 1;
  if (ratio === "clash") {
    // 90° and π/2 radians
    const degrees = measures(g.words, "degree") ? g : measures(a.words, "degree") ? a : undefined;
    const radians = measures(g.words, "radian") ? g : measures(a.words, "radian") ? a : undefined;
    if (!degrees || !radians) return undefined;
    return equalLeaves({ kind: "degrees", of: degrees.value }, radians.value, context);
  }
  const other = ratio.n === ratio.d ? a.value : product([a.value, number(ratio)], context.fuel);
  const plain = context.equal(g.value, other);
  if (plain) return plain;
  const [isPercent, isAngle] = ["percent", "degree"].map(
    (name) => measures(g.words, name) !== measures(a.words, name),
  );
  if (isPercent) {
    const share = (m: typeof g): Node =>
      measures(m.words, "percent") ? product([m.value, hundredth], context.fuel) : m.value;
    return context.equal(share(g), share(a));
  }
  if (!isAngle || g.words.unit?.dimension.degree === a.words.unit?.dimension.degree) return undefined;
  const angle = (m: typeof g): Node =>
    measures(m.words, "degree") ? { kind: "degrees", of: m.value } : m.value;
  const bare = measures(g.words, "degree") ? a.value : g.value;
  return someNode(bare, context.fuel, (n) => n.kind === "constant" && n.name === "pi")
    ? equalLeaves(angle(g), angle(a), context)
    : undefined;
}

const isMany = (node: Node): boolean => node.kind === "list" || node.kind === "set";
const isStatement = (node: Node): boolean =>
  node.kind === "relation" || (node.kind === "list" && node.items.every(isStatement));
const isRegion = (node: Node): boolean =>
  node.kind === "setop" ||
  (node.kind === "relation" && (node.ops.some(isInequality) || node.ops.includes("∈"))) ||
  (node.kind === "symbol" && node.name === "mathbb(R)") ||
  (node.kind === "list" && node.items.some(isRegion) && node.items.every((item) => isStatement(item)));

/** Intervals, unions and inequalities, where at least one side is more than a pair of brackets. */
function equalSets(gold: Node, answer: Node, context: Context): LeafMatch | undefined {
  if (!isRegion(gold) && !isRegion(answer)) return undefined;
  const isStated = (node: Node): boolean => isStatement(node) && isRegion(node);
  if (!context.allowSetRelation && isStated(answer) && !isStated(gold)) return undefined;
  // inequalities in different unknowns are not one set
  const unknowns = [gold, answer].flatMap((node) => unknownsOf(node, context.fuel));
  if (new Set(unknowns).size <= 1) {
    const [a, b] = [segmentsOf(gold, context), segmentsOf(answer, context)];
    if (a && b) return sameSegments(a, b, context) ? { reason: "interval" } : undefined;
  }
  if (gold.kind === "setop" && answer.kind === "setop" && gold.op === answer.op && gold.op !== "∖") {
    return matches(operands(gold, gold.op), operands(answer, gold.op), context)
      ? { reason: "set" }
      : undefined;
  }
  return undefined;
}

/** What inequalities and memberships are about, by its key: x of x < 2, |x| < 2 and x ∈ (1, 2). */
function unknownsOf(node: Node, fuel: Fuel): readonly string[] {
  if (node.kind === "list") return node.items.flatMap((item) => unknownsOf(item, fuel));
  if (node.kind !== "relation") return [];
  const name = node.parts.find(isName);
  if (name === undefined) return [];
  return [key(name.kind === "call" && name.name === "abs" ? name.args[0]! : name, fuel)];
}

function operands(node: Node, op: string): readonly Node[] {
  return node.kind === "setop" && node.op === op
    ? [...operands(node.left, op), ...operands(node.right, op)]
    : [node];
}

/** Equations: by their value where they name it, as relations otherwise. */
function equalStatements(gold: Node, answer: Node, context: Context): LeafMatch | undefined {
  if (gold.kind !== "relation" && answer.kind !== "relation") return undefined;
  const [g, a] = [named(gold, context), named(answer, context)];
  if (g && a && sameName(g, a, context)) return context.equal(g.value, a.value);
  if (gold.kind === "relation" && answer.kind === "relation") return equalRelations(gold, answer, context);
  if (g && answer.kind !== "relation") return context.equal(g.value, answer);
  return a && gold.kind !== "relation" ? context.equal(gold, a.value) : undefined;
}

/** Items of a list or a set, ± written out; undefined where the node is neither. */
function itemsOf(node: Node, context: Context): readonly Node[] | undefined {
  if (node.kind === "list" || node.kind === "set")
    return node.items.flatMap((item) => bothSigns(item, context) ?? [item]);
  return bothSigns(node, context);
}

/** The two values of a tree with ±, every ± taken with the same sign; also of x = 1 ± √2. */
function bothSigns(node: Node, context: Context): readonly Node[] | undefined {
  const inside = (n: Node): boolean => someNode(n, context.fuel, (part) => part.kind === "plusminus");
  const holds =
    inside(node) ||
    (node.kind === "tuple" && node.items.some(inside)) ||
    (node.kind === "relation" && node.parts.some(inside)) ||
    (node.kind === "quantity" && inside(node.value));
  return holds ? [signed(node, 1n, context.fuel), signed(node, -1n, context.fuel)] : undefined;
}

function signed(node: Node, sign: bigint, fuel: Fuel): Node {
  fuel.spend();
  const again = (part: Node): Node => signed(part, sign, fuel);
  switch (node.kind) {
    case "plusminus":
      return number({ n: node.flip ? -sign : sign, d: 1n });
    case "sum":
      return { ...node, terms: node.terms.map(again) };
    case "product":
      return product(node.factors.map(again), fuel);
    case "power":
      return { ...node, base: again(node.base), exponent: again(node.exponent) };
    case "call":
      return { ...node, args: node.args.map(again) };
    case "percent":
    case "degrees":
      return { ...node, of: again(node.of) };
    case "quantity":
      return { ...node, value: again(node.value) };
    case "tuple":
      return { ...node, items: node.items.map(again) };
    case "relation":
      return { ...node, parts: node.parts.map(again) };
    default:
      return node;
  }
}

function equalLists(gold: Node, answer: Node, context: Context): LeafMatch | undefined {
  const [g, a] = [itemsOf(gold, context), itemsOf(answer, context)];
  if (!g && !a) return undefined;
  if (g && a) {
    if (isOtherLogic(gold, answer, context.fuel)) return undefined;
    // solutions listed twice are listed; numbers listed twice may be meant
    const distinct =
      gold.kind === "set" || answer.kind === "set" || [...g, ...a].every((item) => item.kind === "tuple");
    const [x, y] = distinct ? [unique(g, context), unique(a, context)] : [g, a];
    const ordered = !distinct && (namesInOrder(g, a) || namesInOrder(a, g));
    const same = ordered ? inOrder(x, y, context) : matches(x, y, context);
    return same ? { reason: "set" } : undefined;
  }
  const [items, single, many] = g ? [g, answer, gold] : [a!, gold, answer];
  // 3, 2 for (3, 2): a bare list may be a tuple without its brackets, a set may not
  if (
    single.kind === "tuple" &&
    many.kind === "list" &&
    !(many.by === "or" && isLogic(many)) &&
    !isClosedPair(single.open, single.close, single.items.length)
  ) {
    return inOrder(g ? items : single.items, g ? single.items : items, context)
      ? { reason: "set" }
      : undefined;
  }
  // 5/2 or 2.5: one value written twice
  if (items.length > MOST_REPEATED) return undefined;
  const [value, ...more] = unique(items, context);
  if (value === undefined || more.length > 0) return undefined;
  return g ? context.equal(value, single) : context.equal(single, value);
}

/** Whether one says "or" and the other "and" of statements about several unknowns; of one unknown both list its values. */
function isOtherLogic(gold: Node, answer: Node, fuel: Fuel): boolean {
  if (gold.kind !== "list" && answer.kind !== "list") return false;
  const isEither = (node: Node): boolean => node.kind === "list" && node.by === "or";
  if (isEither(gold) === isEither(answer)) return false;
  const either = isEither(gold) ? gold : answer;
  return new Set(unknownsOf(either, fuel).map((name) => name.replace(/_.*$/, ""))).size > 1;
}

/** Items of a list that may all be one value. */
const MOST_REPEATED = 4;

const isClosedPair = (open: Bracket, close: Bracket, length: number): boolean =>
  length === 2 && (open === "[" || close === "]");

/** Whether one list names different things (x = 1, y = 2) and the other does not say which is which. */
function namesInOrder(named: readonly Node[], bare: readonly Node[]): boolean {
  const stems = named.map((item) =>
    item.kind === "relation" && item.ops[0] === "=" ? stem(item.parts[0]!) : undefined,
  );
  return (
    stems.every((name) => name !== undefined) &&
    new Set(stems).size > 1 &&
    bare.every((item) => item.kind !== "relation")
  );
}

function inOrder(gold: readonly Node[], answer: readonly Node[], context: Context): boolean {
  return (
    gold.length === answer.length && gold.every((item, i) => context.equal(item, answer[i]!) !== undefined)
  );
}

/** Whether the items can be paired off. Equality is transitive but for rounding, so the first partner will do. */
function matches(gold: readonly Node[], answer: readonly Node[], context: Context): boolean {
  if (gold.length !== answer.length) return false;
  const left = [...answer];
  return gold.every((item) => {
    const at = left.findIndex((other) => context.equal(item, other) !== undefined);
    if (at < 0) return false;
    left.splice(at, 1);
    return true;
  });
}

function unique(items: readonly Node[], context: Context): readonly Node[] {
  const out: Node[] = [];
  for (const item of items) if (!out.some((other) => context.equal(other, item))) out.push(item);
  return out;
}

function equalTuples(gold: Node, answer: Node, context: Context): LeafMatch | undefined {
  if (gold.kind !== "tuple" || answer.kind !== "tuple" || gold.items.length !== answer.items.length)
    return undefined;
  const isPair = gold.items.length === 2;
  if (
    isPair &&
    !(
      sameBracket(gold.open, answer.open, gold.items[0]!, context) &&
      sameBracket(gold.close, answer.close, gold.items[1]!, context)
    )
  ) {
    return undefined;
  }
  return inOrder(gold.items, answer.items, context) ? { reason: isPair ? "interval" : "set" } : undefined;
}

/** Round against square decides whether an end belongs to an interval; at ±∞ it cannot. */
function sameBracket(a: Bracket, b: Bracket, endpoint: Node, context: Context): boolean {
  const isSquare = (bracket: Bracket): boolean => bracket === "[" || bracket === "]";
  return (
    isSquare(a) === isSquare(b) ||
    someNode(endpoint, context.fuel, (n) => n.kind === "constant" && n.name === "infinity")
  );
}

function equalMatrices(gold: Node, answer: Node, context: Context): LeafMatch | undefined {
  const [g, a] = [matrixOf(gold, context), matrixOf(answer, context)];
  if (g && a) return sameCells(g, a, context) ? { reason: "matrix" } : undefined;
  if (!g && !a) return undefined;
  const vector = vectorOf(g ?? a!);
  const other = g ? answer : gold;
  if (!vector || other.kind !== "tuple") return undefined;
  return inOrder(g ? vector : other.items, g ? other.items : vector, context)
    ? { reason: "matrix" }
    : undefined;
}

function equalScalars(gold: Node, answer: Node, context: Context): LeafMatch | undefined {
  const scalar = (node: Node): boolean =>
    !["list", "set", "tuple", "setop", "relation", "matrix", "text"].includes(node.kind);
  if (!scalar(gold) || !scalar(answer)) return undefined;
  return equalLeaves(ratioValue(gold, context), ratioValue(namedConstant(gold, answer), context), context);
}

/** x² + c beside x² + C: the constant of an integration is c or C. */
function namedConstant(gold: Node, answer: Node): Node {
  const holds = (node: Node, name: string): boolean =>
    node.kind === "sum" && node.terms.some((term) => term.kind === "symbol" && term.name === name);
  if (answer.kind !== "sum" || !holds(gold, "C") || !holds(answer, "c") || holds(answer, "C")) return answer;
  return {
    ...answer,
    terms: answer.terms.map((term) => (term.kind === "symbol" && term.name === "c" ? symbol("C") : term)),
  };
}
