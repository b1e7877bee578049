/**
 * Tokens → statements, by Jinja2's grammar with loop controls and transformers' `generation` tag.
 *
 * What needs other templates (include, import, extends, block) is refused by name.
 */
import { ExpressionParser } from "./expression-parser.ts";
import { JinjaError } from "./jinja-error.ts";
import { tokenize } from "./lexer.ts";
import type { Body, Expression, Parameters, Statement, Target } from "./nodes.ts";

const notDone = ["include", "import", "from", "extends", "block", "autoescape"];

/** @throws JinjaError naming what was met and its line */
export function parseTemplate(source: string): Body {
  return new StatementParser(tokenize(source)).body([]);
}

class StatementParser extends ExpressionParser {
  #loops = 0;

  /** Statements up to a tag of one of these names, which is left for the caller; up to the end where there is none. */
  body(ends: readonly string[]): Body {
    const statements: Statement[] = [];
    const { line: began } = this.current;
    for (;;) {
      const { type, value, line } = this.current;
      if (type === "end") {
        if (ends.length === 0) return statements;
        throw new JinjaError(`expected {% ${ends.join(" %} or {% ")} %}, got the end of the template`, began);
      }
      this.next();
      if (type === "data") statements.push({ type: "text", text: value, line });
      else if (type === "print") {
        statements.push({ type: "print", value: this.tuple(), line });
        this.expect("printed");
      } else if (ends.length > 0 && this.is("name", ...ends)) return statements;
      else {
        statements.push(...this.#statement());
        this.expect("close");
      }
    }
  }

  /** The body of a tag, and the name of the one that ends it. */
  #inside(...ends: readonly string[]): { readonly body: Body; readonly end: string } {
    this.skip("operator", ":");
    this.expect("close");
    const body = this.body(ends);
    return { body, end: this.next().value };
  }

  #statement(): Statement[] {
    if (!this.is("name")) this.fail("expected the name of a tag");
    const { value: tag, line } = this.next();
    switch (tag) {
      case "set": {
        const target = this.#target("=", true);
        if (this.skip("operator", "=")) return [{ type: "set", target, value: this.tuple(), line }];
        const filter = this.skip("operator", "|") ? this.filter(undefined) : undefined;
        return [{ type: "setBlock", target, ...(filter && { filter }), ...this.#only("endset"), line }];
      }
      case "if":
        return [this.#if(line)];
      case "for":
        return [this.#for(line)];
      case "macro": {
        const { value: name } = this.expect("name");
        const parameters = this.#parameters();
        return [{ type: "macro", name, parameters, ...this.#only("endmacro", true), line }];
      }
      case "call": {
        const parameters = this.is("operator", "(") ? this.#parameters() : { names: [], defaults: [] };
        const call = this.expression();
        if (call.type !== "call") this.fail("expected a call of a macro");
        return [{ type: "callBlock", parameters, call, ...this.#only("endcall", true), line }];
      }
      case "filter":
        return [{ type: "filterBlock", filter: this.filter(undefined), ...this.#only("endfilter"), line }];
      case "generation":
        return [{ type: "generation", ...this.#only("endgeneration", true), line }];
      case "with": {
        const targets: Target[] = [];
        const values: Expression[] = [];
        while (!this.is("close")) {
          if (targets.length > 0) this.expect("operator", ",");
          targets.push(this.#target("="));
          this.expect("operator", "=");
          values.push(this.expression());
        }
        return [{ type: "with", targets, values, ...this.#only("endwith"), line }];
      }
      case "print": {
        const values: Expression[] = [];
        while (!this.is("close")) {
          if (values.length > 0) this.expect("operator", ",");
          values.push(this.expression());
        }
        return values.map((value) => ({ type: "print", value, line }));
      }
      case "break":
      case "continue":
        if (this.#loops === 0) throw new JinjaError(`{% ${tag} %} outside of a loop`, line);
        return [{ type: tag, line }];
      default:
        throw new JinjaError(
          notDone.includes(tag)
            ? `{% ${tag} %} is not supported: a chat template stands alone`
            : `no tag {% ${tag} %}`,
          line,
        );
    }
  }

  /** The body of a tag that ends in one way; a function of its own has no part in the loop around it. */
  #only(end: string, isFunction = false): { readonly body: Body } {
    const loops = this.#loops;
    if (isFunction) this.#loops = 0;
    const { body } = this.#inside(end);
    this.#loops = loops;
    return { body };
  }

  #if(line: number): Statement {
    const test = this.tuple({ condition: false });
    const { body, end } = this.#inside("elif", "else", "endif");
    const next = this.current.line;
    if (end === "elif") return { type: "if", test, body, otherwise: [this.#if(next)], line };
    return { type: "if", test, body, otherwise: end === "else" ? this.#inside("endif").body : [], line };
  }

  #for(line: number): Statement {
    const target = this.#target("in");
    this.expect("name", "in");
    const over = this.tuple({ condition: false, until: "recursive" });
    const test = this.skip("name", "if") ? this.expression() : undefined;
    const recursive = this.skip("name", "recursive");
    this.#loops++;
    const { body, end } = this.#inside("endfor", "else");
    this.#loops--;
    const otherwise = end === "else" ? this.#inside("endfor").body : [];
    return { type: "for", target, over, ...(test && { test }), recursive, body, otherwise, line };
  }

  #parameters(): Parameters {
    const names: string[] = [];
    const defaults: Expression[] = [];
    this.expect("operator", "(");
    while (!this.skip("operator", ")")) {
      if (names.length > 0) this.expect("operator", ",");
      names.push(this.expect("name").value);
      if (this.skip("operator", "=")) defaults.push(this.expression());
      else if (defaults.length > 0) this.fail("expected a default, as the parameter before has one");
    }
    return { names, defaults };
  }

  #target(until: string, withAttribute = false): Target {
    const items: Target[] = [];
    let isTuple = false;
    while (
      !this.is("close") &&
      !this.is("operator", ")") &&
      !(this.is("name", until) || this.is("operator", until))
    ) {
      if (this.skip("operator", "(")) {
        items.push(this.#target(")"));
        this.expect("operator", ")");
      } else {
        const { value: name, line } = this.expect("name");
        if (["true", "false", "none", "True", "False", "None"].includes(name))
          throw new JinjaError(`cannot assign to ${name}`, line);
        if (withAttribute && this.skip("operator", "."))
          items.push({ type: "attribute", namespace: name, name: this.expect("name").value });
        else items.push({ type: "name", name });
      }
      if (!this.skip("operator", ",")) break;
      isTuple = true;
    }
    if (items.length === 0) this.fail("expected a name to assign to");
    return items.length === 1 && !isTuple ? items[0]! : { type: "tuple", items };
  }
}
