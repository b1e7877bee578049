/**
 * Tokens that a model can take: ids that it has, and room for them in its context.
 */
import { ContextError, EngineError } from "../errors.ts";
import type { EngineFacts, Sequence } from "./engine.ts";

type Room = Pick<EngineFacts, "vocabulary" | "contextLength">;

/**
 * @param path  of the model, for errors
 * @param more  tokens that are to follow
 * @throws EngineError where an id is none of the model's; ContextError where there is no room
 */
export function checkTokens(path: string, room: Room, tokens: Int32Array, more: number): void {
  const { vocabulary, contextLength } = room;
  if (tokens.length + more > contextLength)
    throw new ContextError({
      where: path,
      expected: `prompt and answer within the context of ${contextLength} tokens`,
      got: `${tokens.length} + ${more} tokens`,
      next: "Set max_prompt_length and max_completion_length so that they fit together.",
    });
  for (const token of tokens)
    if (token < 0 || token >= vocabulary)
      throw new EngineError({
        where: path,
        expected: `token ids from 0 to ${vocabulary - 1}`,
        got: `${token}`,
        next: "Encode the text with this model's own tokenizer.",
      });
}

export function checkSequences(path: string, room: Room, sequences: readonly Sequence[]): void {
  for (const { prompt, completion } of sequences) {
    checkTokens(path, room, prompt, completion.length);
    checkTokens(path, room, completion, 0);
  }
}
