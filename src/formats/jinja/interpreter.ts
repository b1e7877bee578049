/**
 * A parsed template and its variables → text, as Jinja2 renders it.
 *
 * A loop, a macro and a block have a scope of their own: what they set ends with them. What a rendering makes is
 * counted, so that no template takes all memory.
 */
import { type Applied, freeFilters } from "./applying-filters.ts";
import { filters, refusedFilters } from "./filters.ts";
import { checkAttribute, globals } from "./globals.ts";
import { fail, JinjaError } from "./jinja-error.ts";
import { loopVariable } from "./loop-variable.ts";
import { attribute, item, sliceOf } from "./members.ts";
import type { Arguments, Body, Expression, Parameters, Statement, Target } from "./nodes.ts";
import { binary, compared, negated } from "./operators.ts";
import { LONGEST_TEXT, str } from "./print.ts";
import { Scope } from "./scope.ts";
import { inOrder } from "./signature.ts";
import { tests } from "./tests.ts";
import { limited } from "./text-methods.ts";
import {
  Attributes,
  Callable,
  Dict,
  Float,
  isTrue,
  itemsOf,
  type Named,
  Namespace,
  orElse,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from "./values.ts";

/** Weight of all that is made in one rendering: characters, `ENTRY` for each entry of a list, `ROUND` for each of a loop. */
const [FUEL, ENTRY, ROUND] = [2 ** 26, 16, 256];

type Leaving = "break" | "continue" | undefined;

/** @throws JinjaError naming the line, or Error where it makes too much */
export function render(body: Body, variables: Iterable<readonly [string, Value]>, now: Date): string {
  return new Rendering(variables, now).run(body);
}

class Rendering implements Applied {
  #left = FUEL;
  #out: string[] = [];
  #length = 0;
  readonly #globals = new Scope();

  constructor(variables: Iterable<readonly [string, Value]>, now: Date) {
    for (const [name, value] of globals(now)) this.#globals.set(name, value);
    for (const [name, value] of variables) this.#globals.set(name, value);
  }

  run(body: Body): string {
    this.#body(body, new Scope(this.#globals));
    return this.#out.join("");
  }

  #print(text: string): void {
    this.#length += text.length;
    if (this.#length > LONGEST_TEXT) fail("a text too long");
    this.#out.push(text);
  }

  /** What a part of the template prints, as a text. */
  #captured(print: () => void): string {
    const [out, length] = [this.#out, this.#length];
    this.#out = [];
    this.#length = 0;
    print();
    const text = this.#out.join("");
    this.#out = out;
    this.#length = length;
    this.#pay(text.length);
    return text;
  }

  #pay(weight: number): void {
    this.#left -= weight;
    if (this.#left < 0) fail("more work than any prompt needs");
  }

  /** A value that was just made, its entries paid for. */
  #counted(value: Value): Value {
    if (Array.isArray(value)) this.#pay(ENTRY * value.length);
    return value;
  }

  #body(body: Body, scope: Scope): Leaving {
    for (const statement of body) {
      const leaving = located(statement.line, () => this.#statement(statement, scope));
      if (leaving !== undefined) return leaving;
    }
    return undefined;
  }

  #statement(statement: Statement, scope: Scope): Leaving {
    switch (statement.type) {
      case "text":
        this.#print(statement.text);
        return undefined;
      case "print":
        this.#print(str(this.#value(statement.value, scope)));
        return undefined;
      case "set":
        this.#assign(statement.target, this.#value(statement.value, scope), scope);
        return undefined;
      case "setBlock": {
        const text = this.#captured(() => this.#body(statement.body, new Scope(scope)));
        this.#assign(statement.target, this.#filtered(statement.filter, text, scope), scope);
        return undefined;
      }
      case "if":
        return this.#body(
          isTrue(this.#value(statement.test, scope)) ? statement.body : statement.otherwise,
          scope,
        );
      case "for":
        return this.#for(statement, this.#value(statement.over, scope), scope, 0);
      case "macro":
        scope.set(statement.name, this.#macro(statement.name, statement.parameters, statement.body, scope));
        return undefined;
      case "callBlock": {
        const caller = this.#macro("caller", statement.parameters, statement.body, scope);
        const call = statement.call as Expression & { readonly type: "call" };
        const [given, named] = this.#arguments(call.given, scope);
        this.#print(str(called(this.#value(call.of, scope), given, new Map([...named, ["caller", caller]]))));
        return undefined;
      }
      case "filterBlock": {
        const text = this.#captured(() => this.#body(statement.body, new Scope(scope)));
        this.#print(str(this.#filtered(statement.filter, text, scope)));
        return undefined;
      }
      case "with": {
        const inner = new Scope(scope);
        statement.targets.forEach((target, i) => {
          this.#assign(target, this.#value(statement.values[i]!, scope), inner);
        });
        return this.#body(statement.body, inner);
      }
      case "generation":
        this.#body(statement.body, new Scope(scope));
        return undefined;
      default:
        return statement.type;
    }
  }

  #for(statement: Statement & { readonly type: "for" }, over: Value, scope: Scope, depth: number): Leaving {
    const { target, test, body } = statement;
    const items = itemsOf(over).filter((one) => {
      if (test === undefined) return true;
      const inner = new Scope(scope);
      this.#assign(target, one, inner);
      return isTrue(this.#value(test, inner));
    });
    this.#pay(ROUND * items.length);
    let at = 0;
    const recurse: Callable["call"] = (given, named) => {
      if (!statement.recursive) fail("loop() in a loop that is not recursive");
      const [inner] = inOrder("loop", ["iterable"], given, named);
      return this.#captured(() => this.#for(statement, inner!, scope, depth + 1));
    };
    const loop = loopVariable(items, () => at, depth, recurse);
    for (; at < items.length; at++) {
      const inner = new Scope(scope);
      inner.set("loop", loop);
      this.#assign(target, items[at]!, inner);
      if (this.#body(body, inner) === "break") return undefined;
    }
    return items.length === 0 ? this.#body(statement.otherwise, new Scope(scope)) : undefined;
  }

  #macro(name: string, { names, defaults }: Parameters, body: Body, scope: Scope): Callable {
    const uses = (word: string) => mentions(body, word);
    const takes = { caller: uses("caller"), kwargs: uses("kwargs"), varargs: uses("varargs") };
    return new Callable(
      name,
      (given, named) => {
        const inner = new Scope(scope);
        const left = new Map(named);
        names.forEach((parameter, i) => {
          const fallback = defaults[i - names.length + defaults.length];
          const value = i < given.length ? given[i] : left.get(parameter);
          if (i < given.length && left.has(parameter)) fail(`${name}() got ${parameter} twice`);
          left.delete(parameter);
          const absent = () =>
            fallback ? this.#value(fallback, inner) : new Undefined(`parameter ${parameter} of ${name}()`);
          inner.set(parameter, orElse(value, absent));
        });
        const caller = left.get("caller");
        left.delete("caller");
        if (!names.includes("caller")) {
          if (takes.caller)
            inner.set(
              "caller",
              orElse(caller, () => new Undefined("caller, as no {% call %} was made,")),
            );
          else if (caller) fail(`${name}() takes no caller`);
        }
        if (takes.kwargs) inner.set("kwargs", new Dict(left));
        else for (const key of left.keys()) fail(`${name}() takes no argument ${key}`);
        const rest = given.slice(names.length);
        if (takes.varargs) inner.set("varargs", new Tuple(rest));
        else if (rest.length > 0)
          fail(`${name}() takes at most ${names.length} arguments, got ${given.length}`);
        return this.#captured(() => this.#body(body, inner));
      },
      new Map<string, Value>([
        ["name", name],
        ["arguments", new Tuple(names)],
        ["catch_kwargs", takes.kwargs],
        ["catch_varargs", takes.varargs],
        ["caller", takes.caller],
      ]),
    );
  }

  #assign(target: Target, value: Value, scope: Scope): void {
    if (target.type === "name") scope.set(target.name, value);
    else if (target.type === "attribute") {
      const namespace = scope.get(target.namespace);
      if (!(namespace instanceof Namespace))
        throw new JinjaError(`cannot set ${target.name} of what is no namespace`);
      checkAttribute(target.name);
      namespace.attributes.set(target.name, value);
    } else {
      const items = itemsOf(value);
      if (items.length !== target.items.length)
        fail(`${target.items.length} names for ${items.length} values`);
      target.items.forEach((one, i) => {
        this.#assign(one, items[i]!, scope);
      });
    }
  }

  #value(node: Expression, scope: Scope): Value {
    const value = located(node.line, () => this.#evaluate(node, scope));
    if (typeof value === "string") this.#pay(limited(value.length) + 1);
    return value;
  }

  #list(nodes: readonly Expression[], scope: Scope): Value[] {
    this.#pay(ENTRY * nodes.length);
    return nodes.map((node) => this.#value(node, scope));
  }

  #evaluate(node: Expression, scope: Scope): Value {
    switch (node.type) {
      case "constant":
        return node.value;
      case "float":
        return new Float(node.value);
      case "name":
        return orElse(scope.get(node.name), () => new Undefined(node.name));
      case "list":
        return this.#list(node.items, scope);
      case "tuple":
        return new Tuple(this.#list(node.items, scope));
      case "dict":
        this.#pay(ENTRY * node.pairs.length);
        return new Dict(
          node.pairs.map(([key, value]) => [this.#value(key, scope), this.#value(value, scope)]),
        );
      case "concat": {
        const parts = node.items.map((one) => str(this.#value(one, scope)));
        limited(parts.reduce((sum, part) => sum + part.length, 0));
        return parts.join("");
      }
      case "if":
        if (isTrue(this.#value(node.test, scope))) return this.#value(node.yes, scope);
        return node.no ? this.#value(node.no, scope) : new Undefined("an if without else");
      case "and": {
        const left = this.#value(node.left, scope);
        return isTrue(left) ? this.#value(node.right, scope) : left;
      }
      case "or": {
        const left = this.#value(node.left, scope);
        return isTrue(left) ? left : this.#value(node.right, scope);
      }
      case "not":
        return !isTrue(this.#value(node.value, scope));
      case "negative":
      case "positive":
        return negated(this.#value(node.value, scope), node.type === "negative" ? "-" : "+");
      case "binary": {
        return this.#counted(
          binary(node.operator, this.#value(node.left, scope), this.#value(node.right, scope)),
        );
      }
      case "compare": {
        let left = this.#value(node.first, scope);
        for (const [operator, one] of node.rest) {
          const right = this.#value(one, scope);
          if (!compared(operator, left, right)) return false;
          left = right;
        }
        return true;
      }
      case "attribute":
        return attribute(this.#value(node.of, scope), node.name);
      case "item": {
        const of = this.#value(node.of, scope);
        if (node.key.type !== "slice") return item(of, this.#value(node.key, scope));
        return this.#counted(
          sliceOf(
            of,
            node.key.bounds.map((bound) => (bound ? this.#value(bound, scope) : null)),
          ),
        );
      }
      case "slice":
        return fail("a slice of several keys");
      case "call": {
        const of = this.#value(node.of, scope);
        const [given, named] = this.#arguments(node.given, scope);
        return this.#counted(called(of, given, named));
      }
      case "filter":
        return this.#filtered(node, this.#value(node.of!, scope), scope);
      case "test": {
        const value = this.#value(node.of!, scope);
        if (node.name === "filter" || node.name === "test")
          return Object.hasOwn(node.name === "filter" ? { ...filters, ...freeFilters } : tests, str(value));
        const [given, named] = this.#arguments(node.given, scope);
        return this.test(node.name, value, given, named);
      }
    }
  }

  #arguments({ list, named, restList, restNamed }: Arguments, scope: Scope): [Value[], Map<string, Value>] {
    const given = this.#list(list, scope);
    if (restList) given.push(...itemsOf(this.#value(restList, scope)));
    const names = new Map(named.map(([name, value]) => [name, this.#value(value, scope)]));
    const rest = restNamed ? this.#value(restNamed, scope) : undefined;
    if (rest instanceof Dict) for (const [key, value] of rest.entries()) names.set(str(key), value);
    else if (rest !== undefined) fail(`** of ${typeName(rest)}`);
    return [given, names];
  }

  /** What a filter, and those before it, make of a value; a filter that stands alone begins with the value. */
  #filtered(node: Expression | undefined, value: Value, scope: Scope): Value {
    if (node?.type !== "filter") return value;
    const of = node.of?.type === "filter" && isOpen(node.of) ? this.#filtered(node.of, value, scope) : value;
    const [given, named] = this.#arguments(node.given, scope);
    return this.filter(node.name, of, given, named);
  }

  filter(name: string, value: Value, given: readonly Value[], named: Named): Value {
    if (Object.hasOwn(freeFilters, name)) return freeFilters[name]!(value, given, named, this);
    if (!Object.hasOwn(filters, name))
      return fail(
        refusedFilters.includes(name) ? `the filter ${name} is not supported` : `no filter ${name}`,
      );
    const { parameters, run } = filters[name]!;
    return this.#counted(run(value, ...inOrder(name, parameters, given, named)));
  }

  test(name: string, value: Value, given: readonly Value[], named: Named): boolean {
    if (!Object.hasOwn(tests, name)) return fail(`no test ${name}`);
    const { parameters, run } = tests[name]!;
    return run(value, ...inOrder(name, parameters, given, named));
  }
}

/** Whether a chain of filters begins with nothing, as in {% filter upper %}. */
function isOpen(node: Expression): boolean {
  return node.type === "filter" && (node.of === undefined || isOpen(node.of));
}

/** Whether a macro's body reads a name anywhere. */
function mentions(node: unknown, word: string): boolean {
  if (Array.isArray(node)) return node.some((one) => mentions(one, word));
  if (typeof node !== "object" || node === null) return false;
  const { type, name } = node as { type?: string; name?: string };
  if (type === "name" && name === word) return true;
  return Object.values(node).some((one) => mentions(one, word));
}

function called(of: Value, given: readonly Value[], named: Named): Value {
  if (of instanceof Callable) return of.call(given, named);
  if (of instanceof Attributes && of.call) return of.call(given, named);
  return fail(of instanceof Undefined ? `${of.what} is undefined` : `${typeName(of)} cannot be called`);
}

/** Adds the line to what is thrown, where it has none yet. */
function located<T>(line: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof JinjaError && error.line === undefined)
      throw new JinjaError(error.message, line, error);
    throw error;
  }
}
