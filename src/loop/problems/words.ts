/**
 * One-operation problems in words, and plain sums, for a small model that speaks English.
 *
 *   Dana has 54 shells. Eli gives her 17 more. How many shells does Dana have now?
 *   →  54 + 17 = 71
 *      \boxed{71}
 *
 * A question is a template filled with a name, a thing and numbers; its solution is the operation alone.
 */
import type { Draw } from "./counter-rng.ts";
import type { Sketch } from "./generated-problem.ts";
import { boxes, names, things } from "./words-names.ts";
import { type Operation, plain, templates } from "./words-templates.ts";

/** One problem of a random operation: three in four a story, the others a sum in numbers. */
export function words(draw: Draw): Sketch {
  const operation = draw.weighted(operations);
  const [a, b, answer] = operands(draw, operation);
  const story = draw.int(1, 4) > 1;
  const prompt = fill(draw, draw.pick(story ? templates[operation] : plain[operation]), a, b);
  return {
    kind: story ? operation : `plain-${operation}`,
    prompt,
    answer: String(answer),
    solution: `${a} ${signs[operation]} ${b} = ${answer}\n\\boxed{${answer}}`,
  };
}

const operations = [
  { weight: 3, of: "add" },
  { weight: 4, of: "subtract" },
  { weight: 3, of: "multiply" },
  { weight: 3, of: "divide" },
] as const;

const signs = { add: "+", subtract: "-", multiply: "*", divide: "/" } as const;

/** Both operands, each from 2 to 100, and the answer, at least 1. A story's larger number is always `a`, save in a sum. */
function operands(draw: Draw, operation: Operation): [a: number, b: number, answer: number] {
  switch (operation) {
    case "add": {
      const [a, b] = [draw.int(2, 100), draw.int(2, 100)];
      return [a, b, a + b];
    }
    case "subtract": {
      const a = draw.int(3, 100);
      const b = draw.int(2, a - 1);
      return [a, b, a - b];
    }
    case "multiply": {
      const [a, b] = [draw.int(2, 25), draw.int(2, 12)];
      return [a, b, a * b];
    }
    case "divide": {
      const b = draw.int(2, 12);
      const answer = draw.int(2, Math.floor(100 / b));
      return [answer * b, b, answer];
    }
  }
}

/** Puts words and numbers in the places a template marks with braces. */
function fill(draw: Draw, template: string, a: number, b: number): string {
  const first = draw.pick(names);
  let second = draw.pick(names);
  while (second.name === first.name) second = draw.pick(names);
  const box = draw.pick(boxes);
  const places: Record<string, string> = {
    a: String(a),
    b: String(b),
    A: first.name,
    B: second.name,
    he: first.she ? "she" : "he",
    him: first.she ? "her" : "him",
    his: first.she ? "her" : "his",
    things: draw.pick(things),
    box: box[0],
    boxes: box[1],
  };
  // A place at the start of a sentence may be written with a capital: {He}.
  return template.replace(
    /\{(\w+)\}/g,
    (_, place: string) => places[place] ?? capital(places[place.toLowerCase()]),
  );
}

function capital(word: string): string {
  return word[0].toUpperCase() + word.slice(1);
}
