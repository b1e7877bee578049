/**
 * The value of a tree: exactly as a fraction, or in complex doubles.
 *
 * What cannot be evaluated (f(x), an integral, a numeral in base 5, a word) is a variable named by its
 * canonical key, so two sides that share it still compare.
 */
import * as C from "./complex.ts";
import type { Fuel } from "./fuel.ts";
import { key, type Node } from "./node.ts";
import * as Q from "./rational.ts";

/** Where a tree is evaluated. */
export interface Place {
  readonly fuel: Fuel;
  /** The value of a variable, or of an opaque tree by its key; undefined where there is none. */
  readonly variable: (name: string) => Q.Rational | undefined;
  /** What log means without a base: both readings are tried. */
  readonly logBase: "e" | "10";
  /** Whether an odd root of a negative number is the real one, or the principal one. */
  readonly roots: "real" | "principal";
}

/** The name of the variable a node acts as, if it is one. */
function variableOf(node: Node, fuel: Fuel): string | undefined {
  switch (node.kind) {
    case "symbol":
      return node.name;
    case "text":
    case "base":
    case "tuple":
    case "list":
    case "set":
    case "setop":
    case "relation":
    case "ratio":
    case "matrix":
    case "plusminus":
    case "quantity":
      return key(node, fuel);
    case "call":
      return isKnown(node.name, node.args.length) ? undefined : key(node, fuel);
    default:
      return undefined;
  }
}

const knownBinary = new Set(["log", "root", "binomial"]);
const knownMany = new Set(["max", "min", "gcd", "lcm"]);

function isKnown(name: string, args: number): boolean {
  if (knownMany.has(name)) return args > 0;
  return args === 1 ? Object.hasOwn(C.unary, name) || name === "log" : args === 2 && knownBinary.has(name);
}

/** The parts a node is computed from; none for a leaf or a variable. */
export function partsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "sum":
      return node.terms;
    case "product":
      return node.factors;
    case "power":
      return [node.base, node.exponent];
    case "call":
      return node.args;
    case "percent":
    case "degrees":
      return [node.of];
    default:
      return [];
  }
}

/** As a fraction. "huge" wins over "none": where a part was too large to compute, nothing may be concluded. */
export function exactly(node: Node, place: Place): Q.Exact {
  const { fuel } = place;
  fuel.spend();
  if (node.kind === "number") return node.value;
  const variable = variableOf(node, fuel);
  if (variable !== undefined) return place.variable(variable) ?? "none";
  const parts = partsOf(node).map((part) => exactly(part, place));
  if (parts.includes("huge")) return "huge";
  switch (node.kind) {
    case "sum":
      return parts.reduce((total, part) => Q.add(total, part, fuel), Q.zero);
    case "product":
      return parts.reduce((total, part) => Q.multiply(total, part, fuel), Q.one);
    case "power":
      return Q.power(parts[0]!, parts[1]!, fuel);
    case "percent":
      return Q.multiply(parts[0]!, { n: 1n, d: 100n }, fuel);
    case "call":
      return exactCall(node.name, parts, fuel);
    default:
      return "none";
  }
}

function exactCall(name: string, args: readonly Q.Exact[], fuel: Fuel): Q.Exact {
  const [a = "none", b = "none"] = args;
  if (!args.every(Q.isRational)) return "none";
  switch (name) {
    case "abs":
      return Q.isRational(a) && a.n < 0n ? { n: -a.n, d: a.d } : a;
    case "floor":
    case "ceil":
      return Q.floor(a, name === "ceil");
    case "factorial":
      return Q.factorial(a, fuel);
    case "binomial":
      return Q.binomial(a, b, fuel);
    case "root":
      return Q.power(a, Q.invert(b), fuel);
    case "max":
    case "min":
      return args.reduce((x, y) => (Q.compareRational(x, y) < 0 === (name === "max") ? y : x));
    case "gcd":
    case "lcm":
      if (!args.every(Q.isInteger)) return "none";
      return args.reduce((x, y) => {
        const shared = Q.gcd(x.n, y.n, fuel);
        return Q.integer(name === "gcd" ? shared : (x.n * y.n) / shared);
      });
    default:
      return "none";
  }
}

/** In doubles; NaN where there is no value. */
export function roughly(node: Node, place: Place): C.Complex {
  const { fuel } = place;
  fuel.spend(2);
  if (node.kind === "number") return rough(node.value);
  if (node.kind === "constant") return constants[node.name];
  const variable = variableOf(node, fuel);
  if (variable !== undefined) {
    const value = place.variable(variable);
    return value ? rough(value) : C.nowhere;
  }
  const parts = partsOf(node).map((part) => roughly(part, place));
  switch (node.kind) {
    case "sum":
      return parts.reduce(C.plus, C.complex(0));
    case "product":
      return parts.reduce(C.times, C.complex(1));
    case "power":
      return place.roots === "real"
        ? realPower(node.exponent, parts[0]!, parts[1]!, place)
        : C.pow(parts[0]!, parts[1]!);
    case "percent":
      return C.over(parts[0]!, C.complex(100));
    case "degrees":
      return C.times(parts[0]!, C.complex(Math.PI / 180));
    case "call":
      return roughCall(node.name, parts, place);
    default:
      return C.nowhere;
  }
}

/** x^(p/q) of a negative x with q odd, as the real number it also is. */
function realPower(exponent: Node, base: C.Complex, power: C.Complex, place: Place): C.Complex {
  if (base.im !== 0 || base.re >= 0) return C.pow(base, power);
  const value = exactly(exponent, place);
  if (!Q.isRational(value) || value.d === 1n || value.d % 2n === 0n) return C.pow(base, power);
  const size = (-base.re) ** power.re;
  return C.complex(value.n % 2n === 0n ? size : -size);
}

const constants = {
  pi: C.complex(Math.PI),
  e: C.complex(Math.E),
  i: C.complex(0, 1),
  infinity: C.nowhere,
} as const;

function rough(value: Q.Rational): C.Complex {
  const near = Q.toNumber(value);
  // an underflow is not 0
  return near === 0 && value.n !== 0n ? C.nowhere : C.complex(near);
}

function roughCall(name: string, args: readonly C.Complex[], place: Place): C.Complex {
  const [a = C.nowhere, b] = args;
  switch (name) {
    case "log":
      return C.over(C.log(a), b ? C.log(b) : place.logBase === "e" ? C.complex(1) : C.complex(Math.LN10));
    case "root": {
      const degree = b!.re;
      const isOdd = Number.isInteger(degree) && Math.abs(degree % 2) === 1;
      if (place.roots === "real" && isOdd && a.im === 0 && a.re < 0)
        return C.complex(-((-a.re) ** (1 / degree)));
      return C.pow(a, C.over(C.complex(1), b!));
    }
    case "binomial":
      return C.binomial(a, b!);
    case "max":
    case "min":
      return args.every(C.isReal) ? C.complex(Math[name](...args.map((z) => z.re))) : C.nowhere;
    case "gcd":
    case "lcm":
      return C.nowhere;
    default:
      return C.unary[name]!(a);
  }
}

/** A place without variables. */
export const constantPlace = (fuel: Fuel, logBase: "e" | "10"): Place => ({
  fuel,
  logBase,
  roots: "real",
  variable: () => undefined,
});

/** Names of all variables of a tree, opaque ones included. */
export function variablesOf(node: Node, fuel: Fuel, into: Set<string> = new Set()): Set<string> {
  fuel.spend();
  const name = variableOf(node, fuel);
  if (name !== undefined) into.add(name);
  else for (const part of partsOf(node)) variablesOf(part, fuel, into);
  return into;
}

/** Whether some node of the tree, parts of variables not counted, is of this kind. */
export function someNode(node: Node, fuel: Fuel, is: (node: Node) => boolean): boolean {
  fuel.spend();
  return is(node) || partsOf(node).some((part) => someNode(part, fuel, is));
}
