/**
 * Dimensions: numbers, or sums of products of symbols ("A*T+P*S") whose values are known when a program runs.
 *
 * A dimension is kept in one canonical spelling, so two are equal exactly when their strings are. That is
 * all the algebra the shapes of a transformer need: no subtraction, no division.
 */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** Monomial ("A*T", or "" for the constant) → coefficient. */
type Polynomial = Map<string, number>;

function parse(dim: Dim): Polynomial {
  if (typeof dim === "number") return new Map(dim === 0 ? [] : [["", dim]]);
  const terms: Polynomial = new Map();
  for (const term of dim.split("+")) {
    let coefficient = 1;
    const symbols: string[] = [];
    for (const factor of term.split("*")) {
      if (/^\d+$/.test(factor)) coefficient *= Number(factor);
      else symbols.push(factor);
    }
    const monomial = symbols.sort().join("*");
    terms.set(monomial, (terms.get(monomial) ?? 0) + coefficient);
  }
  return terms;
}

function spell(terms: Polynomial): Dim {
  const parts: string[] = [];
  for (const monomial of [...terms.keys()].sort()) {
    const coefficient = terms.get(monomial)!;
    if (coefficient === 0) continue;
    if (monomial === "") parts.push(String(coefficient));
    else parts.push(coefficient === 1 ? monomial : `${coefficient}*${monomial}`);
  }
  if (parts.length === 0) return 0;
  const spelled = parts.join("+");
  return /^\d+$/.test(spelled) ? Number(spelled) : spelled;
}

export function sum(...dims: Dim[]): Dim {
  const total: Polynomial = new Map();
  for (const dim of dims)
    for (const [monomial, coefficient] of parse(dim))
      total.set(monomial, (total.get(monomial) ?? 0) + coefficient);
  return spell(total);
}

export function product(...dims: Dim[]): Dim {
  let result: Polynomial = new Map([["", 1]]);
  for (const dim of dims) {
    const next: Polynomial = new Map();
    for (const [left, a] of result)
      for (const [right, b] of parse(dim)) {
        const monomial = [left, right].filter(Boolean).join("*").split("*").sort().join("*");
        next.set(monomial, (next.get(monomial) ?? 0) + a * b);
      }
    result = next;
  }
  return spell(result);
}

/** The number of elements of a shape. */
export const size = (shape: Shape): Dim => product(...shape);

/** The sum of products behind a symbolic dimension: [coefficient, symbols] for each term. */
export function terms(dim: Dim): readonly (readonly [number, readonly string[]])[] {
  return [...parse(dim)].map(([monomial, coefficient]) => [
    coefficient,
    monomial === "" ? [] : monomial.split("*"),
  ]);
}

/** The sizes of the dimensions of a program's inputs, by the inputs' names. */
export type Sizes = Readonly<Record<string, readonly number[]>>;

/** Dimensions of a program, as functions of the sizes of its inputs. */
export function sizer(
  inputs: Readonly<Record<string, { readonly shape: Shape }>>,
): (dim: Dim) => (sizes: Sizes) => number {
  const places = new Map<string, readonly [name: string, axis: number]>();
  for (const [name, { shape }] of Object.entries(inputs))
    shape.forEach((dim, axis) => {
      if (typeof dim === "string" && !places.has(dim)) places.set(dim, [name, axis]);
    });
  return (dim) => {
    const products = terms(dim);
    return (sizes) => {
      const value = (symbol: string) => {
        const [name, axis] = places.get(symbol)!;
        return sizes[name][axis];
      };
      return products.reduce(
        (total, [count, symbols]) => total + symbols.reduce((part, symbol) => part * value(symbol), count),
        0,
      );
    };
  };
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i]);

export const showShape = (shape: Shape): string => `[${shape.join(",")}]`;
