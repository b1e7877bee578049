/**
 * Tokens → expressions, by Jinja2's grammar: its order of operators, filters and tests.
 */
import { JinjaError } from "./jinja-error.ts";
import type { Token } from "./lexer.ts";
import type { Arguments, Expression } from "./nodes.ts";

const comparisons = ["==", "!=", "<", "<=", ">", ">="];
const constants: Readonly<Record<string, boolean | null>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
};

export class ExpressionParser {
  #at = 0;
  readonly #tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.#tokens[this.#at]!;
  }

  look(ahead = 1): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }

  next(): Token {
    const token = this.current;
    if (token.type !== "end") this.#at++;
    return token;
  }

  is(type: Token["type"], ...values: readonly string[]): boolean {
    return this.current.type === type && (values.length === 0 || values.includes(this.current.value));
  }

  skip(type: Token["type"], value: string): boolean {
    const met = this.is(type, value);
    if (met) this.#at++;
    return met;
  }

  /** @throws JinjaError where another token stands here */
  expect(type: Token["type"], value?: string): Token {
    if (value === undefined ? this.is(type) : this.is(type, value)) return this.next();
    const words = { open: "{%", close: "%}", printed: "}}", name: "a name", end: "the end" } as const;
    return this.fail(`expected ${value ?? (words as Record<string, string>)[type] ?? type}`);
  }

  fail(expected: string): never {
    const { type, value, line } = this.current;
    throw new JinjaError(`${expected}, got ${type === "end" ? "the end of the template" : value}`, line);
  }

  /** One expression, or some with commas between them, which are a tuple. */
  tuple({ condition = true, inBrackets = false, until = "" } = {}): Expression {
    const { line } = this.current;
    const items: Expression[] = [];
    let isTuple = false;
    const ends = () =>
      this.is("printed") ||
      this.is("close") ||
      this.is("operator", ")") ||
      (until !== "" && this.is("name", until));
    while (!ends()) {
      items.push(condition ? this.expression() : this.#or());
      if (!this.skip("operator", ",")) break;
      isTuple = true;
    }
    if (!isTuple && items.length > 0) return items[0]!;
    if (!isTuple && !inBrackets) this.fail("expected an expression");
    return { type: "tuple", items, line };
  }

  expression(): Expression {
    let value = this.#or();
    while (this.is("name", "if")) {
      const { line } = this.next();
      const test = this.#or();
      const no = this.skip("name", "else") ? this.expression() : undefined;
      value = { type: "if", test, yes: value, ...(no && { no }), line };
    }
    return value;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.is("name", "or")) {
      const { line } = this.next();
      left = { type: "or", left, right: this.#and(), line };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.is("name", "and")) {
      const { line } = this.next();
      left = { type: "and", left, right: this.#not(), line };
    }
    return left;
  }

  #not(): Expression {
    if (!this.is("name", "not")) return this.#compare();
    const { line } = this.next();
    return { type: "not", value: this.#not(), line };
  }

  #compare(): Expression {
    const { line } = this.current;
    const first = this.#sum();
    const rest: [string, Expression][] = [];
    for (;;) {
      if (this.is("operator", ...comparisons)) rest.push([this.next().value, this.#sum()]);
      else if (this.skip("name", "in")) rest.push(["in", this.#sum()]);
      else if (this.is("name", "not") && this.look().type === "name" && this.look().value === "in") {
        this.#at += 2;
        rest.push(["not in", this.#sum()]);
      } else return rest.length === 0 ? first : { type: "compare", first, rest, line };
    }
  }

  #sum = (): Expression => this.#binary(["+", "-"], this.#concat);

  #concat = (): Expression => {
    const { line } = this.current;
    const items = [this.#product()];
    while (this.skip("operator", "~")) items.push(this.#product());
    return items.length === 1 ? items[0]! : { type: "concat", items, line };
  };

  #product = (): Expression => this.#binary(["*", "/", "//", "%"], this.#power);

  #power = (): Expression => this.#binary(["**"], () => this.#unary());

  #binary(operators: readonly string[], operand: () => Expression): Expression {
    let left = operand();
    while (this.is("operator", ...operators)) {
      const { value: operator, line } = this.next();
      left = { type: "binary", operator, left, right: operand(), line };
    }
    return left;
  }

  #unary(withFilter = true): Expression {
    const { line, value: sign } = this.current;
    let node: Expression;
    if (this.is("operator", "-", "+")) {
      this.next();
      node = { type: sign === "-" ? "negative" : "positive", value: this.#unary(false), line };
    } else node = this.primary();
    node = this.#postfix(node);
    return withFilter ? this.#filters(node) : node;
  }

  primary(): Expression {
    const { type, value, line } = this.current;
    if (type === "name") {
      this.next();
      if (Object.hasOwn(constants, value)) return { type: "constant", value: constants[value]!, line };
      return { type: "name", name: value, line };
    }
    if (type === "text") {
      let text = "";
      while (this.is("text")) text += this.next().value;
      return { type: "constant", value: text, line };
    }
    if (type === "integer") {
      const number = Number(this.next().value);
      if (!Number.isSafeInteger(number)) throw new JinjaError("a number beyond 2^53", line);
      return { type: "constant", value: number, line };
    }
    if (type === "float") return { type: "float", value: Number(this.next().value), line };
    if (this.skip("operator", "(")) {
      const inside = this.tuple({ inBrackets: true });
      this.expect("operator", ")");
      return inside;
    }
    if (this.skip("operator", "["))
      return { type: "list", items: this.#until("]", () => this.expression()), line };
    if (this.skip("operator", "{")) {
      const pairs = this.#until("}", (): readonly [Expression, Expression] => {
        const key = this.expression();
        this.expect("operator", ":");
        return [key, this.expression()];
      });
      return { type: "dict", pairs, line };
    }
    return this.fail("expected an expression");
  }

  #until<T>(end: string, one: () => T): T[] {
    const items: T[] = [];
    while (!this.is("operator", end)) {
      if (items.length > 0) this.expect("operator", ",");
      if (this.is("operator", end)) break;
      items.push(one());
    }
    this.next();
    return items;
  }

  #postfix(given: Expression): Expression {
    let node = given;
    for (;;) {
      const { line } = this.current;
      if (this.skip("operator", ".")) {
        if (this.is("name")) node = { type: "attribute", of: node, name: this.next().value, line };
        else {
          const key: Expression = { type: "constant", value: Number(this.expect("integer").value), line };
          node = { type: "item", of: node, key, line };
        }
      } else if (this.skip("operator", "[")) {
        const keys = this.#until("]", () => this.#subscript());
        if (keys.length === 0) this.fail("expected a key");
        const key: Expression = keys.length === 1 ? keys[0]! : { type: "tuple", items: keys, line };
        node = { type: "item", of: node, key, line };
      } else if (this.is("operator", "(")) node = { type: "call", of: node, given: this.arguments(), line };
      else return node;
    }
  }

  #subscript(): Expression {
    const { line } = this.current;
    const bounds: (Expression | undefined)[] = [];
    const absent = () => this.is("operator", ":", "]", ",");
    const first = absent() ? undefined : this.expression();
    if (!this.is("operator", ":")) return first ?? this.fail("expected a key");
    bounds.push(first);
    while (bounds.length < 3 && this.skip("operator", ":"))
      bounds.push(absent() ? undefined : this.expression());
    return { type: "slice", bounds, line };
  }

  #filters(given: Expression): Expression {
    let node = given;
    for (;;) {
      const { line } = this.current;
      if (this.is("operator", "|")) {
        this.next();
        node = this.filter(node);
      } else if (this.is("name", "is")) node = this.#test(node);
      else if (this.is("operator", "(")) node = { type: "call", of: node, given: this.arguments(), line };
      else return node;
    }
  }

  /** A filter's name and arguments, and those that follow it, on what is given. */
  filter(of: Expression | undefined): Expression {
    const { value: name, line } = this.expect("name");
    const given = this.is("operator", "(") ? this.arguments() : { list: [], named: [] };
    const node: Expression = { type: "filter", ...(of && { of }), name, given, line };
    return of === undefined && this.skip("operator", "|") ? this.filter(node) : node;
  }

  #test(of: Expression): Expression {
    this.next();
    const isNegated = this.skip("name", "not");
    const { value: name, line } = this.expect("name");
    let given: Arguments = { list: [], named: [] };
    const begins =
      this.is("name") ||
      this.is("text") ||
      this.is("integer") ||
      this.is("float") ||
      this.is("operator", "[", "{");
    if (this.is("operator", "(")) given = this.arguments();
    else if (begins && !this.is("name", "else", "or", "and")) {
      if (this.is("name", "is")) this.fail("expected one test, not another after it");
      given = { list: [this.#postfix(this.primary())], named: [] };
    }
    const node: Expression = { type: "test", of, name, given, line };
    return isNegated ? { type: "not", value: node, line } : node;
  }

  arguments(): Arguments {
    const list: Expression[] = [];
    const named: [string, Expression][] = [];
    let restList: Expression | undefined;
    let restNamed: Expression | undefined;
    this.expect("operator", "(");
    this.#until(")", () => {
      if (restNamed !== undefined) this.fail("expected nothing after **");
      if (this.skip("operator", "*")) restList = this.expression();
      else if (this.skip("operator", "**")) restNamed = this.expression();
      else if (this.is("name") && this.look().type === "operator" && this.look().value === "=") {
        const { value: name } = this.next();
        this.next();
        named.push([name, this.expression()]);
      } else if (named.length > 0 || restList !== undefined) this.fail("expected a name before the value");
      else list.push(this.expression());
    });
    return { list, named, ...(restList && { restList }), ...(restNamed && { restNamed }) };
  }
}
