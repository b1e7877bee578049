/**
 * Answers held to JSON: what a request asks for → what the engine holds its tokens to.
 */
import type { EngineFacts } from "../../engine/engine.ts";
import type { Constraint, Grammar } from "../../engine/grammar/grammar.ts";
import { jsonObjectGrammar, jsonSchemaGrammar } from "../../engine/grammar/json-schema.ts";
import { type CanSpell, canSpellWith, type Spelling } from "../../engine/grammar/spelling.ts";
import { ModelError } from "../../errors.ts";
import { tokenBytes } from "../../formats/tokenizer/token-bytes.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";

export class JsonAnswers {
  readonly #facts: EngineFacts;
  readonly #tokenizer: Tokenizer;
  #vocabulary: { readonly spelling: Spelling; readonly canSpell: CanSpell } | undefined;
  #object: Grammar | undefined;

  constructor(facts: EngineFacts, tokenizer: Tokenizer) {
    [this.#facts, this.#tokenizer] = [facts, tokenizer];
  }

  /**
   * @param schema  left out, any object
   * @throws SchemaError where it is not kept to, ModelError where this model's answers cannot be held to anything
   */
  constraint(schema?: unknown): Constraint {
    const { constraints, eosIds } = this.#facts;
    if (constraints !== true)
      throw this.#cannot(
        "an engine that holds answers to a grammar",
        "one on a server, which samples by itself",
      );
    if (eosIds.length === 0) throw this.#cannot("a model with a token that ends an answer", "none");
    if (this.#vocabulary === undefined) {
      const spelling = tokenBytes(this.#tokenizer);
      this.#vocabulary = { spelling, canSpell: canSpellWith(spelling) };
    }
    const { spelling, canSpell } = this.#vocabulary;
    if (schema !== undefined) return { grammar: jsonSchemaGrammar(schema, canSpell), spelling };
    this.#object ??= jsonObjectGrammar(canSpell);
    return { grammar: this.#object, spelling };
  }

  #cannot(expected: string, got: string): ModelError {
    return new ModelError({
      where: this.#tokenizer.files.where,
      expected,
      got,
      next: "Leave response_format out, and say in the prompt what the answer should look like.",
    });
  }
}
