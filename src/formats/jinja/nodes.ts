/** What a template is made of once it is parsed; `line` is where it stands in the source. */
export type Expression = { readonly line: number } & (
  | { readonly type: "constant"; readonly value: null | boolean | number | string }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "name"; readonly name: string }
  | { readonly type: "list" | "tuple" | "concat"; readonly items: readonly Expression[] }
  | { readonly type: "dict"; readonly pairs: readonly (readonly [Expression, Expression])[] }
  | { readonly type: "if"; readonly test: Expression; readonly yes: Expression; readonly no?: Expression }
  | { readonly type: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly type: "not" | "negative" | "positive"; readonly value: Expression }
  | {
      readonly type: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly type: "compare";
      readonly first: Expression;
      readonly rest: readonly (readonly [string, Expression])[];
    }
  | { readonly type: "attribute"; readonly of: Expression; readonly name: string }
  | { readonly type: "item"; readonly of: Expression; readonly key: Expression }
  | { readonly type: "slice"; readonly bounds: readonly (Expression | undefined)[] }
  | { readonly type: "call"; readonly of: Expression; readonly given: Arguments }
  | {
      readonly type: "filter" | "test";
      readonly of?: Expression;
      readonly name: string;
      readonly given: Arguments;
    }
);

export interface Arguments {
  readonly list: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
  readonly restList?: Expression;
  readonly restNamed?: Expression;
}

/** What can be assigned to: a name, some of them, or a namespace's attribute. */
export type Target =
  | { readonly type: "name"; readonly name: string }
  | { readonly type: "attribute"; readonly namespace: string; readonly name: string }
  | { readonly type: "tuple"; readonly items: readonly Target[] };

export interface Parameters {
  readonly names: readonly string[];
  /** Of the last of them. */
  readonly defaults: readonly Expression[];
}

export type Statement = { readonly line: number } & (
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "print"; readonly value: Expression }
  | { readonly type: "set"; readonly target: Target; readonly value: Expression }
  | { readonly type: "setBlock"; readonly target: Target; readonly filter?: Expression; readonly body: Body }
  | { readonly type: "if"; readonly test: Expression; readonly body: Body; readonly otherwise: Body }
  | {
      readonly type: "for";
      readonly target: Target;
      readonly over: Expression;
      readonly test?: Expression;
      readonly recursive: boolean;
      readonly body: Body;
      readonly otherwise: Body;
    }
  | { readonly type: "macro"; readonly name: string; readonly parameters: Parameters; readonly body: Body }
  | {
      readonly type: "callBlock";
      readonly parameters: Parameters;
      readonly call: Expression;
      readonly body: Body;
    }
  | { readonly type: "filterBlock"; readonly filter: Expression; readonly body: Body }
  | {
      readonly type: "with";
      readonly targets: readonly Target[];
      readonly values: readonly Expression[];
      readonly body: Body;
    }
  | { readonly type: "generation"; readonly body: Body }
  | { readonly type: "break" | "continue" }
);

export type Body = readonly Statement[];
