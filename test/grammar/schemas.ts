/** Ten schemas as people write them and as Pydantic and Zod print them. */
export const schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "a flat object, as Pydantic prints it": {
    title: "Person",
    type: "object",
    properties: {
      name: { title: "Name", type: "string", maxLength: 12 },
      age: { title: "Age", type: "integer", minimum: 0, maximum: 120 },
      email: { anyOf: [{ type: "string", minLength: 1, maxLength: 8 }, { type: "null" }], default: null },
    },
    required: ["name", "age"],
    additionalProperties: false,
  },
  "objects in objects": {
    type: "object",
    properties: {
      a: {
        type: "object",
        properties: { b: { type: "object", properties: { c: { type: "boolean" } }, required: ["c"] } },
        required: ["b"],
      },
    },
    required: ["a"],
  },
  "a choice of words": {
    enum: ["red", "redder", "green", "grün", "赤", 'a "quoted" one', 7, null],
  },
  "a list of objects, of bounded length": {
    type: "array",
    minItems: 2,
    maxItems: 4,
    items: {
      type: "object",
      properties: { id: { type: "integer" }, done: { type: "boolean" } },
      required: ["id"],
    },
  },
  "a tree that refers to itself": {
    $defs: {
      node: {
        type: "object",
        properties: {
          value: { type: "integer", minimum: -20, maximum: 9 },
          children: { type: "array", items: { $ref: "#/$defs/node" }, maxItems: 2 },
        },
        required: ["value", "children"],
        additionalProperties: false,
      },
    },
    $ref: "#/$defs/node",
  },
  "one of two kinds, told by a constant": {
    oneOf: [
      {
        type: "object",
        properties: { kind: { const: "cat" }, lives: { enum: [7, 9] } },
        required: ["kind", "lives"],
      },
      {
        type: "object",
        properties: { kind: { const: "dog" }, name: { type: "string", maxLength: 5 } },
        required: ["kind", "name"],
      },
    ],
  },
  "names and members in other scripts": {
    type: "object",
    properties: {
      größe: { type: "number", minimum: 0, maximum: 10 },
      名前: { enum: ["花子", "太郎"] },
      'with "quotes" and \\': { const: "\u2028\t" },
      __proto__x: { type: "null" },
    },
    required: ["größe", "名前", 'with "quotes" and \\', "__proto__x"],
  },
  "a pair, then numbers": {
    type: "array",
    prefixItems: [{ type: "string", maxLength: 3 }, { type: "boolean" }],
    items: { type: "number", exclusiveMinimum: -1.5, exclusiveMaximum: 3 },
    minItems: 2,
    maxItems: 5,
  },
  "a sum, of sums": {
    $defs: {
      sum: {
        anyOf: [
          { type: "integer", minimum: 0, maximum: 99 },
          {
            type: "array",
            prefixItems: [{ enum: ["+", "-"] }, { $ref: "#/$defs/sum" }, { $ref: "#/$defs/sum" }],
            items: false,
            minItems: 3,
          },
        ],
      },
    },
    anyOf: [{ $ref: "#/$defs/sum" }],
  },
  "a member of several types, left out or not": {
    type: "object",
    properties: {
      size: { type: ["integer", "boolean", "null"] },
      colour: { type: ["string", "null"], maxLength: 4 },
      shade: { type: "string", enum: ["light", "dark", 3] },
      at: { allOf: [{ type: "number", exclusiveMinimum: 0 }] },
    },
  },
};

/** Those whose answers may be of any length. */
export const unbounded: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "a map, with members that are said and others": {
    type: "object",
    properties: { id: { type: "integer", exclusiveMinimum: 5 }, ida: { type: "boolean" } },
    required: ["id"],
    additionalProperties: { type: ["number", "null"] },
  },
  "any object": { type: "object" },
};
